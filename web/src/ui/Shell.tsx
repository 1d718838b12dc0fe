import { useSignalEffect } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { lastRoom } from '../core/client';
import { go, type ListName, type PanelName, route } from '../core/route';
import { fresh, rooms } from '../core/store';
import type { RoomId } from '../protocol';
import { Banners } from './Banners';
import { ConnectionStrip } from './ConnectionStrip';
import { Dialogs } from './Dialogs';
import { homeRoom } from './homeRoom';
import { lazy } from './lazy';
import { MembersPanel } from './MembersPanel';
import { MessageMenu } from './MessageMenu';
import { Nowhere } from './Nowhere';
import { ReactionPicker } from './Reactions';
import { RoomView } from './RoomView';
import { Sidebar } from './Sidebar';
import { onShortcut } from './shortcuts';
import { dialog, narrow } from './state';
import { ThreadPanel } from './ThreadPanel';
import { useIdle } from './useIdle';

const BrowseRooms = lazy(() => import('./BrowseRooms').then((m) => m.BrowseRooms));
const CatchUp = lazy(() => import('./lists').then((m) => m.CatchUp));
const Threads = lazy(() => import('./lists').then((m) => m.Threads));
const Drafts = lazy(() => import('./lists').then((m) => m.Drafts));
const SavedPage = lazy(() => import('./lists').then((m) => m.SavedPage));
const Mentions = lazy(() => import('./lists').then((m) => m.Mentions));
const Search = lazy(() => import('./search').then((m) => m.Search));
const Settings = lazy(() => import('./settings').then((m) => m.Settings));
const Admin = lazy(() => import('./admin').then((m) => m.Admin));
const PinsPanel = lazy(() => import('./panels').then((m) => m.PinsPanel));
const RoomPanel = lazy(() => import('./panels').then((m) => m.RoomPanel));

export function Shell() {
  // On wide screens there is always a room open; on a phone "/" is the list.
  useSignalEffect(() => {
    const r = route.value;
    if (r.at === 'person') {
      dialog.value = { show: 'profile', user: r.user };
      go('/', 'replace');
    }
    if (r.at !== 'home' || narrow.value) return;
    const room = homeRoom(rooms.value, lastRoom.get());
    if (room) go(`/r/${room}`, 'replace');
  });
  useEffect(() => {
    document.addEventListener('keydown', onShortcut);
    return () => document.removeEventListener('keydown', onShortcut);
  }, []);
  useIdle();

  const r = route.value;
  const panel = r.at === 'room' ? r.panel : undefined;
  const thread = r.at === 'room' ? r.thread : undefined;
  const close = () => r.at === 'room' && go(`/r/${r.room}`, 'replace');
  return (
    <div class={panel || thread !== undefined ? 'app has-panel' : 'app'} data-view={r.at === 'home' ? 'list' : 'room'}>
      {r.at === 'room' && <a class="skip" href="#composer" target="_self">Skip to the message field</a>}
      {r.at === 'settings' ? <Settings page={r.page} /> : r.at === 'admin' ? <Admin page={r.page} /> : (
        <>
          <Sidebar />
          <main class="main">
            <div class="lines"><ConnectionStrip /><Banners /></div>
            <Main />
          </main>
        </>
      )}
      {(panel || thread !== undefined) && r.at === 'room' && (
        <>
          {/* biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes too */}
          {/* biome-ignore lint/a11y/noStaticElementInteractions: the scrim */}
          <div class="cover" onClick={close} />
          {thread === undefined ? <Panel key={`${r.room} ${panel}`} name={panel!} room={r.room} close={close} /> : <ThreadPanel key={`${r.room} ${thread}`} room={r.room} root={thread} close={close} />}
        </>
      )}
      <ReactionPicker />
      <MessageMenu />
      <Dialogs />
    </div>
  );
}

function Main() {
  const r = route.value;
  switch (r.at) {
    case 'room':
      return <RoomView key={r.room} room={r.room} seq={r.seq} />;
    case 'rooms':
      return <BrowseRooms />;
    case 'list':
      return <List name={r.list} />;
    case 'search':
      return <Search q={r.q} best={r.best} />;
    case 'home':
    case 'person':
      return fresh.value && rooms.value.size === 0 ? <Nothing /> : <h1 class="sr">Chatter</h1>;
    default:
      return <Nowhere />;
  }
}

function List({ name }: { name: ListName }) {
  switch (name) {
    case 'catchup':
      return <CatchUp />;
    case 'threads':
      return <Threads />;
    case 'mentions':
      return <Mentions />;
    case 'saved':
      return <SavedPage />;
    case 'drafts':
      return <Drafts />;
  }
}

function Panel({ name, room, close }: { name: PanelName; room: RoomId; close(): void }) {
  switch (name) {
    case 'members':
      return <MembersPanel room={room} close={close} />;
    case 'pins':
      return <PinsPanel room={room} close={close} />;
    case 'settings':
      return <RoomPanel room={room} close={close} />;
  }
}

function Nothing() {
  return (
    <div class="page none">
      <div>
        <h1 class="h">No rooms yet</h1>
        <p>You are not in any room. Look at the open ones, or make your own.</p>
        <a class="btn p" href="/rooms">Browse rooms</a>
      </div>
    </div>
  );
}
