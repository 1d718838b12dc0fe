import { computed, type Signal, signal } from '@preact/signals';
import type { Member, RoomId, RoomState, Seq, ServerInfo, Thread, User, UserId } from '../protocol';
import type { LinkState } from './link';
import type { RoomLog } from './log';
import type { Item } from './outbox';

// What the page knows. Views read these; only `client.ts` writes them.

export const me = signal<User | undefined>(undefined);
export const server = signal<ServerInfo | undefined>(undefined);
/** Mine, and (without a role) the open room I am looking at. */
export const rooms = signal<ReadonlyMap<RoomId, RoomState>>(new Map());
export const users = signal<ReadonlyMap<UserId, User>>(new Map());
export const link = signal<LinkState>({ state: 'idle' });
/** Whether `rooms` came from the server in this page's life, not only from the device. */
export const fresh = signal(false);
export const outbox = signal<readonly Item[]>([]);
export const drafts = signal<ReadonlyMap<RoomId, string>>(new Map());
export const typing = signal<ReadonlyMap<RoomId, readonly UserId[]>>(new Map());
export const presence = signal<ReadonlyMap<RoomId, Here>>(new Map());
export const receipts = signal<ReadonlyMap<RoomId, ReadonlyMap<UserId, Seq>>>(new Map());
export const members = signal<ReadonlyMap<RoomId, readonly Member[]>>(new Map());

/** Where I stand in threads that I follow, as far as the server has said. */
export const threads = signal<ReadonlyMap<string, Thread>>(new Map());
export const threadKey = (room: RoomId, root: Seq): string => `${room}/${root}`;

export interface Here {
  count: number;
  users?: readonly UserId[];
  away?: readonly UserId[];
  dnd?: readonly UserId[];
}

export type Seen = 'here' | 'away' | 'dnd' | 'gone';

/** How someone is seen in a room; not known while there is no connection. */
export function seenIn(here: Here | undefined, user: UserId): Seen | undefined {
  if (!here?.users) return undefined;
  if (!here.users.includes(user)) return 'gone';
  return here.dnd?.includes(user) ? 'dnd' : here.away?.includes(user) ? 'away' : 'here';
}

/** How far the devices of the others have got what was said. */
export const got = signal<ReadonlyMap<RoomId, ReadonlyMap<UserId, Seq>>>(new Map());

const logs = new Map<RoomId, Signal<RoomLog | undefined>>();

export function logOf(room: RoomId): Signal<RoomLog | undefined> {
  let log = logs.get(room);
  if (!log) {
    log = signal<RoomLog | undefined>(undefined);
    logs.set(room, log);
  }
  return log;
}

export const heldLogs = (): RoomLog[] => [...logs.values()].flatMap((s) => s.peek() ?? []);

/** A changed copy: signals compare by identity. */
export function withEntry<K, V>(map: ReadonlyMap<K, V>, key: K, value: V | undefined): ReadonlyMap<K, V> {
  const next = new Map(map);
  if (value === undefined) next.delete(key);
  else next.set(key, value);
  return next;
}

export const live = computed(() => link.value.state === 'live');

/** The other people of a direct room. */
export const others = (room: RoomState): UserId[] => (room.people ?? []).filter((u) => u !== me.value?.id);

export const nameOf = (user: UserId): string => users.value.get(user)?.name ?? '…';

/** What a room is called: a direct room bears the other people's names. */
export function titleOf(room: RoomState): string {
  if (room.kind !== 'direct') return room.name;
  const names = others(room).map(nameOf);
  return names.length ? names.join(', ') : 'Yourself';
}

/** Things for me: what is unread in direct rooms, and what speaks to me in others. */
export const forMe = computed(() => {
  let n = 0;
  for (const r of rooms.value.values()) if (r.role) n += r.kind === 'direct' && !r.muted ? r.unread : (r.mentions ?? 0);
  return n;
});
