import type { Event, Message, MessageHead, Page, RoomId, Seq } from '../protocol';

/** A range of seqs for which everything is known. */
export interface Run {
  readonly from: Seq;
  readonly to: Seq;
}

type Amendment = Event & { kind: 'edited' | 'deleted' };

/**
 * What this device knows of one room: the fold of its events, and for which ranges it is complete.
 * Plain data; every change makes a new one.
 */
export interface RoomLog {
  readonly room: RoomId;
  /** The cursor: every event up to here has been heard, or was in a page. */
  readonly head: Seq;
  /** Oldest first, never touching. Between two runs is a hole. */
  readonly runs: readonly Run[];
  /** Oldest first. */
  readonly messages: readonly Message[];
  /** The newest edits and deletions heard, for pages that were read before them. */
  readonly amendments: readonly Amendment[];
  /** `amendments` holds all of them after this seq. */
  readonly amendedFrom: Seq;
  /** An event was missed; ask again from `head`. */
  readonly stale: boolean;
}

/** A page older than this many amendments is asked for again instead of mended. */
const AMENDMENTS_KEPT = 256;

export const emptyLog = (room: RoomId, head: Seq): RoomLog => ({
  room, head, runs: [], messages: [], amendments: [], amendedFrom: head, stale: false,
});

/** The index of the first message at or after `seq`. */
export function indexOf(messages: readonly Message[], seq: Seq): number {
  let lo = 0;
  let hi = messages.length;
  while (lo < hi) {
    const mid = (lo + hi) >> 1;
    if (messages[mid]!.seq < seq) lo = mid + 1;
    else hi = mid;
  }
  return lo;
}

export function find(log: RoomLog, seq: Seq): Message | undefined {
  const message = log.messages[indexOf(log.messages, seq)];
  return message?.seq === seq ? message : undefined;
}

export const runAt = (log: RoomLog, seq: Seq): Run | undefined => log.runs.find((r) => r.from <= seq && seq <= r.to);

/** Adds a run and joins those that touch it. */
export function addRun(runs: readonly Run[], run: Run): Run[] {
  const out: Run[] = [];
  let { from, to } = run;
  for (const r of runs) {
    if (r.to < from - 1 || r.from > to + 1) {
      out.push(r);
    } else {
      from = Math.min(from, r.from);
      to = Math.max(to, r.to);
    }
  }
  out.push({ from, to });
  return out.sort((a, b) => a.from - b.from);
}

/** A tombstone outlives every edit; a later edit replaces an earlier one. */
const revision = (m: MessageHead): number => (m.deleted_by === undefined ? (m.edited ?? 0) : Number.POSITIVE_INFINITY);

function amend(message: Message, event: Amendment): Message {
  if (message.kind !== 'posted' || revision(message) >= event.seq) return message;
  return event.kind === 'deleted'
    ? { ...message, text: '', deleted_by: event.author }
    : { ...message, text: event.text, edited: event.seq, edited_at: event.at };
}

function amendAt(messages: Message[], event: Amendment): void {
  const i = indexOf(messages, event.target);
  const held = messages[i];
  if (held?.seq === event.target) messages[i] = amend(held, event);
}

function isAmendment(event: Event): event is Amendment {
  return event.kind === 'edited' || event.kind === 'deleted';
}

export const apply = (log: RoomLog, event: Event): RoomLog => applyAll(log, [event]);

/** Folds events in. Those heard before change nothing; one that leaves a hole makes the log stale. */
export function applyAll(log: RoomLog, events: readonly Event[]): RoomLog {
  let { head, runs, amendedFrom } = log;
  let messages: Message[] | undefined;
  let amendments: Amendment[] | undefined;
  for (const event of events) {
    if (event.seq <= head) continue; // heard it already
    if (event.seq > head + 1) return { ...log, head, runs, messages: messages ?? log.messages, amendments: amendments ?? log.amendments, amendedFrom, stale: true };
    messages ??= [...log.messages];
    if (isAmendment(event)) {
      amendAt(messages, event);
      amendments ??= [...log.amendments];
      amendments.push(event);
      if (amendments.length > AMENDMENTS_KEPT) amendedFrom = amendments.shift()!.seq;
    } else if (messages.length === 0 || messages[messages.length - 1]!.seq < event.seq) {
      messages.push(event);
    }
    head = event.seq;
    runs = addRun(runs, { from: event.seq, to: event.seq });
  }
  if (messages === undefined) return log;
  return { ...log, head, runs, messages, amendments: amendments ?? log.amendments, amendedFrom, stale: false };
}

/**
 * Adds a page. One that was read before amendments that are no longer kept changes nothing: ask for it again.
 */
export function mergePage(log: RoomLog, page: Page): RoomLog {
  if (page.head < log.amendedFrom) return log;
  const bySeq = new Map<Seq, Message>();
  for (const m of log.messages) bySeq.set(m.seq, m);
  for (const m of page.messages) {
    const held = bySeq.get(m.seq);
    if (!held || revision(m) >= revision(held)) bySeq.set(m.seq, m);
  }
  const messages = [...bySeq.values()].sort((a, b) => a.seq - b.seq);
  for (const event of log.amendments) if (event.seq > page.head) amendAt(messages, event);
  // An empty room's page has nothing to be complete for.
  const runs = page.to >= page.from ? addRun(log.runs, { from: page.from, to: page.to }) : log.runs;
  return { ...log, messages, runs };
}

/** The newest `keep` messages and only the run that holds them: what is worth keeping on the device. */
export function newest(log: RoomLog, keep: number): RoomLog {
  const run = log.runs.at(-1);
  if (!run || run.to < log.head) return emptyLog(log.room, log.head);
  const start = Math.max(indexOf(log.messages, run.from), log.messages.length - keep);
  const messages = log.messages.slice(start);
  const from = start > indexOf(log.messages, run.from) ? (messages[0]?.seq ?? run.from) : run.from;
  return { ...log, messages, runs: [{ from, to: run.to }], stale: false };
}
