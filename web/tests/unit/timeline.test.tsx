import { act, cleanup, render, screen } from '@testing-library/preact';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Client } from '../../src/core/client';
import { apply, applyAll, emptyLog, mergePage } from '../../src/core/log';
import { logOf, me, outbox, rooms, users } from '../../src/core/store';
import type { Event, Message, RoomState, User } from '../../src/protocol';
import { setClient } from '../../src/ui/state';
import { FIRST, Timeline } from '../../src/ui/Timeline';

const DEN = '5';
const bob: User = { id: '2', handle: 'bob', name: 'Bob Baker', initials: '', about: '', role: 'member', deactivated: false, created_at: 0 };
const alice: User = { ...bob, id: '1', handle: 'alice', name: 'Alice Archer' };
const posted = (seq: number, author = '1'): Event => ({ room: DEN, seq, id: String(seq), at: 1_770_000_000_000 + seq * 1000, author, kind: 'posted', text: 'line ' + seq });
const room = (over: Partial<RoomState>): RoomState => ({
  id: DEN, name: 'den', topic: '', kind: 'closed', archived: false, created_at: 0, created_by: '1', head: 500, active_at: 0, member_count: 2, role: 'member', read: 500, unread: 0, ...over,
});

let asked: string[];

beforeEach(() => {
  globalThis.ResizeObserver ??= class { observe() {} unobserve() {} disconnect() {} };
  asked = [];
  const page = (from: number, to: number) => {
    const messages = Array.from({ length: to - from + 1 }, (_, i) => posted(from + i) as Message);
    logOf(DEN).value = mergePage(logOf(DEN).peek()!, { room: DEN, from, to, head: 500, messages });
  };
  setClient({
    listeners: new Set(),
    read: vi.fn(),
    loadReceipts: async () => {},
    loadNewest: async () => { asked.push('newest'); page(441, 500); },
    loadAround: async (_: string, seq: number) => { asked.push('around ' + seq); page(seq - 30, Math.min(500, seq + 29)); },
    loadBefore: async (_: string, seq: number) => { asked.push('before ' + seq); page(Math.max(1, seq - 40), seq - 1); },
    loadAfter: async () => { asked.push('after'); },
  } as unknown as Client);
  me.value = bob;
  users.value = new Map([['1', alice], ['2', bob]]);
  outbox.value = [];
});
afterEach(() => {
  cleanup();
  logOf(DEN).value = undefined;
});

const shown = () => document.querySelectorAll('.m').length;

it('shows the newest window only, from what is known', async () => {
  rooms.value = new Map([[DEN, room({})]]);
  logOf(DEN).value = applyAll(emptyLog(DEN, 0), Array.from({ length: 500 }, (_, i) => posted(i + 1)));
  await act(async () => void render(<Timeline room={DEN} seq={undefined} />));
  expect(screen.getByText('line 500')).toBeTruthy();
  expect(screen.queryByText('line 1')).toBeNull();
  // Without a layout everything is at the edge, so it has grown to the most that is ever shown, and no further.
  expect(shown()).toBeGreaterThanOrEqual(FIRST);
  expect(shown()).toBeLessThanOrEqual(440);
});

it('loads the newest page when nothing is known', async () => {
  rooms.value = new Map([[DEN, room({})]]);
  logOf(DEN).value = emptyLog(DEN, 500);
  await act(async () => void render(<Timeline room={DEN} seq={undefined} />));
  expect(asked[0]).toBe('newest');
  expect(screen.getByText('line 500')).toBeTruthy();
});

it('begins at the first unread message, with a divider that stays', async () => {
  rooms.value = new Map([[DEN, room({ read: 200, unread: 300 })]]);
  logOf(DEN).value = emptyLog(DEN, 500);
  await act(async () => void render(<Timeline room={DEN} seq={undefined} />));
  expect(asked[0]).toBe('around 201');
  expect(screen.getByText('300 new')).toBeTruthy();
  rooms.value = new Map([[DEN, room({ read: 500, unread: 0 })]]);
  await act(async () => {});
  expect(screen.getByText('300 new')).toBeTruthy();
});

it('keeps the element of a pending message when it gets its number', async () => {
  rooms.value = new Map([[DEN, room({ head: 2, read: 2 })]]);
  logOf(DEN).value = applyAll(emptyLog(DEN, 0), [posted(1), posted(2)]);
  outbox.value = [{ key: 'k', room: DEN, at: Date.now(), do: 'post', text: 'mine', state: 'sending' }];
  await act(async () => void render(<Timeline room={DEN} seq={undefined} />));
  const element = screen.getByText('mine').closest('li');
  expect(screen.getByRole('img', { name: 'Sending' })).toBeTruthy();
  await act(async () => {
    logOf(DEN).value = apply(logOf(DEN).peek()!, { ...posted(3, '2'), key: 'k', kind: 'posted', text: 'mine' });
    outbox.value = [];
  });
  expect(screen.getByText('mine').closest('li')).toBe(element);
  expect(screen.getByRole('img', { name: 'Sent' })).toBeTruthy();
});
