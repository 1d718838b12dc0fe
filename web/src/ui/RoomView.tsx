import { useEffect } from 'preact/hooks';
import { useSignal } from '@preact/signals';
import type { RoomId, RoomRole, RoomState, Seq } from '../protocol';
import { api, NoAnswerError, sentence } from '../core/api';
import { lastRoom } from '../core/client';
import { fresh, logOf, rooms, titleOf } from '../core/store';
import { Composer } from './Composer';
import { Nowhere } from './Nowhere';
import { RoomHeader } from './RoomHeader';
import { client, showToast } from './state';
import { Timeline } from './Timeline';

export function RoomView({ room: id, seq }: { room: RoomId; seq: Seq | undefined }) {
  const room = rooms.value.get(id);
  const missing = useSignal<'no' | 'gone' | 'unknown'>('no');
  const mine = room?.role !== undefined;
  const log = logOf(id).value;
  // Not mine, as far as the server has said: perhaps an open room that may be read.
  useEffect(() => {
    if (mine || !fresh.value) return;
    client().visit(id).then(
      () => { missing.value = 'no'; },
      (e: unknown) => { missing.value = e instanceof NoAnswerError ? 'unknown' : 'gone'; },
    );
  }, [id, mine, fresh.value, log === undefined]);
  useEffect(() => {
    client().show(id);
    return () => client().unvisit(id);
  }, [id]);
  useEffect(() => {
    if (mine) lastRoom.set(id);
  }, [id, mine]);

  if (!room) return missing.value === 'gone' ? <Nowhere /> : <h1 class="sr">Loading</h1>;
  return (
    <>
      <RoomHeader room={room} />
      <Timeline room={id} seq={seq} />
      {room.archived ? <Archived room={id} role={room.role} />
        : !mine ? <NotMine room={id} title={titleOf(room)} />
        : !mayPost(room) ? <div class="shut"><span>Only {WHO_POSTS[room.rules!.post!]} post here.</span></div>
        : <Composer key={id} room={room} />}
    </>
  );
}

const ORDER: readonly RoomRole[] = ['guest', 'member', 'moderator', 'owner'];
const WHO_POSTS: Record<RoomRole, string> = { guest: 'those who belong here', member: 'members', moderator: 'moderators and owners', owner: 'owners' };

/** As the room's rules say; the server has the last word. */
const mayPost = (room: RoomState): boolean => ORDER.indexOf(room.role ?? 'guest') >= ORDER.indexOf(room.rules?.post ?? 'guest');

function Archived({ room, role }: { room: RoomId; role: string | undefined }) {
  const reopen = () => api.changeRoom(room, { archived: false }).catch((e: unknown) => showToast({ text: sentence(e) }));
  return (
    <div class="shut">
      <span>This room is archived. It can be read, not written.</span>
      {(role === 'owner' || role === 'moderator') && <button type="button" class="btn o sm" onClick={() => void reopen()}>Reopen</button>}
    </div>
  );
}

function NotMine({ room, title }: { room: RoomId; title: string }) {
  const join = () => api.join(room).catch((e: unknown) => showToast({ text: sentence(e) }));
  return (
    <div class="shut">
      <span>You are reading {title} without belonging to it.</span>
      <button type="button" class="btn p sm" onClick={() => void join()}>Join {title}</button>
    </div>
  );
}
