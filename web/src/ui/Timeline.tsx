import { batch, effect, untracked, useSignal } from '@preact/signals';
import type { VNode } from 'preact';
import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { RoomId, Seq } from '../protocol';
import { indexOf, type RoomLog, runAt } from '../core/log';
import { sentence } from '../core/api';
import { firstUnread, needsReading, Reading } from '../core/reading';
import { fresh, got, live, logOf, me, outbox, receipts, rooms } from '../core/store';
import { actionsOf } from './actions';
import { Boundary } from './Boundary';
import { Icon } from './Icon';
import { ScrollKeeper } from './keeper';
import { LiveLog } from './LiveLog';
import { MessageRow } from './MessageRow';
import { OtherRow } from './OtherRow';
import { type Row, rowsOf, sameRow, type Window } from './rows';
import { client, showToast } from './state';
import { renderNow } from './sync';
import { editing, messageAsked, newestAsked } from './timelineState';
import { useReading } from './useReading';
import { count } from './words';

/** First window, page, resting maximum, and what is never exceeded. */
export const FIRST = 60;
export const PAGE = 40;
export const MAX = 160;
export const HARD = 400;
/** Trim only when scrolling has been still for this long. */
const STILL = 150;
/** More unread than this: start at the newest, so that nobody has to scroll for minutes. */
const UNREAD_MANY = 500;
const NEWEST = Number.POSITIVE_INFINITY;
const SKELETON_AFTER = 150;
/** After the last movement. */
const FLOATS_MS = 800;

type Edge = 'idle' | 'loading' | 'failed';

export function Timeline({ room, seq }: { room: RoomId; seq: Seq | undefined }) {
  const scroller = useRef<HTMLDivElement>(null);
  const list = useRef<HTMLOListElement>(null);
  // Not a signal: signals set inside an effect are passed on after it, and the keeper must measure within.
  const rows = useRef<readonly Row[]>([]);
  const [, redraw] = useState(0);
  const window = useSignal<Window | undefined>(undefined);
  const divider = useSignal<{ at: Seq; count: number } | undefined>(undefined);
  const edge = useSignal<Edge>('idle');
  const away = useSignal(false);
  const arrived = useSignal(0);
  const slow = useSignal(false);
  const floating = useSignal('');
  const failed = useSignal(false);
  const reading = useMemo(() => new Reading(), [room]);
  const keeper = useRef<ScrollKeeper>(null);
  const actions = useRef({ open: () => {}, newest: () => {}, message: (_: Seq) => {}, onScroll: () => {}, retryEdge: () => {} });

  useLayoutEffect(() => {
    const log = logOf(room);
    const sc = scroller.current!;
    let still: ReturnType<typeof setTimeout> | undefined;
    let busy = false;
    /** The view is gone; pages that come now are for the log alone. */
    let over = false;
    const atNewest = () => window.peek()?.to === NEWEST;
    const k = new ScrollKeeper(sc, list.current!, atNewest);
    keeper.current = k;

    const read = () => rooms.peek().get(room)?.read ?? 0;
    const compute = (): readonly Row[] => {
      const l = log.value;
      const w = window.value;
      const items = outbox.value.filter((i) => i.room === room);
      if (!l || !w) return [];
      return rowsOf({ log: l, window: w, items, me: me.value?.id ?? '', unread: divider.value, receipts: receipts.value.get(room), got: got.value.get(room) });
    };
    let before: Seq = log.peek()?.messages.at(-1)?.seq ?? 0;
    const show = () => effect(() => {
      const next = compute();
      untracked(() => {
        const last = log.peek()?.messages.at(-1)?.seq ?? 0;
        if (last > before && !k.stick && window.peek()) {
          const l = log.peek()!;
          arrived.value += l.messages.slice(indexOf(l.messages, before + 1)).filter((m) => needsReading(m, me.peek()?.id ?? '')).length;
        }
        // A hidden window: the divider goes before the first message that came meanwhile. How many will come is not known.
        if (last > before && !document.hasFocus() && !divider.peek() && before > 0 && atNewest()) {
          const first = firstUnread(log.peek()!, Math.max(before, read()), me.peek()?.id ?? '');
          if (first !== undefined) queueMicrotask(() => { divider.value ??= { at: first, count: 0 }; });
        }
        before = last;
        const merged = keepSame(rows.current, next);
        if (merged === rows.current) return;
        rows.current = merged;
        k.mutate(() => renderNow(() => redraw((n) => n + 1)));
      });
    });

    const setWindow = (w: Window) => { window.value = w; };

    /** The window's run, and where it starts and ends in the list of messages. */
    const around = (l: RoomLog, w: Window) => {
      const first = l.messages[indexOf(l.messages, w.from)];
      const run = runAt(l, first?.seq ?? w.from) ?? l.runs.at(-1);
      if (!run) return undefined;
      const a = indexOf(l.messages, w.from);
      const b = w.to === NEWEST ? l.messages.length : indexOf(l.messages, w.to + 1);
      return { run, a, b, lo: indexOf(l.messages, run.from), hi: indexOf(l.messages, run.to + 1) };
    };

    const load = (what: Promise<void>) => {
      busy = true;
      edge.value = 'loading';
      what.then(
        () => { busy = false; edge.value = 'idle'; fill(); },
        () => { busy = false; edge.value = 'failed'; },
      );
    };

    const fill = () => {
      const l = log.peek();
      const w = window.peek();
      if (!l || !w || busy || over) return;
      const at = around(l, w);
      if (!at) return;
      const reach = sc.clientHeight * 1.5;
      const size = at.b - at.a;
      if (k.fromTop < reach && size < HARD) {
        if (at.a > at.lo) {
          setWindow({ from: l.messages[Math.max(at.lo, at.a - PAGE)]!.seq, to: w.to });
          return fill();
        }
        if (at.run.from > 1 && edge.peek() === 'idle') return load(client().loadBefore(room, at.run.from, PAGE));
      }
      if (k.fromBottom < reach && w.to !== NEWEST && size < HARD) {
        if (at.b < at.hi) {
          const to = Math.min(at.hi, at.b + PAGE);
          setWindow({ from: w.from, to: to === l.messages.length && at.run.to >= l.head ? NEWEST : l.messages[to - 1]!.seq });
          return fill();
        }
        if (at.run.to >= l.head) setWindow({ from: w.from, to: NEWEST });
        else load(client().loadAfter(room, at.run.to, PAGE));
      }
    };

    const trim = () => {
      const l = log.peek();
      const w = window.peek();
      const at = l && w && around(l, w);
      if (!at || at.b - at.a <= MAX) return;
      if (k.fromTop > k.fromBottom) setWindow({ from: l.messages[at.b - MAX]!.seq, to: w.to });
      else setWindow({ from: w.from, to: l.messages[at.a + MAX - 1]!.seq });
      k.capture();
    };

    const place = () => {
      k.capture();
      away.value = !atNewest() || k.fromBottom > sc.clientHeight / 2;
      if (k.stick) arrived.value = 0;
    };

    let fades: ReturnType<typeof setTimeout> | undefined;
    /** The day of the topmost message, while the reader moves. */
    const floats = () => {
      if (k.stick) return;
      const top = sc.getBoundingClientRect().top;
      let day: HTMLElement | undefined;
      for (const el of list.current!.querySelectorAll<HTMLElement>('.day')) if (el.getBoundingClientRect().top < top) day = el;
      floating.value = day?.textContent ?? '';
      clearTimeout(fades);
      fades = setTimeout(() => { floating.value = ''; }, FLOATS_MS);
    };

    const showNewest = (l: RoomLog) => {
      const run = l.runs.at(-1);
      const from = l.messages[Math.max(run ? indexOf(l.messages, run.from) : 0, l.messages.length - FIRST)]?.seq ?? 0;
      batch(() => { setWindow({ from, to: NEWEST }); arrived.value = 0; });
      k.stick = true;
      sc.scrollTop = 0;
      place();
      fill();
    };

    /** Shows `at` with as much around it as a first window has. */
    const showAround = (l: RoomLog, at: Seq, quarter: boolean) => {
      const run = runAt(l, at)!;
      const i = indexOf(l.messages, at);
      const lo = Math.max(indexOf(l.messages, run.from), i - FIRST / 2);
      const hi = Math.min(indexOf(l.messages, run.to + 1), i + FIRST / 2);
      const from = l.messages[lo]?.seq ?? at;
      setWindow({ from, to: hi === l.messages.length && run.to >= l.head ? NEWEST : (l.messages[hi - 1]?.seq ?? at) });
      k.stick = false;
      const el = (quarter && list.current!.querySelector('.new')) || list.current!.querySelector<HTMLElement>(`[data-seq="${l.messages[i]?.seq}"]`);
      if (el) {
        const box = sc.getBoundingClientRect();
        const top = el.getBoundingClientRect().top - box.top;
        sc.scrollTop += top - (quarter ? box.height / 4 : box.height / 2);
        if (!quarter) {
          el.classList.add('flash');
          (el as HTMLElement).focus({ preventScroll: true });
        }
      }
      place();
      fill();
    };

    const ask = (what: Promise<void>) => {
      failed.value = false;
      what.then(open, () => { failed.value = true; });
    };

    /** Where to begin: the message asked for, the first unread, the newest. */
    function open(): void {
      const l = log.peek();
      const state = rooms.peek().get(room);
      if (!l || !state || window.peek() || over) return;
      const unread = state.role ? state.unread : 0;
      const want = seq ?? (unread > 0 && unread <= UNREAD_MANY ? state.read + 1 : undefined);
      if (want !== undefined && want <= l.head) {
        if (!runAt(l, want)) return ask(client().loadAround(room, want, FIRST));
        const at = seq ?? firstUnread(l, state.read, me.peek()?.id ?? '');
        if (unread > 0 && at !== undefined && seq === undefined) divider.value = { at, count: unread };
        if (at !== undefined) return showAround(l, at, seq === undefined);
      }
      if (l.head > 0 && !runAt(l, l.head)) return ask(client().loadNewest(room, FIRST));
      showNewest(l);
    }

    actions.current = {
      open,
      newest() {
        const l = log.peek();
        if (!l) return;
        if (runAt(l, l.head)) return showNewest(l);
        void client().loadNewest(room, FIRST).then(() => log.peek() && !over && showNewest(log.peek()!), () => {});
      },
      message(at) {
        const l = log.peek();
        if (!l || over) return;
        if (runAt(l, at)) return showAround(l, at, false);
        const show = () => { if (!over && log.peek() && runAt(log.peek()!, at)) showAround(log.peek()!, at, false); };
        void client().loadAround(room, at, FIRST).then(show, (e: unknown) => showToast({ text: sentence(e) }));
      },
      onScroll() {
        place();
        floats();
        fill();
        clearTimeout(still);
        still = setTimeout(trim, STILL);
      },
      retryEdge() {
        edge.value = 'idle';
        fill();
      },
    };
    // A log may come later than the view: from the device, or with the welcome.
    const opens = () => effect(() => {
      const l = log.value;
      const w = window.peek();
      // The log was forgotten (I left the room), or was replaced and no longer holds what was shown.
      if (w && (!l || (w.to !== NEWEST && !l.messages.some((m) => w.from <= m.seq && m.seq <= w.to)))) window.value = undefined;
      if (l && !window.peek()) untracked(open);
    });
    // Opened from what the device remembered: when the server has said how things stand, begin again at the right
    // place, unless the reader has begun to move.
    let provisional = !fresh.peek();
    const openedAt = read();
    const moved = () => { provisional = false; };
    const moves = ['wheel', 'touchmove', 'pointerdown', 'keydown'] as const;
    for (const m of moves) sc.addEventListener(m, moved, { passive: true });
    const corrects = () => effect(() => {
      const state = rooms.value.get(room);
      if (!fresh.value || !state || (log.value?.head ?? -1) < state.head || !provisional) return;
      provisional = false;
      if (state.read === openedAt && state.unread === 0) return;
      untracked(() => {
        window.value = undefined;
        divider.value = undefined;
        open();
      });
    });
    const asksForReceipts = () => effect(() => {
      if (live.value && rooms.peek().get(room)?.role) void client().loadReceipts(room).catch(() => {});
      // A failed first page is worth another try when the server is back.
      if (live.value && failed.peek()) untracked(open);
    });
    const goesToNewest = () => effect(() => {
      if (newestAsked.value > 0) untracked(() => actions.current.newest());
    });
    const goesToMessage = () => effect(() => {
      const asked = messageAsked.value;
      if (asked?.room === room) untracked(() => actions.current.message(asked.seq));
    });
    // After the commit, before the paint: drawing again in the middle of a commit is asking for trouble.
    const stops: (() => void)[] = [];
    queueMicrotask(() => {
      if (!over) for (const begin of [show, opens, corrects, asksForReceipts, goesToNewest, goesToMessage]) stops.push(begin());
    });
    const timer = setTimeout(() => { slow.value = true; }, SKELETON_AFTER);
    return () => {
      over = true;
      for (const stop of stops) stop();
      for (const m of moves) sc.removeEventListener(m, moved);
      newestAsked.value = 0;
      messageAsked.value = undefined;
      editing.value = undefined;
      k.dispose();
      clearTimeout(still);
      clearTimeout(timer);
      clearTimeout(fades);
    };
  }, [room, seq]);

  useReading(room, reading, list, scroller);

  const drawn = useRef(new Map<Row, VNode>());
  const vnodes = useMemo(() => {
    const next = new Map<Row, VNode>();
    // The same vnode for an unchanged row: Preact does not look into it again.
    for (const row of rows.current) next.set(row, drawn.current.get(row) ?? draw(row, room, () => actions.current.retryEdge(), edge));
    drawn.current = next;
    return [...next.values()];
  }, [rows.current, room]);

  const state = rooms.value.get(room);
  const above = state?.role && window.value?.to === NEWEST && divider.value === undefined && state.unread > UNREAD_MANY ? state.unread : 0;
  return (
    <div class="tl">
      <div ref={scroller} class="sc" tabIndex={0} role="region" aria-label="Conversation" onScroll={() => actions.current.onScroll()} onKeyDown={(e) => onKey(e, list.current!, room, () => actions.current.newest())}>
        <ol ref={list} class="list" role="list" aria-label="Messages">{vnodes}</ol>
        {!window.value && slow.value && (failed.value
          ? <div class="edge">Could not load this room. <button type="button" onClick={() => actions.current.open()}>Try again</button></div>
          : <Skeleton />)}
      </div>
      {floating.value && <div class="floatday" aria-hidden="true">{floating.value}</div>}
      {above > 0 && <div class="above">{count(above, 'unread message', 'unread messages')}<button type="button" onClick={() => state && client().read(room, state.head)}>Mark as read</button></div>}
      {away.value && window.value && (
        <button type="button" class="jump" onClick={() => actions.current.newest()}>
          <Icon name="down" size="s" />{arrived.value > 0 ? count(arrived.value, 'new message', 'new messages') : 'Jump to latest'}
        </button>
      )}
      <LiveLog room={room} />
    </div>
  );
}

function draw(row: Row, room: RoomId, retry: () => void, edge: { value: Edge }): VNode {
  if (row.t === 'message') {
    return (
      <Boundary key={row.key} of={row} fallback={<li class="sys">Could not show this message.</li>}>
        <MessageRow row={row} room={room} />
      </Boundary>
    );
  }
  return <OtherRow key={row.key} row={row} room={room} edge={edge} retry={retry} />;
}

function Skeleton() {
  return <div aria-hidden="true">{[0, 1, 2, 3].map((i) => <div key={i} class="sk"><i /><i /><i /><i /></div>)}</div>;
}

/** Keeps the old object for a row that did not change. */
function keepSame(before: readonly Row[], next: readonly Row[]): readonly Row[] {
  const old = new Map(before.map((r) => [r.key, r]));
  let same = before.length === next.length;
  const out = next.map((r, i) => {
    const o = old.get(r.key);
    const kept = o && sameRow(o, r) ? o : r;
    same &&= kept === before[i];
    return kept;
  });
  return same ? before : out;
}

/** Arrows move through the messages; letters act on the one in focus. */
function onKey(e: KeyboardEvent, list: HTMLElement, room: RoomId, newest: () => void): void {
  const target = e.target as HTMLElement;
  if (target.closest('input, textarea, [role=menu]')) return;
  const all = [...list.querySelectorAll<HTMLElement>('.m')];
  const here = target.closest<HTMLElement>('.m');
  const at = here ? all.indexOf(here) : all.length;
  const plain = !e.ctrlKey && !e.metaKey && !e.altKey;
  const move = (to: number) => {
    e.preventDefault();
    const el = all[Math.min(Math.max(to, 0), all.length - 1)];
    el?.focus();
    el?.scrollIntoView({ block: 'nearest' });
  };
  if (e.key === 'ArrowUp' && plain) return move(at - 1);
  if (e.key === 'ArrowDown' && plain && here) return move(at + 1);
  if (e.key === 'End' && plain) {
    e.preventDefault();
    newest();
    return;
  }
  if (e.key === 'Escape') {
    const state = rooms.peek().get(room);
    if (state) client().read(room, state.head);
    newest();
    document.getElementById('composer')?.focus();
    return;
  }
  if (!here || !plain || target !== here) return;
  if (e.key === 'Enter') {
    e.preventDefault();
    here.querySelector<HTMLElement>('.tools button')?.focus();
    return;
  }
  const key = e.key.length === 1 ? e.key.toLowerCase() : e.key;
  const action = actionsOf(room, Number(here.dataset.seq), false).find((it) => it.key === key);
  if (!action) return;
  e.preventDefault();
  action.run(here);
}
