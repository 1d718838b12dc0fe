import { describe, expect, it } from 'vitest';
import { addRun, apply, applyAll, emptyLog, find, mergePage, newest, type RoomLog } from '../../src/core/log';
import type { Event, Fact, Message, Page } from '../../src/protocol';

const ROOM = '5';

function event(seq: number, fact: Fact, author = '1'): Event {
  return { room: ROOM, seq, id: String(1000 + seq), at: 1_770_000_000_000 + seq, author, ...fact };
}
const posted = (seq: number, text = 'm' + seq): Event => event(seq, { kind: 'posted', text });

/** The server's own fold, written the slow and obvious way: from the whole log, every time. */
function serverPage(events: readonly Event[], from: number, to: number, head: number): Page {
  const messages: Message[] = [];
  for (const e of events) {
    if (e.seq < from || e.seq > to || e.kind === 'edited' || e.kind === 'deleted') continue;
    const m: Message = { ...e };
    for (const later of events) {
      if (later.seq > head) break;
      if (later.kind === 'edited' && later.target === m.seq && m.kind === 'posted' && m.deleted_by === undefined) {
        Object.assign(m, { text: later.text, edited: later.seq, edited_at: later.at });
      }
      if (later.kind === 'deleted' && later.target === m.seq && m.kind === 'posted') Object.assign(m, { text: '', deleted_by: later.author });
    }
    messages.push(m);
  }
  return { room: ROOM, from, to, head, messages };
}

function random(seed: number) {
  let s = seed * 2654435761 + 1;
  const next = () => {
    s = (Math.imul(s, 1664525) + 1013904223) >>> 0;
    return s / 2 ** 32;
  };
  return { next, below: (n: number) => Math.floor(next() * n) };
}

/** A room's life: everything that can happen to it, in a random order. */
function life(seed: number, length: number): Event[] {
  const r = random(seed);
  const events: Event[] = [event(1, { kind: 'created', name: 'den', access: 'open' })];
  const alive: number[] = [];
  for (let seq = 2; seq <= length; seq++) {
    const target = alive[r.below(alive.length)];
    const roll = r.below(14);
    const author = String(1 + r.below(3));
    if (target !== undefined && roll < 3) events.push(event(seq, { kind: 'edited', target, text: 'e' + seq }, author));
    else if (target !== undefined && roll === 3) {
      alive.splice(alive.indexOf(target), 1);
      events.push(event(seq, { kind: 'deleted', target }, author));
    } else if (roll === 4) events.push(event(seq, { kind: 'joined', user: author, role: 'member' }, author));
    else if (roll === 5) events.push(event(seq, { kind: 'left', user: author }, author));
    else if (roll === 6) events.push(event(seq, { kind: 'role_changed', user: author, role: 'moderator' }));
    else if (roll === 7) events.push(event(seq, { kind: 'renamed', name: 'n' + seq }));
    else if (roll === 8) events.push(event(seq, { kind: 'topic_changed', topic: 't' + seq }));
    else if (roll === 9) events.push(event(seq, { kind: r.below(2) ? 'archived' : 'restored' }));
    else {
      alive.push(seq);
      events.push(event(seq, { kind: 'posted', text: 'm' + seq }, author));
    }
  }
  return events;
}

/** Revisions beneath a tombstone cannot be seen. */
const visible = (messages: readonly Message[]) =>
  messages.map((m) => {
    if (m.deleted_by === undefined) return m;
    const { edited: _, edited_at: __, ...rest } = m;
    return rest;
  });

describe('the fold', () => {
  it('knows every kind of event', () => {
    let log = emptyLog(ROOM, 0);
    const facts: Fact[] = [
      { kind: 'created', name: 'den', access: 'closed' },
      { kind: 'posted', text: 'hi' },
      { kind: 'edited', target: 2, text: 'hello' },
      { kind: 'joined', user: '2', role: 'member' },
      { kind: 'role_changed', user: '2', role: 'moderator' },
      { kind: 'renamed', name: 'lair' },
      { kind: 'topic_changed', topic: 't' },
      { kind: 'archived' },
      { kind: 'restored' },
      { kind: 'left', user: '2' },
      { kind: 'deleted', target: 2 },
    ];
    facts.forEach((f, i) => {
      log = apply(log, event(i + 1, f));
    });
    expect(log.head).toBe(11);
    expect(log.runs).toEqual([{ from: 1, to: 11 }]);
    expect(log.messages.map((m) => m.kind)).toEqual(['created', 'posted', 'joined', 'role_changed', 'renamed', 'topic_changed', 'archived', 'restored', 'left']);
    expect(find(log, 2)).toMatchObject({ text: '', deleted_by: '1', edited: 3 });
  });

  it('hears nothing twice', () => {
    const log = applyAll(emptyLog(ROOM, 0), [posted(1), posted(2)]);
    expect(apply(log, posted(2, 'again'))).toBe(log);
  });

  it('is stale after a hole, keeps what it has and goes on from its cursor', () => {
    const log = applyAll(emptyLog(ROOM, 0), [posted(1), posted(3)]);
    expect([log.stale, log.head, log.messages.length]).toEqual([true, 1, 1]);
    const mended = applyAll(log, [posted(2), posted(3)]);
    expect([mended.stale, mended.head]).toEqual([false, 3]);
  });

  it('keeps a later edit when an older page comes', () => {
    let log = mergePage(emptyLog(ROOM, 3), serverPage([posted(1), posted(2), posted(3)], 1, 3, 3));
    log = apply(log, event(4, { kind: 'edited', target: 2, text: 'new' }));
    log = mergePage(log, serverPage([posted(1), posted(2)], 1, 2, 3));
    expect(find(log, 2)).toMatchObject({ text: 'new' });
  });

  it('applies an edit heard before its message was loaded', () => {
    let log = apply(emptyLog(ROOM, 3), event(4, { kind: 'edited', target: 2, text: 'new' }));
    log = mergePage(log, serverPage([posted(1), posted(2), posted(3)], 1, 3, 3));
    expect(find(log, 2)).toMatchObject({ text: 'new', edited: 4 });
  });

  it('asks again for a page that is older than the amendments it has kept', () => {
    let log = emptyLog(ROOM, 3);
    for (let seq = 4; seq < 600; seq++) log = apply(log, event(seq, { kind: 'edited', target: 2, text: 'e' + seq }));
    expect(mergePage(log, serverPage([posted(1), posted(2), posted(3)], 1, 3, 3))).toBe(log);
  });

  it('converges: any mixture of pages and live events is the same as loading afresh (400 seeds)', () => {
    for (let seed = 1; seed <= 400; seed++) {
      const r = random(seed + 7777);
      const length = 20 + r.below(80);
      const events = life(seed, length);
      const start = r.below(length + 1);
      let log: RoomLog = emptyLog(ROOM, start);
      let heard = start;
      const asked: Page[] = [];
      while (heard < length || asked.length > 0) {
        const roll = r.below(4);
        if (roll === 0 && heard < length) {
          // The server answers a request for a page now; the answer may arrive much later.
          const to = 1 + r.below(heard + 1);
          const head = Math.max(heard, Math.min(length, heard + r.below(4)));
          asked.push(serverPage(events, Math.max(1, to - r.below(20)), Math.min(to, head), head));
        } else if (roll === 1 && asked.length) {
          log = mergePage(log, asked.splice(r.below(asked.length), 1)[0]!);
        } else if (heard < length) {
          const n = 1 + r.below(5);
          // Some are said twice, as after a reconnect.
          log = applyAll(log, events.slice(Math.max(0, heard - r.below(3)), heard + n));
          heard = Math.min(length, heard + n);
        } else if (asked.length) {
          log = mergePage(log, asked.shift()!);
        }
      }
      for (const run of log.runs) {
        const truth = serverPage(events, run.from, run.to, length);
        const mine = log.messages.filter((m) => m.seq >= run.from && m.seq <= run.to);
        expect(visible(mine), `seed ${seed}, run ${run.from}..${run.to}`).toEqual(visible(truth.messages));
      }
      expect(log.messages.every((m) => log.runs.some((run) => run.from <= m.seq && m.seq <= run.to)), `seed ${seed}`).toBe(true);
      log = mergePage(log, serverPage(events, 1, length, length));
      expect(visible(log.messages), `seed ${seed}`).toEqual(visible(serverPage(events, 1, length, length).messages));
      expect(log.runs).toEqual([{ from: 1, to: length }]);
    }
  });
});

describe('runs', () => {
  it('joins those that touch or overlap and leaves holes', () => {
    let runs = addRun([], { from: 11, to: 20 });
    runs = addRun(runs, { from: 31, to: 40 });
    expect(runs).toEqual([{ from: 11, to: 20 }, { from: 31, to: 40 }]);
    runs = addRun(runs, { from: 1, to: 10 });
    expect(runs).toEqual([{ from: 1, to: 20 }, { from: 31, to: 40 }]);
    expect(addRun(runs, { from: 15, to: 35 })).toEqual([{ from: 1, to: 40 }]);
  });

  it('keeps on the device only what is whole up to the head', () => {
    const log = applyAll(emptyLog(ROOM, 0), Array.from({ length: 50 }, (_, i) => posted(i + 1)));
    const kept = newest(log, 10);
    expect([kept.messages.length, kept.messages[0]!.seq, kept.runs]).toEqual([10, 41, [{ from: 41, to: 50 }]]);
    const holed = { ...log, head: 60 };
    expect(newest(holed, 10).messages).toEqual([]);
  });
});
