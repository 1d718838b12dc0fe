import { expect, it } from 'vitest';
import { applyAll, emptyLog } from '../../src/core/log';
import type { Item } from '../../src/core/outbox';
import type { Event, Fact } from '../../src/protocol';
import { type MessageRowData, type RowsInput, rowsOf, threadRows } from '../../src/ui/rows';

const NOON = new Date(2026, 2, 12, 12).getTime();
const MINUTE = 60_000;
const event = (seq: number, author: string, minutes: number, fact: Fact, key?: string): Event =>
  ({ room: '5', seq, id: String(seq), at: NOON + minutes * MINUTE, author, ...(key ? { key } : {}), ...fact });
const posted = (seq: number, author: string, minutes: number, key?: string) => event(seq, author, minutes, { kind: 'posted', text: 'm' + seq }, key);

const input = (events: Event[], over: Partial<RowsInput> = {}): RowsInput => ({
  log: applyAll(emptyLog('5', 0), events), window: { from: 1, to: Number.POSITIVE_INFINITY }, items: [], me: '1', unread: undefined, receipts: undefined, ...over,
});
const shape = (i: RowsInput) => rowsOf(i).map((r) => (r.t === 'message' ? `${r.joined ? '+' : ''}${r.text}` : r.t));

it('joins messages of one author within five minutes, not across a divider', () => {
  const events = [posted(1, '2', 0), posted(2, '2', 4), posted(3, '2', 10), posted(4, '1', 11), posted(5, '2', 12), posted(6, '2', 13), posted(7, '2', 60 * 24)];
  expect(shape(input(events, { unread: { at: 6, count: 2 } }))).toEqual(['intro', 'day', 'm1', '+m2', 'm3', 'm4', 'm5', 'new', 'm6', 'day', 'm7']);
});

it('keeps the same key for a message before and after it has its number', () => {
  const item: Item = { key: 'k1', room: '5', at: NOON, do: 'post', text: 'hi', state: 'sending' };
  const before = rowsOf(input([posted(1, '2', 0)], { items: [item] })).at(-1)!;
  const after = rowsOf(input([posted(1, '2', 0), posted(2, '1', 1, 'k1')], { items: [item] })).at(-1)!;
  expect(before).toMatchObject({ t: 'message', key: 'kk1', seq: undefined });
  expect(after).toMatchObject({ t: 'message', key: 'kk1', seq: 2 });
  expect(rowsOf(input([posted(1, '2', 0), posted(2, '1', 1, 'k1')], { items: [item] })).filter((r) => r.t === 'message').length).toBe(2);
});

it('shows pending edits and deletions, and takes them back when refused', () => {
  const edit: Item = { key: 'e', room: '5', at: 0, do: 'edit', seq: 1, text: 'better', state: 'queued' };
  const gone: Item = { key: 'd', room: '5', at: 0, do: 'delete', seq: 2, state: 'queued' };
  const events = [posted(1, '1', 0), posted(2, '1', 1)];
  expect(shape(input(events, { items: [edit, gone] }))).toEqual(['intro', 'day', 'better']);
  const refusal = { code: 'not_allowed', message: 'No.' } as const;
  expect(shape(input(events, { items: [{ ...edit, state: 'refused', refusal }, { ...gone, state: 'refused', refusal }] }))).toEqual(['intro', 'day', 'm1', '+m2']);
});

it("puts each reader's face at the last of my messages they have read", () => {
  const events = [posted(1, '1', 0), posted(2, '2', 1), posted(3, '1', 2), posted(4, '1', 3)];
  const rows = rowsOf(input(events, { receipts: new Map([['2', 3], ['3', 1], ['4', 4], ['1', 4]]) }));
  expect(rows.flatMap((r) => (r.t === 'message' && r.own ? [r.readers] : []))).toEqual(['3', '2', '4']);
});

it('makes one line of people who come one after the other', () => {
  const join = (seq: number, user: string) => event(seq, user, seq, { kind: 'joined', user, role: 'member' });
  const rows = rowsOf(input([join(1, '2'), join(2, '3'), posted(3, '2', 3), join(4, '4')]));
  expect(rows.flatMap((r) => (r.t === 'system' ? [r.who] : []))).toEqual(['2 3', '4']);
});

it('lets an answer stand by itself, under what it quotes', () => {
  const events = [posted(1, '2', 0), posted(2, '2', 1), event(3, '2', 2, { kind: 'posted', text: 'yes', reply: 1 }), event(4, '2', 3, { kind: 'posted', text: 'to what?', reply: 99 })];
  const rows = rowsOf(input(events)).filter((r): r is MessageRowData => r.t === 'message');
  expect(rows.map((r) => [r.joined, r.quoted === null ? null : r.quoted?.seq])).toEqual([[false, undefined], [true, undefined], [false, 1], [false, null]]);
});

it('tells what speaks to the reader from what does not', () => {
  const said = (seq: number, author: string, id: string) => event(seq, author, seq, { kind: 'posted', text: '@x', refs: [{ text: '@x', is: 'user', id }] });
  const rows = rowsOf(input([said(1, '2', '1'), said(2, '2', '3'), said(3, '1', '1')]));
  expect(rows.flatMap((r) => (r.t === 'message' ? [r.toMe] : []))).toEqual([true, false, false]);
});

it('keeps threads beside the room, also what is on its way', () => {
  const reply = (seq: number, over: object = {}) => event(seq, '2', seq, { kind: 'posted', text: 'r' + seq, thread: 1, ...over } as Fact);
  const item: Item = { key: 'k', room: '5', at: NOON + 10 * MINUTE, do: 'post', text: 'mine', thread: 1, state: 'sending' };
  const all = input([posted(1, '2', 0), reply(2), reply(3, { also_in_room: true }), posted(4, '2', 4)], { items: [item] });
  expect(shape(all)).toEqual(['intro', 'day', 'm1', '+r3', '+m4']);
  const shown = threadRows(all.log, 1, all.items, '1');
  expect([shown.root?.text, ...shown.replies.map((r) => r.text)]).toEqual(['m1', 'r2', 'r3', 'mine']);
  expect(shown.root?.posted?.replies?.count).toBe(2);
});

it('says nothing about the beginning when the beginning is not known', () => {
  const log = applyAll(emptyLog('5', 10), [posted(11, '2', 0)]);
  expect(rowsOf(input([], { log }))[0]!.t).toBe('edge');
});

it('says of my messages which the devices of others have', () => {
  const events = [posted(1, '1', 0), posted(2, '1', 1), posted(3, '2', 2), posted(4, '1', 3)];
  const rows = (got: [string, number][]) => rowsOf(input(events, { got: new Map(got) })).flatMap((r) => (r.t === 'message' ? Number(r.delivered) : [])).join('');
  expect(rows([])).toBe('0000');
  expect(rows([['2', 2]])).toBe('1100');
  // What my own other devices have is nothing to say.
  expect(rows([['1', 4], ['2', 1]])).toBe('1000');
  expect(rows([['2', 4]])).toBe('1101');
});
