// What an `@` or `#` that is being written may become.

import type { RoomState } from '../protocol';
import { before, isLetter } from '../text/chars';
import { me, members, rooms, users } from '../core/store';

export interface Offer {
  /** What is put into the text. */
  word: string;
  name: string;
  /** Said beside it. */
  note: string;
  user?: string;
}

/** Offered at a time. */
const MOST = 8;

/** The sign and the beginning of a word right before the caret, if a token may begin there. */
export function begun(text: string): string | undefined {
  const found = /[@#][\p{L}\p{N}_.-]{0,32}$/u.exec(text);
  const prev = found ? before(text, found.index) : '';
  return found && !isLetter(prev) && !'@#&'.includes(prev || ' ') ? found[0] : undefined;
}

const fold = (text: string): string => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();

/** Whether a word of the name begins so. */
const begins = (name: string, query: string): boolean => (' ' + fold(name).replace(/[\s._-]+/g, ' ')).includes(' ' + fold(query)) || fold(name).startsWith(fold(query));

export function offers(word: string, room: RoomState): Offer[] {
  const query = word.slice(1);
  return (word[0] === '@' ? people(query, room) : places(query)).slice(0, MOST);
}

function people(query: string, room: RoomState): Offer[] {
  const here = new Set(room.kind === 'direct' ? room.people : (members.value.get(room.id) ?? []).map((m) => m.user));
  const found = [...users.value.values()]
    .filter((u) => u.handle && u.id !== me.value?.id && !u.deactivated && (begins(u.name, query) || fold(u.handle).startsWith(fold(query))))
    .sort((a, b) => Number(here.has(b.id)) - Number(here.has(a.id)) || a.name.localeCompare(b.name))
    .map((u) => ({ word: '@' + u.handle, name: u.name, note: here.has(u.id) ? '@' + u.handle : `@${u.handle}, not in this room`, user: u.id }));
  if (room.kind === 'direct') return found;
  const all = [{ word: '@here', name: '@here', note: 'everyone who is here now' }, { word: '@room', name: '@room', note: `everyone in the room: ${room.member_count}` }];
  return [...found, ...all.filter((it) => query && it.word.startsWith('@' + query.toLowerCase()))];
}

function places(query: string): Offer[] {
  return [...rooms.value.values()]
    .filter((r) => r.role && r.kind !== 'direct' && !/\s/.test(r.name) && begins(r.name, query))
    .sort((a, b) => a.name.localeCompare(b.name))
    .map((r) => ({ word: '#' + r.name, name: '#' + r.name, note: r.topic }));
}
