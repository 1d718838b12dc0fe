import { signal } from '@preact/signals';
import type { Seq } from '../protocol';

/** The message being edited in place. */
export const editing = signal<Seq | undefined>(undefined);

/** Counts up when someone wants to be at the newest message: they sent one. */
export const newestAsked = signal(0);
