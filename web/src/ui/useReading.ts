import type { RefObject } from 'preact';
import { useEffect } from 'preact/hooks';
import type { RoomId, Seq } from '../protocol';
import type { Reading } from '../core/reading';
import { logOf, me, rooms } from '../core/store';
import { client } from './state';

/** How often to look while something is unread. */
const LOOK_EVERY = 200;

/** Tells the server what was really in front of someone. Idle while nothing is unread. */
export function useReading(room: RoomId, reading: Reading, list: RefObject<HTMLElement | null>, scroller: RefObject<HTMLElement | null>): void {
  const state = rooms.value.get(room);
  const due = state?.role !== undefined && state.read < state.head;
  useEffect(() => {
    if (!due) return;
    const timer = setInterval(() => {
      const s = rooms.peek().get(room);
      const log = logOf(room).peek();
      if (!s || !log || !list.current || !scroller.current) return;
      const inFront = document.visibilityState === 'visible' && document.hasFocus();
      reading.look(inFront ? onScreen(list.current, scroller.current, s.read) : [], Date.now());
      const to = reading.receipt(log, s.read, me.peek()?.id ?? '');
      if (inFront && to > s.read) client().read(room, to);
    }, LOOK_EVERY);
    return () => clearInterval(timer);
  }, [room, due]);
}

/** Messages after the receipt that are at least half visible, or fill half of what can be seen. */
function onScreen(list: HTMLElement, scroller: HTMLElement, read: Seq): Seq[] {
  const box = scroller.getBoundingClientRect();
  const seen: Seq[] = [];
  // From the newest: what is unread is at the end.
  for (let el = list.lastElementChild; el; el = el.previousElementSibling) {
    const seq = Number((el as HTMLElement).dataset.seq ?? Number.NaN);
    if (seq <= read) break;
    const r = el.getBoundingClientRect();
    if (r.bottom < box.top) break;
    if (Number.isNaN(seq)) continue;
    const shown = Math.min(r.bottom, box.bottom) - Math.max(r.top, box.top);
    if (shown >= r.height / 2 || shown >= box.height / 2) seen.push(seq);
  }
  return seen;
}
