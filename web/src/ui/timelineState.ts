import { signal } from '@preact/signals';
import type { RoomId, Seq } from '../protocol';

/** The message being edited in place. */
export const editing = signal<Seq | undefined>(undefined);

/** The same in the thread beside the room. */
export const editingReply = signal<Seq | undefined>(undefined);

/** What the next message in each room will answer. */
export const answering = signal<ReadonlyMap<RoomId, Seq>>(new Map());

/** For what an emoji is being chosen, a message or a text, and the button it began from. */
export const reacting = signal<({ from: HTMLElement } & ({ room: RoomId; seq: Seq } | { insert(emoji: string): void })) | undefined>(undefined);

/** The message whose menu is open, and where it began from. */
export const acting = signal<{ room: RoomId; seq: Seq; inThread: boolean; from: HTMLElement } | undefined>(undefined);

/** The message someone wants to go to in the open room. */
export const messageAsked = signal<{ room: RoomId; seq: Seq } | undefined>(undefined);

/** Counts up when someone wants to be at the newest message: they sent one. */
export const newestAsked = signal(0);
