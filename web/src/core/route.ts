import { signal } from '@preact/signals';
import type { RoomId, Seq, UserId } from '../protocol';

export type PanelName = 'members' | 'pins' | 'settings';
export const SETTINGS = ['profile', 'notifications', 'appearance', 'devices', 'account'] as const;
export type SettingsPage = (typeof SETTINGS)[number];
export const ADMIN = ['overview', 'people', 'invites', 'rooms', 'reports', 'announcements', 'retention', 'settings', 'audit'] as const;
export type AdminPage = (typeof ADMIN)[number];
export const LISTS = ['catchup', 'threads', 'mentions', 'saved', 'drafts'] as const;
export type ListName = (typeof LISTS)[number];

export type Route =
  | { at: 'setup'; code: string | undefined }
  | { at: 'login' }
  | { at: 'join'; secret: string }
  | { at: 'guest'; link: string }
  | { at: 'reset' }
  | { at: 'home' }
  | { at: 'rooms' }
  | { at: 'list'; list: ListName }
  | { at: 'search'; q: string; best: boolean }
  | { at: 'settings'; page: SettingsPage }
  | { at: 'admin'; page: AdminPage }
  | { at: 'person'; user: UserId }
  | { at: 'room'; room: RoomId; seq?: Seq; panel?: PanelName; thread?: Seq }
  | { at: 'nowhere' };

const among = <T extends string>(names: readonly T[], name: string | undefined): T | undefined => names.find((it) => it === name);

export function parseRoute(path: string, query = ''): Route {
  const parts = path.split('/').filter(Boolean).map(decode);
  const [a, b, c, d] = parts;
  const asked = new URLSearchParams(query);
  const list = among(LISTS, a);
  if (list && b === undefined) return { at: 'list', list };
  switch (a) {
    case undefined:
      return { at: 'home' };
    case 'setup':
      return { at: 'setup', code: asked.get('code') ?? undefined };
    case 'login':
      return { at: 'login' };
    case 'join':
      return b ? { at: 'join', secret: b } : { at: 'nowhere' };
    case 'guest':
      return b ? { at: 'guest', link: b } : { at: 'nowhere' };
    case 'reset':
      return { at: 'reset' };
    case 'rooms':
      return { at: 'rooms' };
    case 'search':
      return { at: 'search', q: asked.get('q') ?? '', best: asked.get('order') === 'best' };
    case 'settings': {
      const page = among(SETTINGS, b ?? 'profile');
      return page ? { at: 'settings', page } : { at: 'nowhere' };
    }
    case 'admin': {
      const page = among(ADMIN, b ?? 'overview');
      return page ? { at: 'admin', page } : { at: 'nowhere' };
    }
    case 'u':
      return b ? { at: 'person', user: b } : { at: 'nowhere' };
    case 'r':
      return b ? inRoom(b, c, d) : { at: 'nowhere' };
    default:
      return { at: 'nowhere' };
  }
}

function inRoom(room: RoomId, what: string | undefined, which: string | undefined): Route {
  const panel = among(['members', 'pins', 'settings'] as const, what);
  if (what === undefined) return { at: 'room', room };
  if (panel && which === undefined) return { at: 'room', room, panel };
  if (which && /^\d+$/.test(which)) {
    if (what === 'm') return { at: 'room', room, seq: Number(which) };
    if (what === 't') return { at: 'room', room, thread: Number(which) };
  }
  return { at: 'nowhere' };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

const here = () => parseRoute(location.pathname, location.search);

export const route = signal<Route>(here());

export function go(path: string, how: 'push' | 'replace' = 'push'): void {
  if (how === 'replace') history.replaceState(null, '', path);
  else history.pushState(null, '', path);
  route.value = here();
}

addEventListener('popstate', () => {
  route.value = here();
});

/** Links inside the app change the view, not the page. */
export function followLink(e: MouseEvent): void {
  if (e.defaultPrevented || e.button !== 0 || e.metaKey || e.ctrlKey || e.shiftKey || e.altKey) return;
  const a = (e.target as Element | null)?.closest?.('a');
  if (!a || a.target || a.origin !== location.origin || a.pathname.startsWith('/api/')) return;
  e.preventDefault();
  go(a.pathname + a.search);
}
