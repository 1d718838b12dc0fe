import type { RoomId } from '../protocol';
import { go } from '../core/route';
import { nameOf, others, rooms, titleOf } from '../core/store';
import type { Row } from './rows';
import { dialog } from './state';
import { date, day, systemLine, time } from './words';

/** Everything in the timeline that nobody said. */
export function OtherRow({ row, room, edge, retry }: { row: Exclude<Row, { t: 'message' }>; room: RoomId; edge: { value: string }; retry(): void }) {
  switch (row.t) {
    case 'intro':
      return <Intro room={room} />;
    case 'edge':
      return (
        <li class="edge">
          {edge.value === 'failed' ? <>Could not load older messages. <button type="button" onClick={retry}>Try again</button></> : edge.value === 'loading' && 'Loading older messages…'}
        </li>
      );
    case 'day':
      return <li class="day"><span>{day(row.at)}</span></li>;
    case 'new':
      return <li class="new">{row.count > 0 ? `${row.count} new` : 'New'}</li>;
    case 'system':
      return (
        <li class="sys" data-seq={row.last}>
          <span>{systemLine(row.message, nameOf, row.who ? row.who.split(' ') : [])}</span>
          <time dateTime={new Date(row.message.at).toISOString()}>{time(row.message.at)}</time>
        </li>
      );
  }
}

function Intro({ room: id }: { room: RoomId }) {
  const room = rooms.value.get(id);
  if (!room) return <li />;
  const leads = room.role === 'owner' || room.role === 'moderator';
  if (room.kind === 'direct') {
    return (
      <li class="intro">
        <h2>{titleOf(room)}</h2>
        <p>{others(room).length ? 'Only the two of you, or the few of you, can read this.' : 'Only you can read this.'}</p>
      </li>
    );
  }
  return (
    <li class="intro">
      <h2>{room.name}</h2>
      <p>{nameOf(room.created_by)} made this {room.kind === 'open' ? 'open' : 'closed'} room on {date(room.created_at)}.{room.topic && ` ${room.topic}`}</p>
      {room.role && !room.archived && (
        <div class="acts">
          {leads && <button type="button" class="btn o sm" onClick={() => { dialog.value = { show: 'add_people', room: id }; }}>Add people</button>}
          {leads && !room.topic && <button type="button" class="btn o sm" onClick={() => { go(`/r/${id}/settings`); }}>Set a topic</button>}
          <button type="button" class="btn o sm" onClick={() => document.getElementById('composer')?.focus()}>Say hello</button>
        </div>
      )}
    </li>
  );
}
