import { describe, expect, it } from 'vitest';
import { addRun, apply, applyAll, emptyLog, find, mergePage, mergeThread, newest, type RoomLog, thread } from '../../src/core/log';
import type { Event, Fact, Message, Page } from '../../src/protocol';

const ROOM = '5';
const ME = '2';

function event(seq: number, fact: Fact, author = '1'): Event {
  return { room: ROOM, seq, id: String(1000 + seq), at: 1_770_000_000_000 + seq, author, ...fact };
}
const posted = (seq: number, text = 'm' + seq): Event => event(seq, { kind: 'posted', text });

type Posted = Message & { kind: 'posted' };

/** The server's own fold, written the slow and obvious way: from the whole log, every time. */
function serverMessages(events: readonly Event[], head: number): Map<number, Message> {
  const all = new Map<number, Message>();
  const marks: { target: number; what: string | number; user: string }[] = [];
  for (const e of events) {
    if (e.seq > head) break;
    const m = 'target' in e ? (all.get(e.target) as Posted) : undefined;
    if (m) m.rev = e.seq;
    if (e.kind === 'posted' && e.thread !== undefined) {
      const root = all.get(e.thread) as Posted;
      const { count = 0, people = [] } = root.replies ?? {};
      root.rev = e.seq;
      root.replies = { count: count + 1, last: e.seq, last_at: e.at, people: [...new Set([...people, e.author])].slice(0, 3) };
    }
    if (e.kind === 'edited') {
      delete m!.refs;
      if (m!.preview && !e.text.includes(m!.preview.link)) delete m!.preview;
      Object.assign(m!, { text: e.text, edited: e.seq, edited_at: e.at }, e.refs ? { refs: e.refs } : {});
    }
    if (e.kind === 'previewed') m!.preview = e.preview;
    else if (e.kind === 'preview_removed') delete m!.preview;
    else if (e.kind === 'pinned') m!.pinned_by = e.author;
    else if (e.kind === 'unpinned') delete m!.pinned_by;
    else if (e.kind === 'poll_closed') m!.poll = { ...m!.poll!, closed: true };
    else if (e.kind === 'reacted') marks.push({ target: e.target, what: e.emoji, user: e.author });
    else if (e.kind === 'voted') marks.push({ target: e.target, what: e.option, user: e.author });
    else if (e.kind === 'unreacted' || e.kind === 'unvoted') {
      const what = e.kind === 'unvoted' ? e.option : e.emoji;
      const at = marks.findIndex((it) => it.target === e.target && it.what === what && it.user === e.author);
      // The place of an emoji is that of its first use since it was last gone.
      const next = marks.findIndex((it, i) => i > at && it.target === e.target && it.what === what);
      if (next > at && marks.findIndex((it) => it.target === e.target && it.what === what) === at) marks[at] = marks.splice(next, 1)[0]!;
      else marks.splice(at, 1);
    } else if (e.kind === 'deleted') {
      for (const it of [...marks]) if (it.target === e.target) marks.splice(marks.indexOf(it), 1);
      for (const gone of ['refs', 'poll', 'pinned_by', 'preview'] as const) delete m![gone];
      Object.assign(m!, { text: '', deleted_by: e.author });
      if (m!.thread !== undefined) {
        const root = all.get(m!.thread) as Posted;
        root.rev = e.seq;
        root.replies = { ...root.replies!, count: root.replies!.count - 1 };
      }
    }
    if (!('target' in e) || e.kind === 'pinned') all.set(e.seq, { ...e });
  }
  for (const m of all.values()) {
    const under = marks.filter((it) => it.target === m.seq);
    const kinds = [...new Set(under.map((it) => it.what))];
    const tally = (what: string | number) => ({ count: under.filter((it) => it.what === what).length, mine: under.some((it) => it.what === what && it.user === ME) });
    const emoji = kinds.filter((it) => typeof it === 'string').map((it) => ({ emoji: it, ...tally(it) }));
    const votes = kinds.filter((it) => typeof it === 'number').sort().map((it) => ({ option: it, ...tally(it) }));
    if (emoji.length) m.reactions = emoji;
    if (votes.length) m.votes = votes;
  }
  return all;
}

const inRoom = (m: Message) => m.kind !== 'posted' || m.thread === undefined || m.also_in_room === true;

function serverPage(events: readonly Event[], from: number, to: number, head: number): Page {
  const all = serverMessages(events, head);
  const messages = [...all.values()].filter((m) => from <= m.seq && m.seq <= to && inRoom(m));
  const answers = new Set(messages.flatMap((m) => (m.kind === 'posted' && m.reply) || []));
  const quoted = [...answers].filter((seq) => !messages.some((m) => m.seq === seq)).map((seq) => all.get(seq)!);
  return { room: ROOM, from, to, head, messages, ...(quoted.length ? { quoted } : {}) };
}

function serverThread(events: readonly Event[], root: number, head: number): Page {
  const messages = [...serverMessages(events, head).values()].filter((m) => m.kind === 'posted' && m.thread === root);
  return { room: ROOM, from: 1, to: head, head, messages };
}

/** Whoever reads the log after a deletion finds the text gone from what came before. */
function blanked(events: readonly Event[], e: Event, head: number): Event {
  const of = e.kind === 'posted' ? e.seq : e.kind === 'edited' ? e.target : undefined;
  if (of === undefined || !events.some((it) => it.kind === 'deleted' && it.target === of && it.seq <= head)) return e;
  if (e.kind === 'edited') return { room: e.room, seq: e.seq, id: e.id, at: e.at, author: e.author, kind: 'edited', target: e.target, text: '' };
  const { refs: _, poll: __, ...rest } = e as Event & { kind: 'posted' };
  return { ...rest, text: '' };
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
  const roots: number[] = [];
  const marks = new Set<string>();
  const pinned = new Set<number>();
  const polls = new Set<number>();
  const toggle = <T>(set: Set<T>, one: T): boolean => (set.delete(one) ? false : Boolean(set.add(one)));
  const pick = (from: readonly number[]) => from[r.below(from.length)];
  for (let seq = 2; seq <= length; seq++) {
    const target = pick(alive);
    const author = String(1 + r.below(3));
    const say = (fact: Fact) => events.push(event(seq, fact, author));
    const roll = target === undefined ? 99 : r.below(40);
    if (roll < 4) say({ kind: 'edited', target: target!, text: r.below(2) ? `https://${target}` : 'e' + seq, ...(r.below(3) ? {} : { refs: [{ text: '@eve', is: 'user', id: '3' }] }) });
    else if (roll < 7) {
      alive.splice(alive.indexOf(target!), 1);
      pinned.delete(target!);
      polls.delete(target!);
      for (const key of [...marks]) if (key.split(' ')[1] === String(target)) marks.delete(key);
      say({ kind: 'deleted', target: target! });
    } else if (roll < 15) {
      const emoji = ['👍', '🎉', ':a:'][r.below(3)]!;
      say({ kind: toggle(marks, `r ${target} ${emoji} ${author}`) ? 'reacted' : 'unreacted', target: target!, emoji });
    } else if (roll < 17) {
      say({ kind: toggle(pinned, target!) ? 'pinned' : 'unpinned', target: target! });
    } else if (roll < 20 && polls.size) {
      const poll = pick([...polls])!;
      const option = r.below(2);
      if (r.below(9) === 0) {
        polls.delete(poll);
        say({ kind: 'poll_closed', target: poll });
      } else say({ kind: toggle(marks, `v ${poll} ${option} ${author}`) ? 'voted' : 'unvoted', target: poll, option });
    } else if (roll === 26 || roll === 27) {
      const preview = { link: `https://${target}`, url: 'https://example.org', title: 'p' + seq };
      say(toggle(pinned, -target!) ? { kind: 'previewed', target: target!, preview } : { kind: 'preview_removed', target: target! });
    } else if (roll === 20) say({ kind: 'joined', user: author, role: 'member' });
    else if (roll === 21) say({ kind: 'left', user: author });
    else if (roll === 22) say({ kind: 'role_changed', user: author, role: 'moderator' });
    else if (roll === 23) say({ kind: 'renamed', name: 'n' + seq });
    else if (roll === 24) say({ kind: 'topic_changed', topic: 't' + seq });
    else if (roll === 25) say({ kind: r.below(2) ? 'archived' : 'restored' });
    else if (roll < 34 && roots.length) {
      alive.push(seq);
      say({ kind: 'posted', text: 'r' + seq, thread: pick(roots.slice(-3))!, ...(r.below(3) ? {} : { also_in_room: true }) });
    } else {
      alive.push(seq);
      const kind = r.below(6);
      if (kind === 0) polls.add(seq);
      else if (kind < 3) roots.push(seq);
      say({
        kind: 'posted', text: 'm' + seq,
        ...(kind === 0 ? { poll: { options: ['a', 'b'] } } : {}),
        ...(kind > 3 && target !== undefined ? { reply: target } : {}),
        ...(kind === 5 ? { refs: [{ text: '@bob', is: 'user', id: '2' }] } : {}),
      });
    }
  }
  return events;
}

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
      { kind: 'reacted', target: 2, emoji: '👍' },
      { kind: 'unreacted', target: 2, emoji: '👍' },
      { kind: 'pinned', target: 2 },
      { kind: 'unpinned', target: 2 },
      { kind: 'posted', text: 'aside', thread: 2 },
      { kind: 'posted', text: 'lunch?', poll: { options: ['soup', 'salad'] } },
      { kind: 'voted', target: 16, option: 1 },
      { kind: 'unvoted', target: 16, option: 1 },
      { kind: 'poll_closed', target: 16 },
      { kind: 'deleted', target: 2 },
    ];
    facts.forEach((f, i) => {
      log = apply(log, event(i + 1, f));
    });
    expect(log.head).toBe(20);
    expect(log.runs).toEqual([{ from: 1, to: 20 }]);
    expect(log.messages.map((m) => m.kind)).toEqual(['created', 'posted', 'joined', 'role_changed', 'renamed', 'topic_changed', 'archived', 'restored', 'left', 'pinned', 'posted']);
    expect(find(log, 2)).toMatchObject({ text: '', deleted_by: '1', edited: 3, replies: { count: 1 }, rev: 20 });
    expect(find(log, 16)).toMatchObject({ poll: { closed: true }, rev: 19 });
    expect(thread(log, 2)).toMatchObject([{ text: 'aside' }]);
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

  it('converges: any mixture of pages and live events is the same as loading afresh (150 seeds)', { timeout: 60_000 }, () => {
    let doubted = 0;
    for (let seed = 1; seed <= 150; seed++) {
      const r = random(seed + 7777);
      const length = 20 + r.below(100);
      const events = life(seed, length);
      const roots = [...new Set(events.flatMap((e) => (e.kind === 'posted' && e.thread) || []))];
      const start = r.below(length + 1);
      let log: RoomLog = emptyLog(ROOM, start, ME);
      let heard = start;
      const asked: { page: Page; thread: boolean }[] = [];
      const answer = (i: number) => {
        const [{ page, thread }] = asked.splice(i, 1) as [(typeof asked)[0]];
        log = thread ? mergeThread(log, page) : mergePage(log, page);
      };
      while (heard < length || asked.length > 0) {
        const roll = r.below(5);
        const head = Math.max(heard, Math.min(length, heard + r.below(4)));
        if (roll === 0 && heard < length) {
          // The server answers a request for a page now; the answer may arrive much later.
          const to = 1 + r.below(heard + 1);
          asked.push({ page: serverPage(events, Math.max(1, to - r.below(20)), Math.min(to, head), head), thread: false });
        } else if (roll === 1 && heard < length && roots.length) {
          const root = roots[r.below(roots.length)]!;
          if (root <= head) asked.push({ page: serverThread(events, root, head), thread: true });
        } else if (roll === 2 && asked.length) {
          answer(r.below(asked.length));
        } else if (heard < length) {
          const n = 1 + r.below(5);
          const to = Math.min(length, heard + n);
          // Some are said twice, as after a reconnect; some are read from the log after what they said was deleted.
          const late = r.below(2) ? to : 0;
          log = applyAll(log, events.slice(Math.max(0, heard - r.below(3)), to).map((e) => blanked(events, e, late)));
          heard = to;
        } else if (asked.length) {
          answer(0);
        }
      }
      const truth = serverMessages(events, length);
      doubted += log.doubtful.length;
      const sure = (m: Message) => !log.doubtful.includes(m.seq);
      for (const run of log.runs) {
        const mine = log.messages.filter((m) => m.seq >= run.from && m.seq <= run.to);
        expect(mine.map((m) => m.seq), `seed ${seed}, run ${run.from}..${run.to}`).toEqual(serverPage(events, run.from, run.to, length).messages.map((m) => m.seq));
      }
      for (const m of [...log.messages, ...log.beside].filter(sure)) expect(m, `seed ${seed}, message ${m.seq}`).toEqual(truth.get(m.seq));
      expect(log.messages.every((m) => log.runs.some((run) => run.from <= m.seq && m.seq <= run.to)), `seed ${seed}`).toBe(true);
      log = mergePage(log, serverPage(events, 1, length, length));
      expect(log.messages, `seed ${seed}`).toEqual(serverPage(events, 1, length, length).messages);
      expect(log.runs).toEqual([{ from: 1, to: length }]);
      for (const root of roots) {
        log = mergeThread(log, serverThread(events, root, length));
        expect(thread(log, root), `seed ${seed}, thread ${root}`).toEqual(serverThread(events, root, length).messages);
      }
      expect(log.doubtful, `seed ${seed}`).toEqual([]);
    }
    // It happens that a reply is deleted that was never here.
    expect(doubted).toBeGreaterThan(0);
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

describe('what is past its time', () => {
  const expired = (seq: number): Event => event(seq, { kind: 'expired', ranges: [{ from: 1, to: 2 }, { from: 5, to: 5 }], threads: [{ root: 3, count: 1 }] });
  const reply = (seq: number): Event => event(seq, { kind: 'posted', text: 'r' + seq, thread: 3 });
  const all = [posted(1), posted(2), posted(3), posted(4), reply(5), reply(6)];

  it('leaves the timeline and the thread, and nothing takes its place', () => {
    const log = applyAll(emptyLog(ROOM, 0, ME), [...all, expired(7)]);
    expect(log.messages.map((m) => m.seq)).toEqual([3, 4]);
    expect(thread(log, 3).map((m) => m.seq)).toEqual([6]);
    const root = find(log, 3);
    expect(root?.kind === 'posted' && root.replies?.count).toBe(1);
    expect(root?.rev).toBe(7);
    expect([log.head, log.stale]).toEqual([7, false]);
  });

  it('does not come back with a page that was read before', () => {
    const heard = apply(emptyLog(ROOM, 6, ME), expired(7));
    const log = mergePage(heard, { room: ROOM, from: 1, to: 6, head: 6, messages: all.slice(0, 4) as Message[] });
    expect(log.messages.map((m) => m.seq)).toEqual([3, 4]);
  });
});
