import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Message, Thread } from '../../protocol';
import { api, sentence } from '../../core/api';
import { rooms, threadKey, threads, titleOf } from '../../core/store';
import { PageFrame } from '../PageFrame';
import { Said } from '../Said';
import { ask } from '../menus';
import { client } from '../state';
import { count } from '../words';

const LAST = 3;

/** Threads that I follow: the unread ones first, then the last written in. */
export function Threads() {
  const list = useSignal<readonly Thread[] | undefined>(undefined);
  const wrong = useSignal('');
  useEffect(() => {
    api.threads().then((found) => { list.value = found; }, (e: unknown) => { wrong.value = sentence(e); });
  }, []);
  // Frames tell what changed since.
  const now = (list.value ?? []).map((it) => threads.value.get(threadKey(it.room, it.thread)) ?? it).filter((it) => it.follows);
  const unread = now.filter((it) => it.unread > 0);
  const sorted = [...unread, ...now.filter((it) => it.unread === 0)];
  const readAll = () => ask(Promise.all(unread.map((it) => api.readThread(it.room, it.thread, it.last))));
  return (
    <PageFrame title="Threads" label="Threads you follow" acts={unread.length > 0 && <button type="button" class="btn o sm" onClick={readAll}>Mark all as read</button>}>
      {wrong.value && <p class="errbox" role="alert">{wrong.value}</p>}
      {list.value?.length === 0 && <p class="lead">You follow no threads yet. You follow those you begin, write in or are mentioned in.</p>}
      <ul class="cards">{sorted.map((it) => <Card key={threadKey(it.room, it.thread)} thread={it} />)}</ul>
    </PageFrame>
  );
}

function Card({ thread: it }: { thread: Thread }) {
  const root = useSignal<Message | undefined>(undefined);
  const replies = useSignal<readonly Message[]>([]);
  useEffect(() => {
    api.message(it.room, it.thread).then((m) => { root.value = m; client().want([m.author]); }, () => {});
    api.thread(it.room, it.thread, undefined, LAST).then((page) => { replies.value = page.messages; client().want(page.messages.map((m) => m.author)); }, () => {});
  }, [it.room, it.thread, it.last]);
  const room = rooms.value.get(it.room);
  const path = `/r/${it.room}/t/${it.thread}`;
  return (
    <li class="card-row">
      <header><h2><a href={path}>{room ? titleOf(room) : 'Thread'}</a></h2>{it.unread > 0 && <small>{it.unread} unread</small>}</header>
      {root.value && <Said message={root.value} />}
      <div class="inner">{replies.value.map((m) => <Said key={m.seq} message={m} />)}</div>
      <div class="acts start"><a class="btn o sm" href={path}>{root.value?.replies ? `Open ${count(root.value.replies.count, 'reply', 'replies')}` : 'Open'}</a></div>
    </li>
  );
}
