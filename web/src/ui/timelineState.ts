import { signal } from '@preact/signals';
import type { RoomId, Seq } from '../protocol';

/** The message being edited in place. */
export const editing = signal<Seq | undefined>(undefined);

/** The same in the thread beside the room. */
export const editingReply = signal<Seq | undefined>(undefined);

/** What the next message in each room will answer. */
export const answering = signal<ReadonlyMap<RoomId, Seq>>(new Map());

/** The message that is being reacted to, and the button it began from. */
export const reacting = signal<{ room: RoomId; seq: Seq; from: HTMLElement } | undefined>(undefined);

/** The message someone wants to go to in the open room. */
export const messageAsked = signal<{ room: RoomId; seq: Seq } | undefined>(undefined);

/** Counts up when someone wants to be at the newest message: they sent one. */
export const newestAsked = signal(0);
