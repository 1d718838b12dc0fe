import type { Message, Seq, UserId } from '../protocol';
import { indexOf, type RoomLog, runAt } from './log';

/** How long a message must have been on screen. */
export const SEEN_AFTER = 600;

/**
 * Which messages were really in front of someone. The receipt is the highest seq such that everything before it has
 * been read; what was only scrolled past stays unread.
 */
export class Reading {
  readonly #since = new Map<Seq, number>();
  readonly #seen = new Set<Seq>();

  /** What is on screen now (nothing when the page is hidden or not in front). */
  look(onScreen: readonly Seq[], now: number): void {
    const here = new Set(onScreen);
    for (const seq of this.#since.keys()) if (!here.has(seq)) this.#since.delete(seq);
    for (const seq of onScreen) {
      const since = this.#since.get(seq);
      if (since === undefined) this.#since.set(seq, now);
      else if (now - since >= SEEN_AFTER) this.#seen.add(seq);
    }
  }

  receipt(log: RoomLog, read: Seq, me: UserId): Seq {
    const run = runAt(log, read + 1);
    if (!run) return read;
    let to = read;
    for (let i = indexOf(log.messages, read + 1); i < log.messages.length; i++) {
      const m = log.messages[i]!;
      if (m.seq > run.to || (needsReading(m, me) && !this.#seen.has(m.seq))) return Math.max(read, to);
      to = m.seq;
    }
    // The rest of the run is edits and deletions: nothing to read.
    return run.to;
  }
}

/** System lines, tombstones and one's own words are never unread. */
export const needsReading = (m: Message, me: UserId): boolean =>
  m.kind === 'posted' && m.deleted_by === undefined && m.author !== me;

/** The first message after `read` that counts as unread, if it is in memory. */
export function firstUnread(log: RoomLog, read: Seq, me: UserId): Seq | undefined {
  for (let i = indexOf(log.messages, read + 1); i < log.messages.length; i++) {
    if (needsReading(log.messages[i]!, me)) return log.messages[i]!.seq;
  }
  return undefined;
}
