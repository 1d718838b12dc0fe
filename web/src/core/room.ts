import type { Event, RoomState, UserId } from '../protocol';

/** Folds an event into what I know of a room. Events up to its head are in the server's numbers already. */
export function applyToRoom(room: RoomState, event: Event, me: UserId): RoomState {
  if (event.seq <= room.head) return room;
  const next: RoomState = { ...room, head: event.seq };
  switch (event.kind) {
    case 'posted':
      next.active_at = event.at;
      if (event.author === me) {
        next.read = event.seq;
        next.unread = 0;
      } else if (event.seq > room.read) {
        next.unread = room.unread + 1;
      }
      return next;
    case 'deleted':
      // Mine are never after my receipt: posting moved it there.
      if (event.target > room.read) next.unread = Math.max(0, room.unread - 1);
      return next;
    case 'joined':
      next.member_count = room.member_count + 1;
      if (event.user === me) next.role = event.role;
      return next;
    case 'left':
      next.member_count = Math.max(0, room.member_count - 1);
      if (event.user === me) delete next.role;
      return next;
    case 'role_changed':
      if (event.user === me) next.role = event.role;
      return next;
    case 'renamed':
      return { ...next, name: event.name };
    case 'topic_changed':
      return { ...next, topic: event.topic };
    case 'archived':
      return { ...next, archived: true };
    case 'restored':
      return { ...next, archived: false };
    default:
      return next;
  }
}
