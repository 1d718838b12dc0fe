// Lists that I keep for myself: what I saved, what is to be sent later, what I want to be reminded of; and banners.
// Frames only say that one has changed; it is loaded again then.

import { type Signal, signal } from '@preact/signals';
import type { Banner, KeptList, Reminder, RoomId, Saved, Scheduled, Seq, ServerFrame } from '../protocol';
import { call } from './api';

export const saved = signal<readonly Saved[]>([]);
export const scheduled = signal<readonly Scheduled[]>([]);
export const reminders = signal<readonly Reminder[]>([]);
export const banners = signal<readonly Banner[]>([]);

const fill = <T>(into: Signal<readonly T[]>, path: string) => call<T[]>('GET', path).then((list) => { into.value = list; });

const LISTS: Partial<Record<KeptList, () => Promise<void>>> = {
  saved: () => fill(saved, 'saved?limit=200'),
  scheduled: () => fill(scheduled, 'scheduled'),
  reminders: () => fill(reminders, 'reminders'),
};

export const loadKept = (list: KeptList): Promise<void> => LISTS[list]?.() ?? Promise.resolve();

export async function loadAllKept(): Promise<void> {
  await Promise.all([...Object.values(LISTS).map((load) => load()), fill(banners, 'announcements')]);
}

export const isSaved = (room: RoomId, seq: Seq): boolean => saved.value.some((it) => it.message.room === room && it.message.seq === seq);

export async function save(room: RoomId, seq: Seq, on: boolean): Promise<void> {
  await call(on ? 'PUT' : 'DELETE', `saved/${room}/${seq}`);
  await loadKept('saved');
}

/** True when the frame was about one of them. */
export function hearKept(frame: ServerFrame): boolean {
  switch (frame.type) {
    case 'kept':
      void loadKept(frame.list).catch(() => {});
      return true;
    case 'reminder':
      void loadKept('reminders').catch(() => {});
      return true;
    case 'scheduled':
      void loadKept('scheduled').catch(() => {});
      return true;
    case 'banner': {
      const { type: _, ...banner } = frame;
      banners.value = [...banners.peek().filter((it) => it.announcement !== banner.announcement), banner];
      return true;
    }
    case 'banner_gone':
      banners.value = banners.peek().filter((it) => it.announcement !== frame.announcement);
      return true;
    default:
      return false;
  }
}
