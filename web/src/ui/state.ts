import { signal } from '@preact/signals';
import { type Client, remember, remembered } from '../core/client';
import type { RoomId, SectionId, Seq, UserId } from '../protocol';

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
  | { show: 'palette' }
  | { show: 'keys' }
  | { show: 'schedule'; room: RoomId; thread?: Seq | undefined }
  | { show: 'remind'; room: RoomId; seq: Seq }
  | { show: 'ban'; room: RoomId; user: UserId }
  | { show: 'report'; room: RoomId; seq: Seq }
  | { show: 'status' }
  | { show: 'profile'; user: UserId }
  | { show: 'section'; section?: SectionId }
  | { show: 'room_mine'; room: RoomId }
  | { show: 'add_people'; room: RoomId }
  | { show: 'versions'; room: RoomId; seq: Seq };
export const dialog = signal<DialogState | undefined>(undefined);

export interface ToastState {
  text: string;
  action?: { text: string; run(): void };
}
export const toast = signal<ToastState | undefined>(undefined);
let toastTimer: ReturnType<typeof setTimeout> | undefined;

export function showToast(next: ToastState, ms = next.action ? 8_000 : 4_000): void {
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

export const isApple = /Mac|iPhone|iPad/.test(navigator.platform);
/** The key that others call Ctrl. */
export const withCommand = (e: KeyboardEvent): boolean => (isApple ? e.metaKey : e.ctrlKey) && !e.altKey;

/** One view at a time. */
const narrowQuery = matchMedia('(max-width: 719px)');
export const narrow = signal(narrowQuery.matches);
narrowQuery.addEventListener('change', (e) => {
  narrow.value = e.matches;
});

export type Theme = 'system' | 'light' | 'dark';
export type Density = 'comfortable' | 'compact';
const THEME = 'chatter.theme';
const DENSITY = 'chatter.density';
const TEXT_SIZE = 'chatter.text';
const TEXT_USUAL = 15;

const among = <T extends string>(all: readonly T[], it: string | undefined): T => all.find((one) => one === it) ?? all[0]!;

export const theme = signal<Theme>(among(['system', 'light', 'dark'], remembered(THEME)));
export const density = signal<Density>(among(['comfortable', 'compact'], remembered(DENSITY)));
export const textSize = signal<number>(Math.min(20, Math.max(13, Number(remembered(TEXT_SIZE)) || TEXT_USUAL)));

export function setTheme(next: Theme): void {
  theme.value = next;
  remember(THEME, next);
  showLooks();
}

export function setDensity(next: Density): void {
  density.value = next;
  remember(DENSITY, next);
  showLooks();
}

export function setTextSize(next: number): void {
  textSize.value = next;
  remember(TEXT_SIZE, String(next));
  showLooks();
}

/** What the style sheets go by. */
export function showLooks(): void {
  const root = document.documentElement;
  if (theme.peek() === 'system') delete root.dataset.theme;
  else root.dataset.theme = theme.peek();
  root.dataset.density = density.peek();
  root.style.setProperty('--scale', String(textSize.peek() / TEXT_USUAL));
}

const GAP = 6;

/** Puts a popover below what it belongs to, or above it where there is no room below. */
export function besides(el: HTMLElement, from: HTMLElement): void {
  const button = from.getBoundingClientRect();
  const own = el.getBoundingClientRect();
  const above = button.bottom + GAP + own.height > innerHeight;
  el.style.top = `${Math.max(GAP, above ? button.top - GAP - own.height : button.bottom + GAP)}px`;
  el.style.left = `${Math.max(GAP, Math.min(button.right - own.width, innerWidth - own.width - GAP))}px`;
}
