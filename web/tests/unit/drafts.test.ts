import { beforeEach, expect, it } from 'vitest';
import { RefusedError } from '../../src/core/api';
import { clashes, DraftSync } from '../../src/core/drafts';
import type { KeptDraft, PutDraft } from '../../src/protocol';

/** What is written here, and a server that keeps one text per draft. */
function device(server: Map<string, KeptDraft>, known: [string, { rev: number; text: string }][] = []) {
  const here = new Map<string, string>();
  let kept: [string, { rev: number; text: string }][] = known;
  const sync = new DraftSync({
    text: (d) => here.get(d) ?? '',
    put: (d, text) => here.set(d, text),
    remember: (all) => { kept = [...all]; },
    send: async (room: string, body: PutDraft) => {
      const key = body.thread === undefined ? room : `${room}/${body.thread}`;
      const now = server.get(key);
      // One that was taken back is none.
      if ((now?.text ? now.rev : 0) !== body.rev) throw new RefusedError({ code: 'stale', message: 'Changed.', newer: now } as never);
      const next = { room, text: body.text, rev: (now?.rev ?? 0) + 1, at: 0, ...(body.thread === undefined ? {} : { thread: body.thread }) };
      server.set(key, next);
      return next;
    },
  }, known);
  return { sync, write: (d: string, text: string) => here.set(d, text), read: (d: string) => here.get(d) ?? '', kept: () => kept };
}

beforeEach(() => { clashes.value = new Map(); });

it('tells what was written, and the other device that wrote nothing takes it over', async () => {
  const server = new Map<string, KeptDraft>();
  const [a, b] = [device(server), device(server)];
  a.write('5', 'half a thought');
  await a.sync.tell('5');
  b.sync.heard(server.get('5')!);
  expect(b.read('5')).toBe('half a thought');
  b.write('5', 'half a thought, and more');
  await b.sync.tell('5');
  a.sync.heard(server.get('5')!);
  expect(a.read('5')).toBe('half a thought, and more');
  expect(clashes.value.size).toBe(0);
});

it('keeps both texts where both devices wrote, until the person chooses', async () => {
  const server = new Map<string, KeptDraft>();
  const [a, b] = [device(server), device(server)];
  a.write('5/7', 'from the desk');
  b.write('5/7', 'from the train');
  await a.sync.tell('5/7');
  await b.sync.tell('5/7');
  expect(b.read('5/7')).toBe('from the train');
  expect(clashes.value.get('5/7')).toBe('from the desk');
  await b.sync.tell('5/7');
  expect(server.get('5/7')!.text).toBe('from the desk');
  b.sync.settle('5/7', 'from the train');
  await b.sync.tell('5/7');
  expect(server.get('5/7')!.text).toBe('from the train');
  expect(clashes.value.size).toBe(0);
});

it('takes nothing away from what is being written when the other device sends its own', async () => {
  const server = new Map<string, KeptDraft>();
  const [a, b] = [device(server), device(server)];
  a.write('5', 'hello');
  await a.sync.tell('5');
  b.sync.heard(server.get('5')!);
  b.write('5', 'hello, world');
  a.write('5', '');
  await a.sync.tell('5');
  b.sync.heard(server.get('5')!);
  expect(b.read('5')).toBe('hello, world');
  expect(clashes.value.size).toBe(0);
});

it('forgets, after a time away, only what was not touched meanwhile', () => {
  const a = device(new Map(), [['5', { rev: 3, text: 'sent elsewhere' }], ['6', { rev: 1, text: 'old' }]]);
  a.write('5', 'sent elsewhere');
  a.write('6', 'old and new');
  a.sync.heardAll([]);
  expect([a.read('5'), a.read('6')]).toEqual(['', 'old and new']);
});

it('begins anew where one was taken back', async () => {
  const server = new Map<string, KeptDraft>();
  const a = device(server);
  for (const text of ['one', '', 'two']) {
    a.write('5', text);
    await a.sync.tell('5');
    expect(server.get('5')!.text).toBe(text);
  }
});

it('never goes back to an older one', () => {
  const a = device(new Map(), [['5', { rev: 3, text: 'now' }]]);
  a.write('5', 'now');
  a.sync.heard({ room: '5', rev: 2, text: 'before', at: 0 });
  expect(a.read('5')).toBe('now');
});
