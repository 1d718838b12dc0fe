import { useEffect } from 'preact/hooks';
import type { RoomState } from '../protocol';
import { api, sentence } from '../core/api';
import { go, route } from '../core/route';
import { live, me, members, others, presence, titleOf, users } from '../core/store';
import { Avatar } from './Avatar';
import { Icon } from './Icon';
import { Menu, type MenuItem } from './Menu';
import { client, copy, dialog, showToast } from './state';
import { count } from './words';

const FACES = 3;

export function RoomHeader({ room }: { room: RoomState }) {
  const direct = room.kind === 'direct';
  const people = others(room);
  const here = live.value ? presence.value.get(room.id) : undefined;
  const r = route.value;
  const open = r.at === 'room' && r.panel === 'members';
  // Guests see whoever speaks; the list of members is not theirs.
  const listed = me.value?.role !== 'guest';
  useEffect(() => {
    if (!direct && room.role && listed) void client().loadMembers(room.id).catch(() => {});
  }, [room.id, room.role, listed]);
  const list = members.value.get(room.id);
  // Those who are here first: that is who would answer.
  const faces = (direct ? people : (list ?? []).map((m) => m.user)).toSorted((a, b) => Number(here?.users?.includes(b) ?? 0) - Number(here?.users?.includes(a) ?? 0)).slice(0, FACES);
  const sub = direct && people.length === 1
    ? (here ? (here.users?.includes(people[0]!) ? 'Here now' : 'Not here now') : '')
    : count(room.member_count, 'person', 'people') + (here ? ` · ${here.count} here now` : '');
  const panel = `/r/${room.id}/members`;
  return (
    <header class="hd">
      <a class="ib only-phone" href="/" aria-label="Back to rooms"><Icon name="back" size="l" /></a>
      <div class="ttl">
        {direct && people.length === 1 ? <span class="no-phone"><Avatar user={people[0]!} size={22} /></span> : <Icon class="no-phone" name={direct ? 'people' : room.kind === 'closed' ? 'lock' : 'hash'} />}
        <div><h1>{titleOf(room)}</h1><span class="sub only-phone">{sub}</span></div>
        {direct ? people.length === 1 && <span class="topic no-phone">{users.value.get(people[0]!)?.about || sub}</span> : room.topic && <span class="topic no-phone">{room.topic}</span>}
      </div>
      {listed && (
        <button type="button" class="mem no-phone" aria-expanded={open} onClick={() => go(open ? `/r/${room.id}` : panel, open ? 'replace' : 'push')}>
          <span class="stack">{faces.map((u) => <Avatar key={u} user={u} size={22} />)}</span>
          {room.member_count}<span class="sr"> members{here ? `, ${here.count} here now` : ''}</span>
        </button>
      )}
      <Menu label="Room menu" items={menuOf(room, panel)} />
    </header>
  );
}

function menuOf(room: RoomState, panel: string): MenuItem[] {
  const items: MenuItem[] = me.value?.role === 'guest' ? [] : [{ icon: 'people', text: 'Members', run: () => go(panel) }];
  const leads = room.role === 'owner' || room.role === 'moderator' || me.value?.role === 'owner' || me.value?.role === 'admin';
  if (room.role && room.unread > 0) items.push({ icon: 'check', text: 'Mark as read', run: () => client().read(room.id, room.head) });
  if (room.kind !== 'direct' && room.role && leads && !room.archived) {
    items.push({ icon: 'invite', text: 'Add people', run: () => { dialog.value = { show: 'add_people', room: room.id }; } });
    items.push({ icon: 'pencil', text: 'Name and topic', run: () => { dialog.value = { show: 'room', room: room.id }; } });
  }
  items.push({ icon: 'copy', text: 'Copy link', run: () => void copy(`${location.origin}/r/${room.id}`, 'Link copied') });
  const ask = (doing: Promise<unknown>) => void doing.catch((e: unknown) => showToast({ text: sentence(e) }));
  if (room.kind !== 'direct' && room.role) {
    if (leads) items.push({ icon: 'archive', text: room.archived ? 'Reopen' : 'Archive', run: () => ask(api.changeRoom(room.id, { archived: !room.archived })) });
    items.push({ icon: 'leave', text: 'Leave the room', bad: true, run: () => ask(api.leave(room.id)) });
  }
  return items;
}
