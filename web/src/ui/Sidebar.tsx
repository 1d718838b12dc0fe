import { useComputed } from '@preact/signals';
import type { RoomState } from '../protocol';
import { route } from '../core/route';
import { drafts, forMe, link, live, me, others, presence, rooms, server, titleOf } from '../core/store';
import { Avatar } from './Avatar';
import { Icon, Logo } from './Icon';
import { dialog, narrow } from './state';

const byTitle = new Intl.Collator(undefined, { sensitivity: 'base', numeric: true });

export function Sidebar() {
  const lists = useComputed(() => {
    const mine = [...rooms.value.values()].filter((r) => r.role);
    return {
      rooms: mine.filter((r) => r.kind !== 'direct' && !r.archived).sort((a, b) => byTitle.compare(a.name, b.name)),
      archived: mine.filter((r) => r.kind !== 'direct' && r.archived).sort((a, b) => byTitle.compare(a.name, b.name)),
      directs: mine.filter((r) => r.kind === 'direct').sort((a, b) => byTitle.compare(titleOf(a), titleOf(b))),
    };
  });
  const guest = me.value?.role === 'guest';
  const { rooms: named, archived, directs } = lists.value;
  // On a phone the list is the page.
  const page = narrow.value && route.value.at === 'home';
  const Tag = page ? 'main' : 'aside';
  const Name = page ? 'h1' : 'b';
  return (
    <Tag class="side" aria-label="Rooms and people">
      <div class="ws">
        <Logo />
        <Name>{server.value?.name ?? 'Chatter'}</Name>
        {!guest && <button type="button" class="ib" aria-label="New message" onClick={() => { dialog.value = { show: 'converse' }; }}><Icon name="pencil" /></button>}
      </div>
      <nav class="rooms" aria-label="Rooms">
        <a class="it" href="/rooms" aria-current={route.value.at === 'rooms' ? 'page' : undefined}><Icon name="compass" /><span class="n">Browse rooms</span></a>
        {!guest && <button type="button" class="it" onClick={() => { dialog.value = { show: 'invite' }; }}><Icon name="invite" /><span class="n">Invite people</span></button>}
        <div class="sec"><h2>Rooms</h2>{!guest && <button type="button" class="ib" aria-label="Add a room" onClick={() => { dialog.value = { show: 'add_room' }; }}><Icon name="plus" size="s" /></button>}</div>
        <ul>{named.map((r) => <RoomItem key={r.id} room={r} />)}</ul>
        {(!guest || directs.length > 0) && <div class="sec"><h2>Direct messages</h2>{!guest && <button type="button" class="ib" aria-label="Start a conversation" onClick={() => { dialog.value = { show: 'converse' }; }}><Icon name="plus" size="s" /></button>}</div>}
        <ul>{directs.map((r) => <RoomItem key={r.id} room={r} />)}</ul>
        {archived.length > 0 && <><div class="sec"><h2>Archived</h2></div><ul>{archived.map((r) => <RoomItem key={r.id} room={r} />)}</ul></>}
      </nav>
      <Me />
      <nav class="tabs" aria-label="Main">
        <a href="/" aria-current={route.value.at === 'home' ? 'page' : undefined}><Icon name="home" size="l" />Rooms{forMe.value > 0 && <span class="cnt">{forMe.value}</span>}</a>
        <a href="/rooms"><Icon name="compass" size="l" />Browse</a>
        <button type="button" onClick={() => { dialog.value = { show: 'settings' }; }}><Icon name="person" size="l" />You</button>
      </nav>
    </Tag>
  );
}

function RoomItem({ room }: { room: RoomState }) {
  const r = route.value;
  const current = r.at === 'room' && r.room === room.id;
  const direct = room.kind === 'direct';
  const people = others(room);
  const here = direct && people.length === 1 && live.value ? presence.value.get(room.id)?.users?.includes(people[0]!) ?? false : undefined;
  const unread = room.unread > 0;
  const forMe = direct ? room.unread : (room.mentions ?? 0);
  return (
    <li>
      <a class={unread ? 'it unread' : 'it'} href={`/r/${room.id}`} aria-current={current ? 'page' : undefined}>
        {direct && people.length === 1 ? <Avatar user={people[0]!} size={22} here={here} /> : <Icon name={direct ? 'people' : room.kind === 'closed' ? 'lock' : 'hash'} />}
        <span class="n">{titleOf(room)}</span>
        {here && <span class="sr">, here now</span>}
        {drafts.value.has(room.id) && !current && <><Icon name="pencil" size="s" class="draft" /><span class="sr">, draft</span></>}
        {unread && (forMe > 0
          ? <><span class="cnt">{forMe > 99 ? '99+' : forMe}</span><span class="sr"> {direct ? 'unread' : 'for you, unread'}</span></>
          : <><span class="dot" /><span class="sr">, unread</span></>)}
      </a>
    </li>
  );
}

function Me() {
  const user = me.value;
  if (!user) return null;
  const status = live.value ? (user.role === 'guest' ? 'Guest' : user.about || '@' + user.handle) : link.value.state === 'connecting' ? 'Connecting…' : 'Offline';
  return (
    <div class="me">
      <Avatar user={user.id} size={32} here={live.value} />
      <div><b>{user.name}</b><small>{status}</small></div>
      <button type="button" class="ib" aria-label="Settings" onClick={() => { dialog.value = { show: 'settings' }; }}><Icon name="settings" /></button>
    </div>
  );
}
