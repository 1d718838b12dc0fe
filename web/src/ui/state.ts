import { signal } from '@preact/signals';
import type { Client } from '../core/client';
import type { RoomId, Seq } from '../protocol';

// What the views share among themselves; nothing here comes from the server.

let current: Client | undefined;
export const setClient = (client: Client | undefined): void => {
  current = client;
};
/** The signed-in client. Only views inside the shell use it. */
export const client = (): Client => current!;

export type DialogState =
  | { show: 'add_room' }
  | { show: 'converse' }
  | { show: 'invite' }
  | { show: 'settings' }
  | { show: 'room'; room: RoomId }
  | { show: 'add_people'; room: RoomId }
  | { show: 'versions'; room: RoomId; seq: Seq };
export const dialog = signal<DialogState | undefined>(undefined);

export interface ToastState {
  text: string;
  action?: { text: string; run(): void };
}
export const toast = signal<ToastState | undefined>(undefined);
let toastTimer: ReturnType<typeof setTimeout> | undefined;

export function showToast(next: ToastState, ms = 4_000): void {
  toast.value = next;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => {
    if (toast.peek() === next) toast.value = undefined;
  }, ms);
}

export async function copy(text: string, said: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    showToast({ text: said });
  } catch {
    showToast({ text: 'This browser does not allow copying here' });
  }
}

/** One view at a time. */
const narrowQuery = matchMedia('(max-width: 719px)');
export const narrow = signal(narrowQuery.matches);
narrowQuery.addEventListener('change', (e) => {
  narrow.value = e.matches;
});

export type Theme = 'system' | 'light' | 'dark';
const THEME = 'chatter.theme';

export const theme = signal<Theme>(readTheme());

function readTheme(): Theme {
  try {
    const t = localStorage.getItem(THEME);
    return t === 'light' || t === 'dark' ? t : 'system';
  } catch {
    return 'system';
  }
}

export function setTheme(next: Theme): void {
  theme.value = next;
  try {
    localStorage.setItem(THEME, next);
  } catch {
    // Forgotten with the window, then.
  }
  showTheme();
}

export function showTheme(): void {
  if (theme.peek() === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme.peek();
}
