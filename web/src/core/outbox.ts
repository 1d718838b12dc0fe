import type { Draft, Key, Refusal, RoomId, Seq } from '../protocol';

/** What a message answers, and where it is said. */
export type Where = Pick<Draft, 'reply' | 'thread' | 'also_in_room' | 'files'>;

export type Action =
  | ({ do: 'post'; text: string } & Where)
  | { do: 'edit'; seq: Seq; text: string }
  | { do: 'delete'; seq: Seq };

export type SendState =
  | { state: 'queued' }
  | { state: 'sending' }
  /** The server is busy or we were too fast; keeps its place. */
  | { state: 'waiting'; until: number }
  /** Stored by the server; shown until its event is here. */
  | { state: 'sent'; seq: Seq }
  | { state: 'refused'; refusal: Refusal };

export type Item = {
  key: Key;
  room: RoomId;
  /** By this device's clock, for showing only. */
  at: number;
  /** Not before this time: it can still be undone. */
  after?: number;
} & Action & SendState;

export type Answer =
  | { answer: 'ok'; seq: Seq }
  | { answer: 'refused'; refusal: Refusal }
  /** No word: the connection went, or the answer did not come. */
  | { answer: 'lost' };

export interface OutboxPorts {
  send(item: Item): Promise<Answer>;
  /** Resolves when it is on the device. */
  save(item: Item): Promise<void>;
  remove(key: Key): Promise<void>;
  changed(items: readonly Item[]): void;
  /** Whether this tab may send now. */
  ready(): boolean;
  now?(): number;
}

/** When the server says "try again" without saying when. */
const BUSY_WAIT = 2_000;
/** After an answer that did not come although the connection seems fine. */
const LOST_WAIT = 1_000;

/** Refusals that are about the moment, not about the message. */
const LATER = new Set(['too_fast', 'try_again', 'not_signed_in']);

/**
 * What this person did that the server has not yet confirmed, in order. Written to the device before it is sent;
 * one in flight per room; the key makes a repeat harmless.
 */
export class Outbox {
  items: readonly Item[] = [];
  readonly #flying = new Set<RoomId>();
  readonly #timers = new Map<RoomId, ReturnType<typeof setTimeout>>();
  readonly #now: () => number;

  constructor(private readonly ports: OutboxPorts) {
    this.#now = ports.now ?? Date.now;
  }

  /** Takes over what is on the device; what was in flight when the page went is sent again. */
  load(stored: readonly Item[]): void {
    const known = new Map(this.items.map((i) => [i.key, i]));
    const next = stored.map((i): Item => {
      const held = known.get(i.key);
      if (held && held.state !== 'refused' && i.state !== 'refused') return held;
      return i.state === 'sending' || i.state === 'waiting' || i.state === 'sent' ? { ...i, state: 'queued' } : i;
    });
    const stillHere = new Set(next.map((i) => i.key));
    // Confirmed ones have left the device already, but are shown until their event comes.
    for (const i of this.items) if (!stillHere.has(i.key) && (i.state === 'sent' || i.state === 'sending')) next.push(i);
    this.#set(next.sort((a, b) => a.at - b.at || (a.key < b.key ? -1 : 1)));
    this.flush();
  }

  async add(room: RoomId, key: Key, action: Action, after?: number): Promise<void> {
    const item: Item = { key, room, at: this.#now(), ...action, state: 'queued', ...(after === undefined ? {} : { after }) };
    this.#set([...this.items, item]);
    await this.ports.save(item);
    this.flush(room);
  }

  flush(room?: RoomId): void {
    for (const r of room === undefined ? new Set(this.items.map((i) => i.room)) : [room]) void this.#run(r);
  }

  /** The event with this key, or anything at or after it, is in the log. */
  seen(room: RoomId, head: Seq, keys: ReadonlySet<Key>): void {
    const gone = this.items.filter((i) => i.room === room && (keys.has(i.key) || (i.state === 'sent' && i.seq <= head)));
    if (gone.length === 0) return;
    const drop = new Set(gone.map((i) => i.key));
    this.#set(this.items.filter((i) => !drop.has(i.key)));
    for (const i of gone) void this.ports.remove(i.key);
    this.flush(room);
  }

  retry(key: Key): void {
    const item = this.items.find((i) => i.key === key);
    if (item?.state !== 'refused') return;
    const again: Item = { ...item, state: 'queued' };
    this.#put(again);
    void this.ports.save(again);
    this.flush(item.room);
  }

  /** Takes it back. False when it may already be with the server. */
  discard(key: Key): boolean {
    const item = this.items.find((i) => i.key === key);
    if (!item || item.state === 'sending' || item.state === 'sent') return false;
    this.#set(this.items.filter((i) => i.key !== key));
    void this.ports.remove(key);
    this.flush(item.room);
    return true;
  }

  dispose(): void {
    for (const t of this.#timers.values()) clearTimeout(t);
    this.#timers.clear();
  }

  #next(room: RoomId): Item | undefined {
    const mine = this.items.filter((i) => i.room === room && i.state !== 'refused' && i.state !== 'sent');
    const now = this.#now();
    let soonest = Number.POSITIVE_INFINITY;
    for (const i of mine) {
      if (i.state === 'waiting' && i.until > now) {
        soonest = Math.min(soonest, i.until);
        break; // keeps its place: nothing behind it goes first
      }
      // Something that can still be undone must not hold up what is written after it.
      if (i.after !== undefined && i.after > now) {
        soonest = Math.min(soonest, i.after);
        continue;
      }
      return i;
    }
    if (soonest < Number.POSITIVE_INFINITY) this.#later(room, soonest - now);
    return undefined;
  }

  #later(room: RoomId, ms: number): void {
    clearTimeout(this.#timers.get(room));
    this.#timers.set(room, setTimeout(() => void this.#run(room), Math.max(0, ms) + 1));
  }

  async #run(room: RoomId): Promise<void> {
    if (this.#flying.has(room)) return;
    this.#flying.add(room);
    try {
      for (;;) {
        if (!this.ports.ready()) return;
        const item = this.#next(room);
        if (!item) return;
        this.#put({ ...item, state: 'sending' });
        const answer = await this.ports.send(item).catch((): Answer => ({ answer: 'lost' }));
        if (!(await this.#settle(item, answer))) return;
      }
    } finally {
      this.#flying.delete(room);
    }
  }

  /** True when the next one may go. */
  async #settle(item: Item, answer: Answer): Promise<boolean> {
    // Its event may have come before the answer.
    if (!this.items.some((i) => i.key === item.key)) return true;
    if (answer.answer === 'ok') {
      this.#put({ ...item, state: 'sent', seq: answer.seq } as Item);
      await this.ports.remove(item.key);
      return true;
    }
    if (answer.answer === 'lost') {
      this.#put({ ...item, state: 'queued' });
      this.#later(item.room, LOST_WAIT);
      return false;
    }
    const { refusal } = answer;
    if (LATER.has(refusal.code)) {
      const wait = refusal.retry_after === undefined ? BUSY_WAIT : refusal.retry_after * 1000;
      this.#put({ ...item, state: 'waiting', until: this.#now() + wait });
      return true;
    }
    // Deleting what is deleted already has come to what was wanted.
    if (refusal.code === 'already_deleted' && item.do === 'delete') {
      this.#set(this.items.filter((i) => i.key !== item.key));
      await this.ports.remove(item.key);
      return true;
    }
    const refused: Item = { ...item, state: 'refused', refusal };
    this.#put(refused);
    await this.ports.save(refused);
    return true;
  }

  #put(item: Item): void {
    this.#set(this.items.map((i) => (i.key === item.key ? item : i)));
  }

  #set(items: readonly Item[]): void {
    this.items = items;
    this.ports.changed(items);
  }
}
