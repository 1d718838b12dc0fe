import { signal, useComputed } from '@preact/signals';
import type { RoomState } from '../protocol';
import { remember, remembered } from '../core/client';
import { reminders, saved, scheduled } from '../core/kept';
import { listOf, type Part } from '../core/list';
import { quiet, sections, unreadOf } from '../core/personal';
import { route } from '../core/route';
import { drafts, forMe, link, live, me, others, presence, rooms, seenIn, server, threads, titleOf } from '../core/store';
import { Avatar } from './Avatar';
import { Icon, type IconName, Logo } from './Icon';
import { sectionMenu, teamMenu } from './menus';
import { Menu } from './Menu';
import { dialog, isApple, narrow } from './state';
import { statusLine } from './words';

const FOLDED = 'chatter.folded';
/** Sections of which only what is unread is shown, on this device. */
const folded = signal<ReadonlySet<string>>(new Set((remembered(FOLDED) ?? '').split(' ').filter(Boolean)));

function fold(key: string): void {
  const next = new Set(folded.peek());
  if (!next.delete(key)) next.add(key);
  folded.value = next;
  remember(FOLDED, [...next].join(' '));
}

export function Sidebar() {
  const parts = useComputed(() => listOf(rooms.value.values(), sections.value, titleOf));
  const guest = me.value?.role === 'guest';
  // On a phone the list is the page.
  const page = narrow.value && route.value.at === 'home';
  const Tag = page ? 'main' : 'aside';
  const Name = page ? 'h1' : 'b';
  return (
    <Tag class="side" aria-label="Rooms and people">
      <div class="ws">
        <Logo />
        <Name>{server.value?.name ?? 'Chatter'}</Name>
        {!guest && <Menu label="Team menu" icon="down_small" items={teamMenu()} />}
        {!guest && <button type="button" class="ib" aria-label="New message" onClick={() => { dialog.value = { show: 'converse' }; }}><Icon name="pencil" /></button>}
      </div>
      <button type="button" class="jumpto" onClick={() => { dialog.value = { show: 'palette' }; }} aria-keyshortcuts={isApple ? 'Meta+K' : 'Control+K'}>
        <Icon name="search" size="s" /><span>Jump or search</span><span class="kbd" aria-hidden="true">{isApple ? '⌘ K' : 'Ctrl K'}</span>
      </button>
      <nav class="rooms" aria-label="Rooms">
        <Overviews />
        {parts.value.map((part) => <Section key={part.key} part={part} guest={guest} />)}
        <a class="it more" href="/rooms" aria-current={route.value.at === 'rooms' ? 'page' : undefined}><Icon name="compass" /><span class="n">Browse rooms</span></a>
      </nav>
      <Me />
      <Tabs />
    </Tag>
  );
}

/** What waits, in all rooms at once. */
function Overviews() {
  const r = route.value;
  const at = r.at === 'list' ? r.list : undefined;
  const mine = [...rooms.value.values()].filter((it) => it.role && !it.archived);
  const unread = mine.reduce((n, it) => n + (quiet(it) ? 0 : it.unread), 0);
  const followed = [...threads.value.values()].some((it) => it.follows && it.unread > 0);
  const mentioned = mine.reduce((n, it) => n + (it.kind === 'direct' ? 0 : (it.mentions ?? 0)), 0);
  const begun = [...drafts.value.keys()].filter((it) => rooms.value.get(it.split('/')[0]!)?.role).length + scheduled.value.length;
  const failed = scheduled.value.some((it) => it.failed);
  const due = reminders.value.filter((it) => it.due).length;
  return (
    <ul>
      <Overview path="/catchup" icon="inbox" name="Catch up" current={at === 'catchup'} unread={unread > 0}>{unread > 0 && <><span class="cnt q">{unread > 99 ? '99+' : unread}</span><span class="sr"> unread</span></>}</Overview>
      <Overview path="/threads" icon="thread" name="Threads" current={at === 'threads'} unread={followed}>{followed && <><span class="dot" /><span class="sr">, unread</span></>}</Overview>
      <Overview path="/mentions" icon="at" name="Mentions" current={at === 'mentions'} unread={mentioned > 0}>{mentioned > 0 && <><span class="cnt">{mentioned > 99 ? '99+' : mentioned}</span><span class="sr"> unread</span></>}</Overview>
      {(begun > 0 || failed) && <Overview path="/drafts" icon="pencil" name="Drafts" current={at === 'drafts'} unread={failed}>{failed ? <><span class="dot" /><span class="sr">, not sent</span></> : <small class="qn">{begun}</small>}</Overview>}
      {(saved.value.length > 0 || reminders.value.length > 0) && <Overview path="/saved" icon="bookmark" name="Saved" current={at === 'saved'} unread={due > 0}>{due > 0 && <><span class="cnt">{due}</span><span class="sr"> due</span></>}</Overview>}
    </ul>
  );
}

function Overview({ path, icon, name, current, unread, children }: { path: string; icon: IconName; name: string; current: boolean; unread: boolean; children: preact.ComponentChildren }) {
  return <li><a class={unread ? 'it unread' : 'it'} href={path} aria-current={current ? 'page' : undefined}><Icon name={icon} /><span class="n">{name}</span>{children}</a></li>;
}

function Section({ part, guest }: { part: Part; guest: boolean }) {
  const shut = folded.value.has(part.key);
  const r = route.value;
  const shown = shut ? part.rooms.filter((it) => unreadOf(it).dot || unreadOf(it).forMe > 0 || (r.at === 'room' && r.room === it.id)) : part.rooms;
  if (part.key === 'directs' && guest && part.rooms.length === 0) return null;
  return (
    <>
      <div class="sec">
        <h2><button type="button" aria-expanded={!shut} onClick={() => fold(part.key)}>{part.name}{shut && <Icon name="down_small" size="s" />}</button></h2>
        {part.key === 'rooms' && !guest && <button type="button" class="ib" aria-label="Add a room" onClick={() => { dialog.value = { show: 'add_room' }; }}><Icon name="plus" size="s" /></button>}
        {part.key === 'directs' && !guest && <button type="button" class="ib" aria-label="Start a conversation" onClick={() => { dialog.value = { show: 'converse' }; }}><Icon name="plus" size="s" /></button>}
        {sections.value.some((s) => s.id === part.key) && <Menu label={`Section ${part.name}`} small items={sectionMenu(part.key)} />}
      </div>
      <ul>{shown.map((it) => <RoomItem key={it.id} room={it} />)}</ul>
    </>
  );
}

function RoomItem({ room }: { room: RoomState }) {
  const r = route.value;
  const current = r.at === 'room' && r.room === room.id;
  const direct = room.kind === 'direct';
  const people = others(room);
  const here = direct && people.length === 1 && live.value ? seenIn(presence.value.get(room.id), people[0]!) : undefined;
  const { dot, forMe } = unreadOf(room);
  const unread = dot || forMe > 0;
  return (
    <li>
      <a class={['it', unread && 'unread', room.muted && 'muted'].filter(Boolean).join(' ')} href={`/r/${room.id}`} aria-current={current ? 'page' : undefined}>
        {direct && people.length === 1 ? <Avatar user={people[0]!} size={22} here={here} /> : <Icon name={iconOf(room)} />}
        <span class="n">{titleOf(room)}</span>
        {here && here !== 'gone' && <span class="sr">, {SEEN[here]}</span>}
        {room.muted && <><Icon name="mute" size="s" class="draft" /><span class="sr">, muted</span></>}
        {drafts.value.has(room.id) && !current && <><Icon name="pencil" size="s" class="draft" /><span class="sr">, draft</span></>}
        {unread && (forMe > 0
          ? <><span class="cnt">{forMe > 99 ? '99+' : forMe}</span><span class="sr"> {direct ? 'unread' : 'for you, unread'}</span></>
          : <><span class="dot" /><span class="sr">, unread</span></>)}
      </a>
    </li>
  );
}

export const SEEN = { here: 'here now', away: 'away', dnd: 'does not want to be disturbed' } as const;

/** Where only those who lead may speak, it is an announcement. */
export const iconOf = (room: Pick<RoomState, 'kind' | 'rules'>): IconName =>
  room.kind === 'direct' ? 'people' : room.kind === 'closed' ? 'lock' : room.rules?.post === 'moderator' || room.rules?.post === 'owner' ? 'mega' : 'hash';

function Me() {
  const user = me.value;
  if (!user) return null;
  const status = live.value ? (user.role === 'guest' ? 'Guest' : statusLine(user) || user.title || '@' + user.handle) : link.value.state === 'connecting' ? 'Connecting…' : 'Offline';
  return (
    <div class="me">
      <button type="button" class="who-me" title="Set your status" onClick={() => { dialog.value = user.role === 'guest' ? { show: 'profile', user: user.id } : { show: 'status' }; }}>
        <Avatar user={user.id} size={32} here={live.value ? 'here' : 'gone'} />
        <span><b>{user.name}</b><small>{status}</small><span class="sr">, set your status</span></span>
      </button>
      <a class="ib" aria-label="Settings" href="/settings/profile"><Icon name="settings" /></a>
    </div>
  );
}

/** The bottom of a phone's top-level views. */
export function Tabs() {
  const r = route.value;
  return (
    <nav class="tabs" aria-label="Main">
      <a href="/" aria-current={r.at === 'home' ? 'page' : undefined}><Icon name="home" size="l" />Rooms{forMe.value > 0 && <><span class="cnt">{forMe.value > 99 ? '99+' : forMe.value}</span><span class="sr"> for you</span></>}</a>
      <a href="/catchup" aria-current={r.at === 'list' && r.list === 'catchup' ? 'page' : undefined}><Icon name="inbox" size="l" />Catch up</a>
      <a href="/search" aria-current={r.at === 'search' ? 'page' : undefined}><Icon name="search" size="l" />Search</a>
      <a href="/settings/profile" aria-current={r.at === 'settings' ? 'page' : undefined}><Icon name="person" size="l" />You</a>
    </nav>
  );
}
