import { expect, it } from 'vitest';
import { Reading, SEEN_AFTER } from '../../src/core/reading';
import { applyAll, emptyLog } from '../../src/core/log';
import { applyToRoom, withMentions } from '../../src/core/room';
import { parseRoute } from '../../src/core/route';
import { handleFrom } from '../../src/ui/handle';
import { initialsOf } from '../../src/ui/Avatar';
import type { Event, Fact, Message, RoomState } from '../../src/protocol';

const event = (seq: number, author: string, fact: Fact): Event => ({ room: '5', seq, id: String(seq), at: seq, author, ...fact });
const den: RoomState = { id: '5', name: 'den', topic: '', kind: 'closed', archived: false, created_at: 0, created_by: '1', head: 10, active_at: 0, member_count: 2, role: 'member', read: 8, unread: 2 };

it('counts unread as the server does', () => {
  let room = applyToRoom(den, event(10, '1', { kind: 'posted', text: 'counted already' }), '2');
  expect(room.unread).toBe(2);
  room = applyToRoom(room, event(11, '1', { kind: 'posted', text: 'x' }), '2');
  expect(room.unread).toBe(3);
  room = applyToRoom(room, event(12, '1', { kind: 'edited', target: 11, text: 'y' }), '2');
  room = applyToRoom(room, event(13, '1', { kind: 'deleted', target: 11 }), '2');
  expect(room.unread).toBe(2);
  room = applyToRoom(room, event(14, '1', { kind: 'deleted', target: 3 }), '2');
  expect(room.unread).toBe(2);
  room = applyToRoom(room, event(15, '2', { kind: 'posted', text: 'mine' }), '2');
  expect([room.unread, room.read, room.head]).toEqual([0, 15, 15]);
});

it('counts what speaks to me, and not what is said in threads', () => {
  const said = (seq: number, over: object) => event(seq, '1', { kind: 'posted', text: 'x', ...over } as Fact);
  const bob = [{ text: '@bob', is: 'user', id: '2' } as const];
  const all = [{ text: '@room', is: 'everyone' } as const];
  // What names me is told by a frame of its own, with groups and words that only the server knows.
  let room = applyToRoom(den, said(11, { refs: bob }), '2');
  expect([room.unread, room.mentions]).toEqual([3, undefined]);
  room = withMentions(room, 1);
  room = applyToRoom(room, said(12, { thread: 3, refs: bob }), '2');
  room = applyToRoom(room, said(13, { refs: [{ text: '@eve', is: 'user', id: '3' }] }), '2');
  room = applyToRoom(room, said(14, { thread: 3, also_in_room: true }), '2');
  expect([room.unread, room.mentions]).toEqual([5, 1]);
  const held = said(13, {}) as Message;
  room = applyToRoom(room, event(15, '1', { kind: 'edited', target: 13, text: '@here', refs: [{ text: '@here', is: 'here' }] }), '2', held);
  expect(room.mentions).toBe(2);
  room = applyToRoom(room, event(16, '1', { kind: 'deleted', target: 11 }), '2', said(11, { refs: bob }) as Message);
  room = applyToRoom(room, event(17, '1', { kind: 'deleted', target: 12 }), '2', said(12, { thread: 3 }) as Message);
  expect([room.unread, room.mentions]).toEqual([4, 1]);
  room = applyToRoom(room, said(18, { refs: all }), '2');
  expect([room.unread, room.mentions]).toEqual([5, 2]);
  room = applyToRoom(room, event(19, '2', { kind: 'posted', text: 'aside', thread: 3 }), '2');
  expect(room.unread).toBe(5);
  room = applyToRoom(room, event(20, '2', { kind: 'posted', text: 'mine' }), '2');
  expect([room.unread, room.mentions]).toEqual([0, undefined]);
});

it('follows name, topic, members and archive', () => {
  let room = applyToRoom(den, event(11, '1', { kind: 'renamed', name: 'lair' }), '2');
  room = applyToRoom(room, event(12, '1', { kind: 'topic_changed', topic: 'tea' }), '2');
  room = applyToRoom(room, event(13, '1', { kind: 'joined', user: '3', role: 'member' }), '2');
  room = applyToRoom(room, event(14, '1', { kind: 'role_changed', user: '2', role: 'moderator' }), '2');
  room = applyToRoom(room, event(15, '1', { kind: 'archived' }), '2');
  expect(room).toMatchObject({ name: 'lair', topic: 'tea', member_count: 3, role: 'moderator', archived: true });
  expect(applyToRoom(room, event(16, '1', { kind: 'left', user: '2' }), '2').role).toBeUndefined();
});

it('reads only what was in front of someone long enough, without passing over what was not', () => {
  const log = applyAll(emptyLog('5', 0), [1, 2, 3, 4].map((seq) => event(seq, '1', { kind: 'posted', text: 'x' })));
  const reading = new Reading();
  reading.look([3, 4], 0);
  reading.look([3, 4], SEEN_AFTER);
  expect(reading.receipt(log, 0, '2')).toBe(0);
  reading.look([1, 2], 1000);
  reading.look([2], 1100);
  reading.look([1, 2], 1200);
  reading.look([1, 2], 1650);
  expect(reading.receipt(log, 0, '2')).toBe(0);
  reading.look([1, 2], 1800);
  expect(reading.receipt(log, 0, '2')).toBe(4);
});

it('reads routes', () => {
  expect(parseRoute('/setup', '?code=abc')).toEqual({ at: 'setup', code: 'abc' });
  expect(parseRoute('/r/12/members')).toEqual({ at: 'room', room: '12', panel: 'members' });
  expect(parseRoute('/r/12/m/40')).toEqual({ at: 'room', room: '12', seq: 40 });
  expect(parseRoute('/join/s%20x')).toEqual({ at: 'join', secret: 's x' });
  expect(parseRoute('/what/ever')).toEqual({ at: 'nowhere' });
});

it('suggests handles and initials', () => {
  expect(handleFrom('Tomás Rivera')).toBe('tomas.rivera');
  expect(handleFrom('  Øystein  Straße! ')).toBe('oystein.strasse');
  expect(handleFrom('森 ユキ')).toBe('');
  expect(initialsOf('Mara Lindqvist', '', 2)).toBe('ML');
  expect(initialsOf('Mara', '', 2)).toBe('M');
  expect(initialsOf('Mara Lindqvist', 'xy', 1)).toBe('X');
});
