import type { Key, Message, Seq, UserId } from '../protocol';
import { find, indexOf, type RoomLog, runAt, thread } from '../core/log';
import type { Item } from '../core/outbox';
import { concerns } from '../core/room';
import { dayKey } from './words';

/** One line of the timeline, as plain values, so that an unchanged line is not drawn again. */
export type Row =
  | { t: 'intro'; key: string }
  | { t: 'edge'; key: string }
  | { t: 'day'; key: string; at: number }
  | { t: 'new'; key: string; count: number }
  | { t: 'system'; key: string; message: Message; who: string; last: Seq }
  | MessageRowData;

export interface MessageRowData {
  t: 'message';
  key: string;
  /** Absent while it has no place in the log. */
  seq: Seq | undefined;
  author: UserId;
  at: number;
  text: string;
  /** The message as the log has it: what is under it, and what travels with it. */
  posted: Posted | undefined;
  /** What it answers: `null` when that is not known here. */
  quoted: Message | null | undefined;
  /** It speaks to the reader. */
  toMe: boolean;
  joined: boolean;
  own: boolean;
  edited: boolean;
  gone: boolean;
  /** What the outbox has about it. */
  item: Item | undefined;
  /** Own newest message: its state is always shown. */
  latest: boolean;
  /** Who has read up to here, joined by spaces. */
  readers: string;
  /** Someone else's device has it. */
  delivered: boolean;
}

export type Posted = Message & { kind: 'posted' };

/** Seqs shown, ends included. `to` is Infinity while the window reaches the newest message. */
export interface Window {
  from: Seq;
  to: Seq;
}

export interface RowsInput {
  log: RoomLog;
  window: Window;
  items: readonly Item[];
  me: UserId;
  /** The divider: before this message, with the number of messages unread then. */
  unread: { at: Seq; count: number } | undefined;
  receipts: ReadonlyMap<UserId, Seq> | undefined;
  /** How far the devices of the others have got what was said. */
  got?: ReadonlyMap<UserId, Seq> | undefined;
}

const JOIN_WITHIN = 5 * 60_000;

export function rowsOf(input: RowsInput): Row[] {
  const { log, window, me } = input;
  const rows: Row[] = [];
  const start = indexOf(log.messages, window.from);
  const end = window.to === Number.POSITIVE_INFINITY ? log.messages.length : indexOf(log.messages, window.to + 1);
  const shown = log.messages.slice(start, end);
  const run = runAt(log, shown[0]?.seq ?? log.head);
  rows.push(run && run.from <= 1 && (shown[0]?.seq ?? 0) <= (log.messages[indexOf(log.messages, run.from)]?.seq ?? 0) ? { t: 'intro', key: 'intro' } : { t: 'edge', key: 'edge' });

  const changes = new Map<Seq, Item>();
  for (const i of input.items) if (i.do !== 'post') changes.set(i.seq, i);
  const mine = shown.filter((m) => m.author === me && m.kind === 'posted' && m.deleted_by === undefined);
  const lastMine = mine.at(-1)?.seq;
  const readers = readersBy(mine, input.receipts, me);
  const had = Math.max(0, ...[...(input.got ?? [])].flatMap(([user, seq]) => (user === me ? [] : seq)));

  let before: { author: UserId; at: number } | undefined;
  let lastDay = '';
  let divided = false;
  for (const m of shown) {
    const d = dayKey(m.at);
    if (d !== lastDay) {
      rows.push({ t: 'day', key: 'd' + d, at: m.at });
      lastDay = d;
      before = undefined;
    }
    if (input.unread && !divided && m.seq >= input.unread.at) {
      rows.push({ t: 'new', key: 'new', count: input.unread.count });
      divided = true;
      before = undefined;
    }
    if (m.kind !== 'posted') {
      if (isBeginning(m, shown)) continue;
      const last = rows.at(-1);
      const who = m.kind === 'joined' || m.kind === 'left' ? m.user : '';
      if (last?.t === 'system' && joinsSystem(last.message, m)) {
        rows[rows.length - 1] = { ...last, who: last.who.split(' ').filter((u) => u !== who).concat(who).join(' '), last: m.seq };
      } else {
        rows.push({ t: 'system', key: 's' + m.seq, message: m, who, last: m.seq });
      }
      before = undefined;
      continue;
    }
    const row = messageRow(m, { log, me, change: changes.get(m.seq), joined: joins(before, m), latest: m.seq === lastMine, readers: readers.get(m.seq) ?? '', delivered: m.seq <= had });
    // Out of sight at once; it comes back if the person undoes it.
    if (!row) continue;
    rows.push(row);
    before = m;
  }

  if (window.to === Number.POSITIVE_INFINITY) {
    const known = new Set(shown.flatMap((m) => (m.author === me && m.key) || []));
    for (const i of input.items) {
      if (i.do !== 'post' || known.has(i.key) || (i.thread !== undefined && !i.also_in_room)) continue;
      const d = dayKey(i.at);
      if (d !== lastDay && i.at > (shown.at(-1)?.at ?? 0)) {
        rows.push({ t: 'day', key: 'd' + d, at: i.at });
        lastDay = d;
        before = undefined;
      }
      rows.push(pendingRow(i, log, me, joins(before, { author: me, at: i.at, reply: i.reply })));
      before = { author: me, at: i.at };
    }
  }
  return rows;
}

/** The introduction says who made the room; that they are in it goes without saying. */
function isBeginning(m: Message, shown: readonly Message[]): boolean {
  return m.kind === 'created' || (m.seq === 2 && m.kind === 'joined' && shown[0]?.kind === 'created' && m.user === shown[0].author);
}

const rowKey = (key: Key | undefined, seq: Seq): string => (key === undefined ? 's' + seq : 'k' + key);

/** An answer stands by itself, under what it quotes. */
function joins(before: { author: UserId; at: number } | undefined, next: { author: UserId; at: number; reply?: Seq | undefined }): boolean {
  return before !== undefined && before.author === next.author && next.at - before.at < JOIN_WITHIN && next.reply === undefined;
}

interface Around {
  log: RoomLog;
  me: UserId;
  /** What the outbox is about to do to it. */
  change: Item | undefined;
  joined: boolean;
  latest: boolean;
  readers: string;
  delivered: boolean;
}

/** A message that has its place in the log; nothing while it is being removed. */
function messageRow(m: Posted, { log, me, change, joined, latest, readers, delivered }: Around): MessageRowData | undefined {
  if (change?.do === 'delete' && change.state !== 'refused') return undefined;
  const own = m.author === me;
  return {
    t: 'message',
    // The same element before and after it got its number.
    key: rowKey(own ? m.key : undefined, m.seq),
    seq: m.seq, author: m.author, at: m.at,
    text: change?.do === 'edit' && change.state !== 'refused' ? change.text : m.text,
    posted: m,
    quoted: m.reply === undefined ? undefined : (find(log, m.reply) ?? null),
    toMe: !own && concerns(m.refs, me),
    joined, own,
    edited: m.edited !== undefined || change?.do === 'edit',
    gone: m.deleted_by !== undefined,
    item: change, latest, readers, delivered: own && delivered,
  };
}

/** What is on its way. */
function pendingRow(i: Item & { do: 'post' }, log: RoomLog, me: UserId, joined: boolean): MessageRowData {
  return {
    t: 'message', key: rowKey(i.key, 0), seq: undefined, author: me, at: i.at, text: i.text, posted: undefined,
    quoted: i.reply === undefined ? undefined : (find(log, i.reply) ?? null),
    toMe: false, joined, own: true, edited: false, gone: false, item: i, latest: true, readers: '', delivered: false,
  };
}

/** A thread: the message it began with, and what is known of its replies. */
export function threadRows(log: RoomLog, root: Seq, items: readonly Item[], me: UserId): { root: MessageRowData | undefined; replies: MessageRowData[] } {
  const changes = new Map<Seq, Item>();
  for (const i of items) if (i.do !== 'post') changes.set(i.seq, i);
  const row = (m: Posted, joined: boolean) => messageRow(m, { log, me, change: changes.get(m.seq), joined, latest: false, readers: '', delivered: false });
  const first = find(log, root);
  const replies: MessageRowData[] = [];
  const push = (next: MessageRowData | undefined) => { if (next) replies.push(next); };
  for (const m of thread(log, root)) if (m.kind === 'posted') push(row(m, joins(replies.at(-1), m)));
  const known = new Set(thread(log, root).flatMap((m) => (m.author === me && m.key) || []));
  for (const i of items) {
    if (i.do === 'post' && i.thread === root && !known.has(i.key)) push(pendingRow(i, log, me, joins(replies.at(-1), { author: me, at: i.at })));
  }
  return { root: first?.kind === 'posted' ? row(first, false) : undefined, replies };
}

/** Runs of people joining or leaving by themselves become one line. */
function joinsSystem(a: Message, b: Message): boolean {
  if ((a.kind !== 'joined' && a.kind !== 'left') || a.kind !== b.kind) return false;
  const byThemselves = a.user === a.author && b.user === b.author;
  return byThemselves || (a.author === b.author && a.user !== a.author && b.user !== b.author);
}

/** Each reader's face is at the last of my messages they have read. */
function readersBy(mine: readonly Message[], receipts: ReadonlyMap<UserId, Seq> | undefined, me: UserId): Map<Seq, string> {
  const out = new Map<Seq, string>();
  if (!receipts || mine.length === 0) return out;
  for (const [user, seq] of receipts) {
    if (user === me) continue;
    const i = indexOf(mine, seq + 1) - 1;
    if (i < 0) continue;
    const at = mine[i]!.seq;
    out.set(at, out.has(at) ? `${out.get(at)} ${user}` : user);
  }
  return out;
}

export function sameRow(a: Row, b: Row): boolean {
  const x = a as unknown as Record<string, unknown>;
  const y = b as unknown as Record<string, unknown>;
  for (const k of Object.keys(y)) if (x[k] !== y[k]) return false;
  return Object.keys(x).length === Object.keys(y).length;
}
