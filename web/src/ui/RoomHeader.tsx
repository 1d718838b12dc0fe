import { useEffect } from 'preact/hooks';
import type { RoomState } from '../protocol';
import { go, route } from '../core/route';
import { live, me, members, others, presence, rooms, seenIn, titleOf, users } from '../core/store';
import { Avatar } from './Avatar';
import { Icon } from './Icon';
import { Menu } from './Menu';
import { roomMenu } from './menus';
import { iconOf, SEEN } from './Sidebar';
import { client, dialog } from './state';
import { count, localTime, statusLine } from './words';

const FACES = 3;

export function RoomHeader({ room }: { room: RoomState }) {
  const direct = room.kind === 'direct';
  const people = others(room);
  const other = direct && people.length === 1 ? people[0] : undefined;
  const here = live.value ? presence.value.get(room.id) : undefined;
  const r = route.value;
  const panel = r.at === 'room' ? r.panel : undefined;
  // Guests see whoever speaks; the list of members is not theirs.
  const listed = me.value?.role !== 'guest';
  useEffect(() => {
    if (!direct && room.role && listed) void client().loadMembers(room.id).catch(() => {});
  }, [room.id, room.role, listed]);
  const list = members.value.get(room.id);
  // Those who are here first: that is who would answer.
  const faces = (direct ? people : (list ?? []).map((m) => m.user)).toSorted((a, b) => Number(here?.users?.includes(b) ?? 0) - Number(here?.users?.includes(a) ?? 0)).slice(0, FACES);
  const toggle = (name: 'members' | 'pins') => go(panel === name ? `/r/${room.id}` : `/r/${room.id}/${name}`, panel === undefined ? 'push' : 'replace');
  const sub = other !== undefined ? aboutOther(room, other) : count(room.member_count, 'person', 'people') + (here ? ` · ${here.count} here now` : '');
  const title = <h1>{titleOf(room)}</h1>;
  return (
    <header class="hd">
      <a class="ib only-phone" href="/" aria-label="Back to rooms"><Icon name="back" size="l" /></a>
      <div class="ttl">
        {other !== undefined ? <span class="no-phone"><Avatar user={other} size={22} here={seenIn(here, other)} /></span> : <Icon class="no-phone" name={iconOf(room)} />}
        <div>
          {other !== undefined ? <button type="button" class="plain" onClick={() => { dialog.value = { show: 'profile', user: other }; }}>{title}</button> : title}
          <span class="sub only-phone">{sub}</span>
        </div>
        {room.starred && <Icon name="star" size="s" class="starred" />}
        {direct ? other !== undefined && <span class="topic no-phone">{sub}</span> : room.topic && <span class="topic no-phone">{room.topic}</span>}
      </div>
      {listed && (
        <button type="button" class="mem no-phone" aria-expanded={panel === 'members'} onClick={() => toggle('members')}>
          <span class="stack">{faces.map((u) => <Avatar key={u} user={u} size={22} />)}</span>
          {room.member_count}<span class="sr"> members{here ? `, ${here.count} here now` : ''}</span>
        </button>
      )}
      <button type="button" class="ib no-phone" aria-label="Pinned" title="Pinned" aria-expanded={panel === 'pins'} onClick={() => toggle('pins')}><Icon name="pin" /></button>
      <a class="ib" aria-label="Search in this room" title="Search in this room" href={searchPath(room)}><Icon name="search" /></a>
      <Menu label="Room menu" items={roomMenu(room)} />
    </header>
  );
}

/** The room by its name where it has one that can be typed, else by its id. */
export function searchPath(room: RoomState): string {
  const word = room.kind !== 'direct' && !/\s/.test(room.name) && ![...rooms.peek().values()].some((r) => r.id !== room.id && r.name === room.name) ? room.name : room.id;
  return `/search?q=${encodeURIComponent(`in:#${word} `)}`;
}

function aboutOther(room: RoomState, id: string): string {
  const user = users.value.get(id);
  const seen = live.value ? seenIn(presence.value.get(room.id), id) : undefined;
  const now = seen === undefined ? '' : seen === 'gone' ? 'Not here now' : seen === 'here' ? 'Here now' : SEEN[seen];
  const said = user && statusLine(user);
  return [now, said, user?.time_zone ? localTime(user.time_zone) : ''].filter(Boolean).join(' · ');
}
