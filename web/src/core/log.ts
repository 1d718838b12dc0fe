import type { Event, Message, Page, RoomId, Seq, UserId } from '../protocol';
import { type Amendment, amended, answered, answersLeft, isAmendment, isLine, lessAnswered, revision } from './amend';

/** A range of seqs for which everything is known. */
export interface Run {
  readonly from: Seq;
  readonly to: Seq;
}

/**
 * What this device knows of one room: the fold of its events, and for which ranges it is complete.
 * Plain data; every change makes a new one.
 */
export interface RoomLog {
  readonly room: RoomId;
  /** Who looks: some of what is under a message is theirs. */
  readonly me: UserId;
  /** The cursor: every event up to here has been heard, or was in a page. */
  readonly head: Seq;
  /** Oldest first, never touching. Between two runs is a hole. */
  readonly runs: readonly Run[];
  /** The room's timeline, oldest first. */
  readonly messages: readonly Message[];
  /** Oldest first: what is known of threads, and what messages here answer. Never complete. */
  readonly beside: readonly Message[];
  /** The newest events about messages, for pages that were read before them. */
  readonly amendments: readonly Amendment[];
  /** `amendments` holds all of them after this seq. */
  readonly amendedFrom: Seq;
  /** Messages whose replies may be counted wrong: one that was never here was deleted. Ask for them again. */
  readonly doubtful: readonly Seq[];
  /** An event was missed; ask again from `head`. */
  readonly stale: boolean;
}

/** A page older than this many amendments is asked for again instead of mended. */
const AMENDMENTS_KEPT = 256;

export const emptyLog = (room: RoomId, head: Seq, me: UserId = ''): RoomLog => ({
  room, me, head, runs: [], messages: [], beside: [], amendments: [], amendedFrom: head, doubtful: [], stale: false,
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

function at(messages: readonly Message[], seq: Seq): Message | undefined {
  const message = messages[indexOf(messages, seq)];
  return message?.seq === seq ? message : undefined;
}

/** A message of the timeline, of a thread, or one that is quoted. */
export const find = (log: Pick<RoomLog, 'messages' | 'beside'>, seq: Seq): Message | undefined => at(log.messages, seq) ?? at(log.beside, seq);

/** What is known of a thread, oldest first. */
export const thread = (log: RoomLog, root: Seq): Message[] => log.beside.filter((m) => m.kind === 'posted' && m.thread === root);

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

/** A log being changed: its lists are its own until it is put back together. */
class Draft {
  readonly messages: Message[];
  readonly beside: Message[];
  readonly doubtful: Set<Seq>;

  constructor(private readonly log: RoomLog) {
    this.messages = [...log.messages];
    this.beside = [...log.beside];
    this.doubtful = new Set(log.doubtful);
  }

  get lists() {
    return { messages: this.messages, beside: this.beside, doubtful: [...this.doubtful] };
  }

  /** A message may stand in both lists. */
  #change(seq: Seq, how: (m: Message) => Message): void {
    for (const list of [this.messages, this.beside]) {
      const i = indexOf(list, seq);
      if (list[i]?.seq === seq) list[i] = how(list[i]!);
    }
  }

  amend(event: Amendment): void {
    if (event.kind === 'posted') return this.#change(event.thread, (root) => answered(root, event));
    if (event.kind === 'expired') {
      for (const range of event.ranges) this.#drop(range);
      for (const { root, count } of event.threads ?? []) this.#change(root, (m) => answersLeft(m, count, event.seq));
      return;
    }
    const before = find(this, event.target);
    this.#change(event.target, (m) => amended(m, event, this.log.me));
    if (event.kind !== 'deleted') return;
    if (!before) return this.#doubt(event.target, event.seq);
    if (before.kind === 'posted' && before.thread !== undefined) this.#change(before.thread, (root) => lessAnswered(root, event));
  }

  /** What was past its time is nowhere any more. */
  #drop({ from, to }: Run): void {
    for (const list of [this.messages, this.beside]) {
      const start = indexOf(list, from);
      list.splice(start, indexOf(list, to + 1) - start);
    }
  }

  /** Perhaps it was a reply in one of the threads we know of. */
  #doubt(target: Seq, seq: Seq): void {
    for (const m of [...this.messages, ...this.beside]) {
      if (m.kind === 'posted' && m.replies && m.seq < target && target <= m.replies.last && revision(m) < seq) this.doubtful.add(m.seq);
    }
  }

  put(list: Message[], message: Message): void {
    const i = indexOf(list, message.seq);
    if (list[i]?.seq !== message.seq) list.splice(i, 0, message);
    else if (revision(message) >= revision(list[i]!) || this.doubtful.has(message.seq)) list[i] = message;
  }

  hear(event: Event): void {
    if (isLine(event) && (this.messages.at(-1)?.seq ?? 0) < event.seq) this.messages.push(event);
    if (event.kind === 'posted' && event.thread !== undefined) this.put(this.beside, event);
    if (isAmendment(event)) this.amend(event);
  }
}

export const apply = (log: RoomLog, event: Event): RoomLog => applyAll(log, [event]);

/** Folds events in. Those heard before change nothing; one that leaves a hole makes the log stale. */
export function applyAll(log: RoomLog, events: readonly Event[]): RoomLog {
  let { head, runs, amendedFrom } = log;
  let draft: Draft | undefined;
  let stale = false;
  const amendments = [...log.amendments];
  for (const event of events) {
    if (event.seq <= head) continue; // heard it already
    if (event.seq > head + 1) {
      stale = true;
      break;
    }
    draft ??= new Draft(log);
    draft.hear(event);
    if (isAmendment(event)) amendments.push(event);
    if (amendments.length > AMENDMENTS_KEPT) amendedFrom = amendments.shift()!.seq;
    head = event.seq;
    runs = addRun(runs, { from: event.seq, to: event.seq });
  }
  if (!draft) return stale ? { ...log, stale } : log;
  return { ...log, head, runs, ...draft.lists, amendments, amendedFrom, stale };
}

/**
 * Adds a page. One that was read before amendments that are no longer kept changes nothing: ask for it again.
 */
export function mergePage(log: RoomLog, page: Page): RoomLog {
  if (page.head < log.amendedFrom) return log;
  const draft = mergeInto(log, page, true);
  // An empty room's page has nothing to be complete for.
  const runs = page.to >= page.from ? addRun(log.runs, { from: page.from, to: page.to }) : log.runs;
  return { ...log, ...draft.lists, runs };
}

/** The same for a page of a thread, which says nothing about the room's timeline. */
export function mergeThread(log: RoomLog, page: Page): RoomLog {
  return page.head < log.amendedFrom ? log : { ...log, ...mergeInto(log, page, false).lists };
}

function mergeInto(log: RoomLog, page: Page, inRoom: boolean): Draft {
  const draft = new Draft(log);
  for (const m of page.messages) {
    if (inRoom || at(draft.messages, m.seq)) draft.put(draft.messages, m);
    if (!inRoom || at(draft.beside, m.seq) || (m.kind === 'posted' && m.thread !== undefined)) draft.put(draft.beside, m);
  }
  for (const m of page.quoted ?? []) {
    if (at(draft.messages, m.seq)) draft.put(draft.messages, m);
    draft.put(draft.beside, m);
  }
  for (const m of [...page.messages, ...(page.quoted ?? [])]) draft.doubtful.delete(m.seq);
  for (const event of log.amendments) if (event.seq > page.head) draft.amend(event);
  return draft;
}

/** The newest `keep` messages and only the run that holds them, with what they answer: what is worth keeping on the device. */
export function newest(log: RoomLog, keep: number): RoomLog {
  const run = log.runs.at(-1);
  if (!run || run.to < log.head) return emptyLog(log.room, log.head, log.me);
  const start = Math.max(indexOf(log.messages, run.from), log.messages.length - keep);
  const messages = log.messages.slice(start);
  const from = start > indexOf(log.messages, run.from) ? (messages[0]?.seq ?? run.from) : run.from;
  const answers = new Set(messages.map((m) => (m.kind === 'posted' ? m.reply : undefined)));
  const beside = log.messages.slice(0, start).concat(log.beside).filter((m) => answers.has(m.seq));
  return { ...log, messages, beside: beside.sort((a, b) => a.seq - b.seq).filter((m, i, all) => all[i - 1]?.seq !== m.seq), runs: [{ from, to: run.to }], stale: false };
}
