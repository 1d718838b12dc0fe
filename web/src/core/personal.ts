// What is mine alone: how my list of rooms looks, and how I want to be seen. Told by frames to all my devices.

import { signal } from '@preact/signals';
import type { ChangeMine, Mine, Preferences, RoomId, RoomState, Section, ServerFrame } from '../protocol';
import { api } from './api';
import { rooms, withEntry } from './store';

export const preferences = signal<Preferences | undefined>(undefined);
export const sections = signal<readonly Section[]>([]);

/** The room with these settings of mine in place of the old ones. */
export function withMine(room: RoomState, mine: Mine): RoomState {
  const { starred: _s, muted: _m, involvement: _i, section: _c, ...rest } = room;
  return { ...rest, ...mine };
}

export function putMine(room: RoomId, mine: Mine): void {
  const state = rooms.peek().get(room);
  if (state) rooms.value = withEntry(rooms.peek(), room, withMine(state, mine));
}

/** Frames may overtake answers: the higher revision is the newer. */
export function putPreferences(next: Preferences): void {
  if ((preferences.peek()?.rev ?? -1) <= next.rev) preferences.value = next;
}

/** True when the frame was about what is mine alone. */
export function hearPersonal(frame: ServerFrame): boolean {
  switch (frame.type) {
    case 'mine': {
      const { type: _, room, ...mine } = frame;
      putMine(room, mine);
      return true;
    }
    case 'sections':
      sections.value = frame.sections;
      return true;
    case 'preferences': {
      const { type: _, ...next } = frame;
      putPreferences(next);
      return true;
    }
    default:
      return false;
  }
}

export const loadSections = (): Promise<void> => api.sections().then((list) => { sections.value = list; });

export async function changeMine(room: RoomId, change: ChangeMine): Promise<void> {
  putMine(room, await api.changeMine(room, change));
}

/** Nothing of it makes a mark, but what speaks to me by name. */
export const quiet = (room: RoomState): boolean => room.muted === true;

/** What is unread there and should be seen: of a muted room only what speaks to me. */
export function unreadOf(room: RoomState): { dot: boolean; forMe: number } {
  const forMe = room.kind === 'direct' && !quiet(room) ? room.unread : (room.mentions ?? 0);
  return { dot: room.unread > 0 && !quiet(room), forMe };
}
