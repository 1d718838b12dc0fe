// What later events make of one message, as the server's fold does it: applying events equals loading afresh.

import type { Event, Message, Reaction, Seq, UserId, Vote } from '../protocol';

type About = Extract<Event, { target: Seq }>;

type Expired = Event & { kind: 'expired' };

/** An event that changes messages that are already there: the one it is about, the one whose thread it goes on, those past their time. */
export type Amendment = About | Expired | (Event & { kind: 'posted'; thread: Seq });

export const isAmendment = (event: Event): event is Amendment =>
  'target' in event || event.kind === 'expired' || (event.kind === 'posted' && event.thread !== undefined);

/** Of two copies of a message, the one with the higher revision is the newer. */
export const revision = (m: Message): Seq => m.rev ?? 0;

/** Whether the room's own timeline shows it: what is only said in a thread is not there. */
export const isLine = (event: Event): boolean =>
  event.kind === 'posted' ? event.thread === undefined || event.also_in_room === true : !isAmendment(event) || event.kind === 'pinned';

/** The message after an event that is about it. */
export function amended(message: Message, event: About, me: UserId): Message {
  if (message.kind !== 'posted' || message.deleted_by !== undefined || revision(message) >= event.seq) return message;
  const next = { ...message, rev: event.seq };
  switch (event.kind) {
    case 'edited':
      // What is no longer linked is no longer shown.
      return { ...without(message.preview && !event.text.includes(message.preview.link) ? without(next, 'preview') : next, 'refs'), text: event.text, ...(event.refs ? { refs: event.refs } : {}), edited: event.seq, edited_at: event.at };
    case 'deleted':
      return tombstone(next, event.author);
    case 'reacted':
      return { ...next, reactions: tally(message.reactions, 'emoji', event.emoji, 1, event.author === me) };
    case 'unreacted':
      return some(next, 'reactions', tally(message.reactions, 'emoji', event.emoji, -1, event.author === me));
    case 'voted':
      return { ...next, votes: tally(message.votes, 'option', event.option, 1, event.author === me).sort((a, b) => a.option - b.option) };
    case 'unvoted':
      return some(next, 'votes', tally(message.votes, 'option', event.option, -1, event.author === me));
    case 'pinned':
      return { ...next, pinned_by: event.author };
    case 'unpinned':
      return without(next, 'pinned_by');
    case 'poll_closed':
      return message.poll ? { ...next, poll: { ...message.poll, closed: true } } : next;
    case 'previewed':
      return { ...next, preview: event.preview };
    case 'preview_removed':
      return without(next, 'preview');
    default:
      return next;
  }
}

/** The message that a thread began with, after one more reply. */
export function answered(root: Message, event: Event): Message {
  if (root.kind !== 'posted' || revision(root) >= event.seq) return root;
  const { count = 0, people = [] } = root.replies ?? {};
  return {
    ...root,
    rev: event.seq,
    replies: { count: count + 1, last: event.seq, last_at: event.at, people: people.length < 3 && !people.includes(event.author) ? [...people, event.author] : people },
  };
}

/** The same after a reply was deleted. */
export function lessAnswered(root: Message, event: Event): Message {
  if (root.kind !== 'posted' || !root.replies || revision(root) >= event.seq) return root;
  return { ...root, rev: event.seq, replies: { ...root.replies, count: root.replies.count - 1 } };
}

/** The same after replies were past their time: so many are left. */
export function answersLeft(root: Message, count: number, seq: Seq): Message {
  if (root.kind !== 'posted' || !root.replies || revision(root) >= seq) return root;
  return { ...root, rev: seq, replies: { ...root.replies, count } };
}

/** Place, author, time and thread stay. */
function tombstone(m: Message & { kind: 'posted' }, by: UserId): Message {
  const { refs: _, attachments: _a, forward: _f, poll: _p, reactions: _r, votes: _v, pinned_by: _b, preview: _w, ...stays } = m;
  return { ...stays, text: '', deleted_by: by };
}

function tally<K extends 'emoji' | 'option', T extends Reaction | Vote>(all: T[] | undefined, by: K, what: string | number, change: 1 | -1, mine: boolean): T[] {
  const list = all ?? [];
  const is = (it: T) => (it as unknown as Record<K, unknown>)[by] === what;
  if (change > 0 && !list.some(is)) return [...list, { [by]: what, count: 1, mine } as unknown as T];
  return list.flatMap((it) => {
    if (!is(it)) return [it];
    const count = it.count + change;
    return count > 0 ? [{ ...it, count, mine: mine ? change > 0 : it.mine }] : [];
  });
}

function without<T extends object, K extends keyof T>(of: T, key: K): Omit<T, K> & T {
  const { [key]: _, ...rest } = of;
  return rest as Omit<T, K> & T;
}

/** An empty list is not said. */
function some<T extends object, K extends keyof T>(of: T, key: K, list: T[K] & unknown[]): T {
  return list.length ? { ...of, [key]: list } : without(of, key);
}
