// What I have begun to write, the same on all my devices. The device's own copy is the truth here: what comes from another
// device replaces it only where nothing was changed here meanwhile; else both are kept, and the person is asked.

import { signal } from '@preact/signals';
import type { KeptDraft, PutDraft, RoomId, Seq } from '../protocol';
import { call, RefusedError } from './api';

/** What the server had when it was last asked or told. */
interface Known {
  rev: number;
  text: string;
}

interface Ports {
  text(draft: string): string;
  put(draft: string, text: string): void;
  remember(known: ReadonlyMap<string, Known>): void;
  send?(room: RoomId, body: PutDraft): Promise<KeptDraft>;
}

/** Quiet for so long, then it is told. */
export const SYNC_AFTER = 3_000;

/** What another device wrote where this one has changed something too. */
export const clashes = signal<ReadonlyMap<string, string>>(new Map());

export const draftOf = (room: RoomId, thread?: Seq): string => (thread === undefined ? room : `${room}/${thread}`);

export class DraftSync {
  readonly #known: Map<string, Known>;
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();

  constructor(private readonly ports: Ports, known: Iterable<[string, Known]> = []) {
    this.#known = new Map(known);
  }

  /** The person has changed it. */
  changed(draft: string): void {
    clearTimeout(this.#timers.get(draft));
    this.#timers.set(draft, setTimeout(() => void this.tell(draft).catch(() => {}), SYNC_AFTER));
  }

  async tell(draft: string): Promise<void> {
    clearTimeout(this.#timers.get(draft));
    this.#timers.delete(draft);
    const text = this.ports.text(draft);
    const known = this.#known.get(draft);
    if (text === (known?.text ?? '') || clashes.peek().has(draft)) return;
    const [room, thread] = draft.split('/');
    const send = this.ports.send ?? ((to, body) => call<KeptDraft>('PUT', `rooms/${to}/draft`, body));
    try {
      // One that was taken back is none to the server: there is nothing to replace.
      const kept = await send(room!, { text, rev: known?.text ? known.rev : 0, ...(thread === undefined ? {} : { thread: Number(thread) }) });
      this.#learn(draft, { rev: kept.rev, text });
    } catch (e) {
      if (e instanceof RefusedError && e.code === 'stale' && 'newer' in e.refusal) this.heard(e.refusal.newer as KeptDraft);
      else throw e;
    }
  }

  /** What the server says it is now. */
  heard(now: KeptDraft): void {
    const draft = draftOf(now.room, now.thread);
    const known = this.#known.get(draft);
    if (known && known.rev >= now.rev) return;
    const mine = this.ports.text(draft);
    const untouched = mine === (known?.text ?? '');
    this.#learn(draft, { rev: now.rev, text: now.text });
    if (mine === now.text) return;
    if (untouched) this.ports.put(draft, now.text);
    // One that was sent or emptied elsewhere takes nothing from here.
    else if (now.text) this.#clash(draft, now.text);
  }

  /** All that the server has: of what it does not name, it has nothing. */
  heardAll(all: readonly KeptDraft[]): void {
    const there = new Set(all.map((it) => draftOf(it.room, it.thread)));
    for (const it of all) this.heard(it);
    for (const [draft, known] of [...this.#known]) {
      if (there.has(draft) || known.text === '') continue;
      if (this.ports.text(draft) === known.text) this.ports.put(draft, '');
      this.#known.delete(draft);
    }
  }

  /** The person has chosen between both. */
  settle(draft: string, text: string): void {
    this.#clash(draft, undefined);
    this.ports.put(draft, text);
    this.changed(draft);
  }

  #learn(draft: string, known: Known): void {
    this.#known.set(draft, known);
    this.ports.remember(this.#known);
  }

  #clash(draft: string, text: string | undefined): void {
    const next = new Map(clashes.peek());
    if (text === undefined) next.delete(draft);
    else next.set(draft, text);
    clashes.value = next;
  }
}
