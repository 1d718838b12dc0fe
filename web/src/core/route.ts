import { signal } from '@preact/signals';
import type { RoomId, Seq } from '../protocol';

export type Route =
  | { at: 'setup'; code: string | undefined }
  | { at: 'login' }
  | { at: 'join'; secret: string }
  | { at: 'home' }
  | { at: 'rooms' }
  | { at: 'room'; room: RoomId; seq?: Seq; panel?: 'members'; thread?: Seq }
  | { at: 'nowhere' };

export function parseRoute(path: string, query = ''): Route {
  const parts = path.split('/').filter(Boolean).map(decode);
  const [a, b, c, d] = parts;
  switch (a) {
    case undefined:
      return { at: 'home' };
    case 'setup':
      return { at: 'setup', code: new URLSearchParams(query).get('code') ?? undefined };
    case 'login':
      return { at: 'login' };
    case 'join':
      return b ? { at: 'join', secret: b } : { at: 'nowhere' };
    case 'rooms':
      return { at: 'rooms' };
    case 'r':
      if (!b) return { at: 'nowhere' };
      if (c === 'members') return { at: 'room', room: b, panel: 'members' };
      if (c === 'm' && d && /^\d+$/.test(d)) return { at: 'room', room: b, seq: Number(d) };
      if (c === 't' && d && /^\d+$/.test(d)) return { at: 'room', room: b, thread: Number(d) };
      return c === undefined ? { at: 'room', room: b } : { at: 'nowhere' };
    default:
      return { at: 'nowhere' };
  }
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
