import { expect, it } from 'vitest';
import { DIRECTS_SHOWN, listOf } from '../../src/core/list';
import { match } from '../../src/core/match';
import { unreadOf, withMine } from '../../src/core/personal';
import { applyToRoom } from '../../src/core/room';
import { parseRoute } from '../../src/core/route';
import { seenIn } from '../../src/core/store';
import { addFilter, filterBegun, filtersOf, removeFilter } from '../../src/ui/search/filters';
import { inUnits } from '../../src/ui/Marked';
import { localTime, statusLine } from '../../src/ui/words';
import type { RoomState, User } from '../../src/protocol';

const room = (id: string, over: Partial<RoomState> = {}): RoomState => ({ id, name: id, topic: '', kind: 'open', archived: false, created_at: 0, created_by: '1', head: 1, active_at: 0, member_count: 2, role: 'member', read: 1, unread: 0, ...over });
const shape = (rooms: RoomState[], sections: { id: string; name: string; rooms: string[] }[] = []) => listOf(rooms, sections, (r) => r.name).map((p) => [p.name, p.rooms.map((r) => r.id).join(' ')]);

it('shows each room once: starred before its section, sections in the order I gave them, muted last', () => {
  const rooms = [room('b'), room('a', { muted: true }), room('c', { starred: true, section: 's' }), room('d', { section: 's' }), room('e', { section: 's' }), room('z', { archived: true, starred: true })];
  expect(shape(rooms, [{ id: 's', name: 'Work', rooms: ['e', 'd', 'c'] }])).toEqual([['Starred', 'c'], ['Work', 'e d'], ['Rooms', 'b a'], ['Direct messages', ''], ['Archived', 'z']]);
});

it('shows the last active direct rooms, and older ones only while they are unread', () => {
  const directs = Array.from({ length: DIRECTS_SHOWN + 3 }, (_, i) => room(String.fromCharCode(97 + i), { kind: 'direct', active_at: -i, unread: i === DIRECTS_SHOWN + 1 ? 2 : 0 }));
  const shown = listOf(directs, [], (r) => r.name).find((p) => p.key === 'directs')!.rooms.map((r) => r.id).join('');
  expect(shown).toBe('abcdefghijkln');
});

it('makes no mark for a muted room but for what speaks to me', () => {
  expect(unreadOf(room('a', { unread: 5 }))).toEqual({ dot: true, forMe: 0 });
  expect(unreadOf(room('a', { unread: 5, muted: true }))).toEqual({ dot: false, forMe: 0 });
  expect(unreadOf(room('a', { unread: 5, muted: true, mentions: 1 }))).toEqual({ dot: false, forMe: 1 });
  expect(unreadOf(room('a', { kind: 'direct', unread: 5 }))).toEqual({ dot: true, forMe: 5 });
  expect(withMine(room('a', { muted: true, starred: true }), { starred: true })).toEqual(room('a', { starred: true }));
});

it('folds what a room is now for others', () => {
  const event = { room: 'a', seq: 2, id: '2', at: 2, author: '1' };
  expect(applyToRoom(room('a'), { ...event, kind: 'rules_changed', rules: { post: 'moderator' } }, '9').rules).toEqual({ post: 'moderator' });
  expect(applyToRoom(room('a'), { ...event, kind: 'access_changed', access: 'closed' }, '9').kind).toBe('closed');
  expect(applyToRoom(room('a', { kind: 'direct' }), { ...event, kind: 'converted', name: 'den' }, '9')).toMatchObject({ kind: 'closed', name: 'den' });
});

it('matches by beginning, words, initials and one typo, the better the higher', () => {
  const score = (name: string, q: string) => match(name, q)?.score ?? 0;
  expect(match('Release 0.9', 'rel')?.marks).toEqual([[0, 3]]);
  expect(match('Tomás Rivera', 'riv')?.marks).toEqual([[6, 9]]);
  expect(match('Tomás Rivera', 'tomas')?.marks).toEqual([[0, 5]]);
  expect(match('Nadia Okafor', 'no')?.marks).toEqual([[0, 1], [6, 7]]);
  expect(match('incident-review', 'inicdent')).toBeDefined();
  expect(match('random', 'xyz')).toBeUndefined();
  expect(score('release-notes', 'rel')).toBeGreaterThan(score('new release', 'rel'));
  expect(score('new release', 'rel')).toBeGreaterThan(score('Aurelia', 'rel'));
  // As long as the name itself, whatever folding makes of its letters.
  for (const name of ['ﬁne İstanbul', 'e\u0301tude', '👩‍🚀 crew']) for (const m of match(name, name.slice(0, 3))?.marks ?? []) expect(m[1]).toBeLessThanOrEqual(name.length);
});

it('reads filters out of the words, not out of quotes', () => {
  const q = 'soak "in:#quoted" from:@bob has:link https://x.example';
  expect(filtersOf(q)).toEqual(['from:@bob', 'has:link']);
  expect(removeFilter(q, 'from:@bob')).toBe('soak "in:#quoted" has:link https://x.example');
  expect(addFilter('soak', 'has:link')).toBe('soak has:link');
  expect(addFilter('soak has:link', 'has:link')).toBe('soak has:link');
  expect(filterBegun('soak from:@b')).toEqual({ name: 'from', value: '@b', at: 5 });
  expect(filterBegun('soak "from:@b')).toBeUndefined();
});

it('places marks by characters, not by units', () => {
  expect(inUnits('👩 hi', [[2, 4]])).toEqual([[3, 5]]);
  expect(inUnits('hi', [[1, 9]])).toEqual([]);
});

it('knows how someone is seen, and nothing when nothing is known', () => {
  expect(seenIn(undefined, '1')).toBeUndefined();
  expect(seenIn({ count: 900 }, '1')).toBeUndefined();
  const here = { count: 3, users: ['1', '2', '3'], away: ['2'], dnd: ['3'] };
  expect(['1', '2', '3', '4'].map((u) => seenIn(here, u))).toEqual(['here', 'away', 'dnd', 'gone']);
});

it('says a status until it ends, and a local time only where it differs', () => {
  const user = { status: { emoji: '🍜', text: 'lunch', until: 100 } } as User;
  expect(statusLine(user, 99)).toBe('🍜 lunch');
  expect(statusLine(user, 100)).toBe('');
  expect(localTime('Nowhere/AtAll')).toBe('');
  expect(localTime(Intl.DateTimeFormat().resolvedOptions().timeZone)).toBe('');
});

it('knows every address, and no other', () => {
  expect(parseRoute('/search', '?q=a%20b&order=best')).toEqual({ at: 'search', q: 'a b', best: true });
  expect(parseRoute('/settings')).toEqual({ at: 'settings', page: 'profile' });
  expect(parseRoute('/admin/audit')).toEqual({ at: 'admin', page: 'audit' });
  expect(parseRoute('/threads')).toEqual({ at: 'list', list: 'threads' });
  expect(parseRoute('/r/5/pins')).toEqual({ at: 'room', room: '5', panel: 'pins' });
  for (const path of ['/admin/secrets', '/settings/x', '/r/5/nope', '/r/5/m/x', '/threads/1']) expect(parseRoute(path), path).toEqual({ at: 'nowhere' });
});
