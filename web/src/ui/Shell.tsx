import { useSignalEffect } from '@preact/signals';
import { lastRoom } from '../core/client';
import { go, route } from '../core/route';
import { fresh, rooms } from '../core/store';
import { BrowseRooms } from './BrowseRooms';
import { ConnectionStrip } from './ConnectionStrip';
import { Dialogs } from './Dialogs';
import { homeRoom } from './homeRoom';
import { MembersPanel } from './MembersPanel';
import { Nowhere } from './Nowhere';
import { ReactionPicker } from './Reactions';
import { RoomView } from './RoomView';
import { Sidebar } from './Sidebar';
import { narrow } from './state';
import { ThreadPanel } from './ThreadPanel';

export function Shell() {
  // On wide screens there is always a room open; on a phone "/" is the list.
  useSignalEffect(() => {
    if (route.value.at !== 'home' || narrow.value) return;
    const room = homeRoom(rooms.value, lastRoom.get());
    if (room) go(`/r/${room}`, 'replace');
  });

  const r = route.value;
  const panel = r.at === 'room' && r.panel ? r.panel : undefined;
  const thread = r.at === 'room' ? r.thread : undefined;
  const close = () => r.at === 'room' && go(`/r/${r.room}`, 'replace');
  return (
    <div class={panel || thread !== undefined ? 'app has-panel' : 'app'} data-view={r.at === 'home' ? 'list' : 'room'}>
      {r.at === 'room' && <a class="skip" href="#composer" target="_self">Skip to the message field</a>}
      <Sidebar />
      <main class="main">
        <ConnectionStrip />
        {r.at === 'room' ? <RoomView key={r.room} room={r.room} seq={r.seq} />
          : r.at === 'rooms' ? <BrowseRooms />
          : r.at === 'home' ? (fresh.value && rooms.value.size === 0 ? <Nothing /> : <h1 class="sr">Chatter</h1>)
          : <Nowhere />}
      </main>
      {(panel || thread !== undefined) && r.at === 'room' && (
        <>
          {/* biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes too */}
          {/* biome-ignore lint/a11y/noStaticElementInteractions: the scrim */}
          <div class="cover" onClick={close} />
          {thread === undefined ? <MembersPanel key={r.room} room={r.room} close={close} /> : <ThreadPanel key={`${r.room} ${thread}`} room={r.room} root={thread} close={close} />}
        </>
      )}
      <ReactionPicker />
      <Dialogs />
    </div>
  );
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
