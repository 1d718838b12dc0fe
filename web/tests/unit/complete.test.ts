import { expect, it } from 'vitest';
import { me, members, rooms, users } from '../../src/core/store';
import type { RoomState, User } from '../../src/protocol';
import { begun, offers } from '../../src/ui/complete';

const user = (id: string, handle: string, name: string): User => ({ id, handle, name, initials: '', about: '', role: 'member', deactivated: false, created_at: 0 });
const den: RoomState = { id: '5', name: 'den', topic: '', kind: 'closed', archived: false, created_at: 0, created_by: '1', head: 1, active_at: 0, member_count: 3, role: 'member', read: 1, unread: 0 };

it('begins where a token may begin, and nowhere else', () => {
  for (const [text, word] of [['@', '@'], ['hi @to', '@to'], ['(#ki', '#ki'], ['请@bo', '@bo']] as const) expect(begun(text), text).toBe(word);
  for (const text of ['', 'a@b', 'C#x', '@@b', '@bob ', '&#39']) expect(begun(text), text).toBeUndefined();
});

it('offers who is in the room first, by any word of the name', () => {
  me.value = user('1', 'me', 'Mara');
  users.value = new Map([user('1', 'me', 'Mara'), user('2', 'tomas.r', 'Tomás Rivera'), user('3', 'rita', 'Rita Ruiz'), user('4', 'zed', 'Rolf Zed')].map((u) => [u.id, u]));
  members.value = new Map([['5', [{ user: '1', role: 'owner', joined_at: 0 }, { user: '4', role: 'member', joined_at: 0 }]]]);
  expect(offers('@r', den).map((it) => it.word)).toEqual(['@zed', '@rita', '@tomas.r', '@room']);
  expect(offers('@tomas', den).map((it) => it.note)).toEqual(['@tomas.r, not in this room']);
  expect(offers('@me', den)).toEqual([]);
});

it('offers my rooms by name', () => {
  rooms.value = new Map([den, { ...den, id: '6', name: 'web-client' }, { ...den, id: '7', name: 'two words' }].map((r) => [r.id, r]));
  expect(offers('#', den).map((it) => it.word)).toEqual(['#den', '#web-client']);
  expect(offers('#cl', den).map((it) => it.word)).toEqual(['#web-client']);
});
