import { useSignal } from '@preact/signals';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import type { RoomId, Seq } from '../protocol';
import { api, sentence } from '../core/api';
import { find, thread } from '../core/log';
import { live, logOf, me, outbox, rooms, threadKey, threads, titleOf } from '../core/store';
import { Composer } from './Composer';
import { Icon } from './Icon';
import { MessageRow } from './MessageRow';
import { threadRows } from './rows';
import { client, showToast } from './state';
import { editingReply } from './timelineState';
import { count } from './words';

/** Near enough to the end to be at it. */
const AT_END = 40;

const trouble = (e: unknown) => showToast({ text: sentence(e) });

/** A message and what was said about it, beside the room. */
export function ThreadPanel({ room: id, root, close }: { room: RoomId; root: Seq; close(): void }) {
  const room = rooms.value.get(id);
  const log = logOf(id).value;
  const more = useSignal(false);
  const body = useRef<HTMLDivElement>(null);
  const stick = useRef(true);
  const held = log !== undefined && find(log, root) !== undefined;

  const place = threads.value.get(threadKey(id, root));

  useEffect(() => {
    if (!log || !live.value) return;
    // One that has no replies yet is nobody's to follow.
    void client().loadThreadPlace(id, root).catch(() => {});
    if (!held) void client().loadAround(id, root, 1).catch(trouble);
    client().loadThread(id, root).then((rest) => { more.value = rest; }, trouble);
    return () => { editingReply.value = undefined; };
  }, [id, root, log === undefined, live.value]);

  const rows = log && threadRows(log, root, outbox.value.filter((i) => i.room === id), me.value?.id ?? '');
  const replies = rows?.replies ?? [];
  const last = replies.at(-1)?.seq;
  // Whoever has it open has read it.
  useEffect(() => {
    if (last !== undefined && live.value && room?.role && document.visibilityState === 'visible') void api.readThread(id, root, last).catch(() => {});
  }, [id, root, last, live.value]);
  useLayoutEffect(() => {
    if (stick.current && body.current) body.current.scrollTop = body.current.scrollHeight;
  }, [replies.length, last]);

  const older = () => {
    const first = log && thread(log, root)[0]?.seq;
    stick.current = false;
    if (first !== undefined) client().loadThread(id, root, first).then((rest) => { more.value = rest; }, trouble);
  };
  return (
    <aside class="panel thread" aria-label="Thread" onKeyDown={(e) => { if (e.key === 'Escape' && !(e.target as HTMLElement).closest('textarea')) close(); }}>
      <header class="hd">
        <div class="ttl"><h2>Thread</h2>{room && <small>{titleOf(room)}</small>}</div>
        {place && <button type="button" class={place.follows ? 'ib on' : 'ib'} aria-label="Follow this thread" aria-pressed={place.follows} title={place.follows ? 'You hear of replies' : 'You do not hear of replies'} onClick={() => client().followThread(id, root, !place.follows).catch(trouble)}><Icon name="bell" /></button>}
        <button type="button" class="ib" aria-label="Close thread" onClick={close}><Icon name="close" /></button>
      </header>
      <div class="body" ref={body} tabIndex={0} role="region" aria-label="Replies" onScroll={(e) => { const el = e.currentTarget; stick.current = el.scrollHeight - el.scrollTop - el.clientHeight < AT_END; }}>
        {rows?.root && <ol role="list" aria-label="First message"><MessageRow row={rows.root} room={id} edits={editingReply} inThread /></ol>}
        <div class="rule">{count(replies.length, 'reply', 'replies')}{more.value && <button type="button" onClick={older}>Show earlier ones</button>}</div>
        <ol role="list" aria-label="Replies">{replies.map((row) => <MessageRow key={row.key} row={row} room={id} edits={editingReply} inThread />)}</ol>
      </div>
      {room?.role && !room.archived && <Composer key={root} room={room} thread={root} />}
    </aside>
  );
}
