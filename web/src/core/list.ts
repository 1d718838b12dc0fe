// My list of rooms: its sections and their order. Pure, so that it can be told by heart.

import type { RoomState, Section } from '../protocol';
import { unreadOf } from './personal';

export interface Part {
  key: string;
  name: string;
  rooms: RoomState[];
}

/** Direct rooms shown by age; more of them only while something in them is unread. */
export const DIRECTS_SHOWN = 12;

const byTitle = new Intl.Collator(undefined, { sensitivity: 'base', numeric: true });

export function listOf(all: Iterable<RoomState>, sections: readonly Section[], titleOf: (room: RoomState) => string): Part[] {
  const mine = [...all].filter((r) => r.role);
  // Muted rooms go last.
  const sorted = (rooms: RoomState[]) => rooms.sort((a, b) => Number(a.muted ?? false) - Number(b.muted ?? false) || byTitle.compare(titleOf(a), titleOf(b)));
  const taken = new Set<string>();
  const take = (rooms: RoomState[]) => {
    for (const r of rooms) taken.add(r.id);
    return rooms;
  };
  const active = mine.filter((r) => !r.archived);
  const starred = take(sorted(active.filter((r) => r.starred)));
  const own = sections.map((s) => ({ key: s.id, name: s.name, rooms: take(inOrder(active.filter((r) => r.section === s.id && !taken.has(r.id)), s)) }));
  const rest = active.filter((r) => !taken.has(r.id));
  const directs = rest.filter((r) => r.kind === 'direct').sort((a, b) => b.active_at - a.active_at);
  return [
    ...(starred.length ? [{ key: 'starred', name: 'Starred', rooms: starred }] : []),
    ...own,
    { key: 'rooms', name: 'Rooms', rooms: sorted(rest.filter((r) => r.kind !== 'direct')) },
    { key: 'directs', name: 'Direct messages', rooms: sorted(directs.filter((r, i) => i < DIRECTS_SHOWN || unreadOf(r).dot)) },
    ...([mine.filter((r) => r.archived)].filter((it) => it.length).map((it) => ({ key: 'archived', name: 'Archived', rooms: sorted(it) }))),
  ];
}

/** As the person put them; what came meanwhile stands last. */
function inOrder(rooms: RoomState[], section: Section): RoomState[] {
  const place = new Map(section.rooms.map((id, i) => [id, i]));
  return rooms.sort((a, b) => (place.get(a.id) ?? section.rooms.length) - (place.get(b.id) ?? section.rooms.length));
}
