import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { Member, RoomId } from '../protocol';
import { api, sentence } from '../core/api';
import { go } from '../core/route';
import { live, me, members, nameOf, presence, rooms, type Seen, seenIn, users } from '../core/store';
import { Avatar } from './Avatar';
import { Icon } from './Icon';
import { Menu, type MenuItem } from './Menu';
import { client, dialog, showToast } from './state';
import { ROLE, statusLine } from './words';

export function MembersPanel({ room: id, close }: { room: RoomId; close(): void }) {
  const query = useSignal('');
  const heading = useRef<HTMLHeadingElement>(null);
  const room = rooms.value.get(id);
  useEffect(() => {
    void client().loadMembers(id).catch((e: unknown) => showToast({ text: sentence(e) }));
    heading.current?.focus();
  }, [id]);
  const now = live.value ? presence.value.get(id) : undefined;
  const seen = (m: Member) => seenIn(now, m.user);
  const q = query.value.trim().toLowerCase();
  const all = (members.value.get(id) ?? [])
    .filter((m) => !q || nameOf(m.user).toLowerCase().includes(q) || users.value.get(m.user)?.handle?.startsWith(q))
    .toSorted((a, b) => nameOf(a.user).localeCompare(nameOf(b.user)));
  const groups: [string, Member[]][] = now?.users
    ? [['Here now', all.filter((m) => seen(m) === 'here' || seen(m) === 'dnd')], ['Away', all.filter((m) => seen(m) === 'away')], ['Not here now', all.filter((m) => seen(m) === 'gone')]]
    : [['Members', all]];
  const leads = room?.role === 'owner' || room?.role === 'moderator';
  return (
    <aside class="panel" aria-label="Members" onKeyDown={(e) => { if (e.key === 'Escape') close(); }}>
      <header class="hd">
        <div class="ttl"><h2 ref={heading} tabIndex={-1}>Members</h2></div>
        {leads && room?.kind !== 'direct' && !room?.archived && <button type="button" class="ib" aria-label="Add people" onClick={() => { dialog.value = { show: 'add_people', room: id }; }}><Icon name="invite" /></button>}
        <button type="button" class="ib" aria-label="Close members" onClick={close}><Icon name="close" /></button>
      </header>
      <div class="body">
        {all.length + q.length > 8 && <div class="find"><div class="inp"><input value={query.value} aria-label="Find a member" placeholder="Find a member" onInput={(e) => { query.value = e.currentTarget.value; }} /></div></div>}
        {groups.filter(([, list]) => list.length > 0).map(([name, list]) => (
          <section key={name} aria-label={name}>
            <h3 class="g">{name} · {list.length}</h3>
            <ul class="rows">{list.map((m) => <Person key={m.user} member={m} room={id} here={seen(m)} />)}</ul>
          </section>
        ))}
      </div>
    </aside>
  );
}

function Person({ member, room: id, here }: { member: Member; room: RoomId; here: Seen | undefined }) {
  const user = users.value.get(member.user);
  const room = rooms.value.get(id);
  const self = member.user === me.value?.id;
  const items: MenuItem[] = [];
  const ask = (doing: Promise<unknown>) => void doing.catch((e: unknown) => showToast({ text: sentence(e) }));
  if (!self && me.value?.role !== 'guest' && user?.role !== 'guest') {
    items.push({ icon: 'pencil', text: 'Message', run: () => ask(api.openDirect([member.user]).then((r) => { client().welcomeRoom(r); go(`/r/${r.id}`); })) });
  }
  if (!self && room && room.kind !== 'direct' && !room.archived) {
    if (room.role === 'owner' && member.role !== 'owner') {
      const next = member.role === 'moderator' ? 'member' : 'moderator';
      items.push({ icon: 'people', text: next === 'moderator' ? 'Make moderator' : 'Make member', run: () => ask(api.putMember(id, member.user, next)) });
    }
    if (room.role === 'owner' || (room.role === 'moderator' && member.role !== 'owner')) {
      items.push({ icon: 'mute', text: 'Ban from the room…', bad: true, run: () => { dialog.value = { show: 'ban', room: id, user: member.user }; } });
      items.push({ icon: 'leave', text: 'Remove from the room', bad: true, run: () => ask(api.removeMember(id, member.user)) });
    }
  }
  return (
    <li>
      <Avatar user={member.user} size={32} here={here} />
      <button type="button" class="n plain" onClick={() => { dialog.value = { show: 'profile', user: member.user }; }}><b>{user?.name ?? '…'}{self && ' (you)'}</b><small>{(user && statusLine(user)) || user?.title || (user?.handle ? '@' + user.handle : 'Guest')}</small></button>
      {member.role !== 'member' && <span class="tag">{ROLE[member.role]}</span>}
      {items.length > 0 && <Menu label={`Actions for ${user?.name ?? 'this person'}`} items={items} />}
    </li>
  );
}
