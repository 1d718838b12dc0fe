import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { Message, RoomId, RoomState } from '../../protocol';
import { api } from '../../core/api';
import { needsReading } from '../../core/reading';
import { changeMine, unreadOf } from '../../core/personal';
import { go } from '../../core/route';
import { me, rooms, titleOf } from '../../core/store';
import { Icon } from '../Icon';
import { ask } from '../menus';
import { PageFrame } from '../PageFrame';
import { Said } from '../Said';
import { iconOf } from '../Sidebar';
import { client, showToast } from '../state';
import { count } from '../words';

/** The first words of what is unread. */
const LINES = 3;
/** Looked through for them; system lines are none. */
const LOOKED = 12;

/** Every conversation with something unread: those for me first, then the last active. */
export function CatchUp() {
  const list = useRef<HTMLUListElement>(null);
  const waiting = [...rooms.value.values()]
    .filter((r) => r.role && !r.archived && (unreadOf(r).dot || unreadOf(r).forMe > 0))
    .sort((a, b) => Number(unreadOf(b).forMe > 0) - Number(unreadOf(a).forMe > 0) || b.active_at - a.active_at);
  const key = (e: KeyboardEvent) => {
    const cards = [...list.current!.querySelectorAll<HTMLElement>('.card-row')];
    const at = cards.indexOf(document.activeElement as HTMLElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1 }[e.key];
    if (to !== undefined) cards[Math.min(Math.max(to, 0), cards.length - 1)]?.focus();
    else if (at >= 0 && e.key === 'Enter') go(`/r/${cards[at]!.dataset.room}`);
    else if (at >= 0 && e.key === 'e') {
      markRead(cards[at]!.dataset.room!);
      (cards[at + 1] ?? cards[at - 1])?.focus();
    } else return;
    e.preventDefault();
  };
  return (
    <PageFrame title="Catch up" label="What is unread" tabs acts={waiting.length > 0 && <button type="button" class="btn o sm" onClick={() => { for (const r of waiting) client().read(r.id, r.head); showToast({ text: 'Everything is read.' }); }}>Mark all as read</button>}>
      {waiting.length === 0 ? <div class="calm-end"><Icon name="check" size="l" /><p>You’re all caught up.</p></div> : (
        <ul ref={list} class="cards" onKeyDown={key}>{waiting.map((r) => <Card key={r.id} room={r} />)}</ul>
      )}
    </PageFrame>
  );
}

function markRead(id: RoomId): void {
  const room = rooms.peek().get(id);
  if (room) client().read(id, room.head);
}

function Card({ room }: { room: RoomState }) {
  const lines = useSignal<readonly Message[]>([]);
  useEffect(() => {
    api.page(room.id, { after: room.read }, LOOKED).then((page) => {
      lines.value = page.messages.filter((m) => needsReading(m, me.peek()?.id ?? '')).slice(0, LINES);
      client().want(page.messages.map((m) => m.author));
    }, () => {});
  }, [room.id, room.read]);
  const { forMe } = unreadOf(room);
  return (
    <li class="card-row" tabIndex={0} data-room={room.id} aria-label={`${titleOf(room)}, ${room.unread} unread`}>
      <header>
        <Icon name={iconOf(room)} /><h2><a href={`/r/${room.id}`}>{titleOf(room)}</a></h2>
        {forMe > 0 && <span class="cnt">{forMe}<span class="sr"> for you</span></span>}
        <small>{count(room.unread, 'unread message', 'unread messages')}</small>
      </header>
      {lines.value.map((m) => <Said key={m.seq} message={m} />)}
      <div class="acts start">
        <a class="btn o sm" href={`/r/${room.id}`}>Open<span class="sr"> {titleOf(room)}</span></a>
        <button type="button" class="btn o sm" onClick={() => markRead(room.id)}>Mark as read<span class="sr">: {titleOf(room)}</span></button>
        <button type="button" class="btn o sm" onClick={() => ask(changeMine(room.id, { muted: true }))}>Mute<span class="sr"> {titleOf(room)}</span></button>
      </div>
    </li>
  );
}
