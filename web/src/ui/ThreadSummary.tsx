import { useEffect } from 'preact/hooks';
import type { Replies, RoomId, Seq } from '../protocol';
import { route } from '../core/route';
import { threadKey, threads } from '../core/store';
import { Avatar } from './Avatar';
import { client } from './state';
import { count, date, dayKey, time } from './words';

/** What is known of a thread without opening it; it opens it. */
export function ThreadSummary({ replies, room, seq }: { replies: Replies; room: RoomId; seq: Seq }) {
  useEffect(() => client().want(replies.people), [replies.people]);
  const r = route.value;
  const open = r.at === 'room' && r.thread === seq;
  const place = threads.value.get(threadKey(room, seq));
  const unread = !open && place?.follows && place.unread > 0;
  const today = dayKey(replies.last_at) === dayKey(Date.now());
  return (
    <a class="th" href={open ? `/r/${room}` : `/r/${room}/t/${seq}`} aria-current={open || undefined}>
      <span class="stack">{replies.people.map((u) => <Avatar key={u} user={u} size={22} />)}</span>
      {count(replies.count, 'reply', 'replies')}<small>Last reply {today ? time(replies.last_at) : date(replies.last_at)}</small>
      {unread && <><span class="dot" /><span class="sr">, unread</span></>}
    </a>
  );
}
