import type { RoomId, RoomState } from '../protocol';

/** The room to open when none is named: the last one here, the lobby, or any. */
export function homeRoom(rooms: ReadonlyMap<RoomId, RoomState>, last: RoomId | undefined): RoomId | undefined {
  if (last !== undefined && rooms.get(last)?.role) return last;
  const mine = [...rooms.values()].filter((r) => r.role && !r.archived);
  return (mine.find((r) => r.name === 'lobby') ?? mine.find((r) => r.kind !== 'direct') ?? mine[0])?.id;
}
