import type { Event, Message, Reference, RoomState, UserId } from '../protocol';
import { isLine } from './amend';

/** Whether it speaks to me, as far as it says so itself: which groups I am in, and which words I wait for, only the server knows. */
export const concerns = (refs: readonly Reference[] | undefined, me: UserId): boolean =>
  refs?.some((it) => (it.is === 'user' && it.id === me) || it.is === 'here' || it.is === 'everyone') ?? false;

/** A message that is unread to me, and one that speaks to me. */
export const countsFor = (m: Message | Event, me: UserId) => ({
  unread: m.kind === 'posted' && m.author !== me && isLine(m),
  // What is said to me in a thread alone waits there.
  mention: m.kind === 'posted' && m.author !== me && isLine(m) && concerns(m.refs, me),
});

/** How many of them speak to me; none is not said. */
export function withMentions(room: RoomState, mentions: number): RoomState {
  const { mentions: _, ...rest } = room;
  return mentions > 0 ? { ...rest, mentions } : rest;
}

/**
 * Folds an event into what I know of a room. Events up to its head are in the server's numbers already. `held` is the message it is
 * about, as it was before, if it is known here.
 */
export function applyToRoom(room: RoomState, event: Event, me: UserId, held?: Message): RoomState {
  if (event.seq <= room.head) return room;
  const next: RoomState = { ...room, head: event.seq };
  switch (event.kind) {
    case 'posted': {
      next.active_at = event.at;
      if (event.author === me && isLine(event)) return withMentions({ ...next, read: event.seq, unread: 0 }, 0);
      const counts = countsFor(event, me);
      if (counts.unread && event.seq > room.read) next.unread = room.unread + 1;
      // Of what speaks to everyone the message itself tells; of what speaks to me, a `read` frame.
      const toAll = counts.unread && event.refs?.some((it) => it.is === 'everyone');
      return withMentions(next, (room.mentions ?? 0) + (toAll ? 1 : 0));
    }
    case 'edited': {
      if (!held || event.target <= room.read || held.kind !== 'posted') return next;
      const change = Number(countsFor({ ...held, refs: event.refs ?? [] }, me).mention) - Number(countsFor(held, me).mention);
      return withMentions(next, (room.mentions ?? 0) + change);
    }
    case 'deleted': {
      if (event.target <= room.read) return next;
      // One that is not here is most likely a message of the room.
      const counts = held ? countsFor(held, me) : { unread: true, mention: false };
      if (counts.unread) next.unread = Math.max(0, room.unread - 1);
      return withMentions(next, Math.max(0, (room.mentions ?? 0) - Number(counts.mention)));
    }
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
    case 'access_changed':
      return { ...next, kind: event.access };
    case 'converted':
      return { ...next, kind: 'closed', name: event.name };
    case 'rules_changed':
      return { ...next, rules: event.rules };
    default:
      return next;
  }
}
