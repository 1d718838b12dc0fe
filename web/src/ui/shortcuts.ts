// Keys that work everywhere. Each has a button too; the map is in the dialog `Ctrl /`.

import { listOf } from '../core/list';
import { sections, unreadOf } from '../core/personal';
import { go, route } from '../core/route';
import { rooms, titleOf } from '../core/store';
import { toggleTheme } from './menus';
import { searchPath } from './RoomHeader';
import { dialog, withCommand } from './state';

/** What F6 goes through. */
const REGIONS = ['.side .rooms a', '.sc', '#composer', '.panel button'];

export function onShortcut(e: KeyboardEvent): void {
  if (e.isComposing || e.defaultPrevented) return;
  const done = act(e);
  if (done) e.preventDefault();
}

function act(e: KeyboardEvent): boolean {
  const r = route.peek();
  const command = withCommand(e);
  const key = e.key.length === 1 ? e.key.toLowerCase() : e.key;
  if (command && key === 'k' && !e.shiftKey) dialog.value = { show: 'palette' };
  else if (command && key === '/') dialog.value = { show: 'keys' };
  else if (command && e.shiftKey && key === 'l') toggleTheme();
  else if (command && e.shiftKey && key === 'f') go('/search');
  else if (command && key === ',') go('/settings/profile');
  // Pressed again there, the browser's own search comes.
  else if (command && key === 'f' && r.at === 'room' && rooms.peek().has(r.room)) go(searchPath(rooms.peek().get(r.room)!));
  else if (command && key === '.' && r.at === 'room') go(r.panel || r.thread !== undefined ? `/r/${r.room}` : `/r/${r.room}/members`, 'replace');
  else if (e.altKey && !e.ctrlKey && !e.metaKey && (key === 'ArrowUp' || key === 'ArrowDown')) return step(key === 'ArrowUp' ? -1 : 1, e.shiftKey);
  else if (key === 'Escape' && (r.at === 'settings' || r.at === 'admin') && !dialog.peek()) go('/');
  else if (key === 'F6') return region(e.shiftKey ? -1 : 1);
  else return false;
  return true;
}

/** The room above or below in the list; of those with something unread. */
function step(by: 1 | -1, unread: boolean): boolean {
  const all = listOf(rooms.peek().values(), sections.peek(), titleOf).flatMap((part) => part.rooms);
  const r = route.peek();
  const at = all.findIndex((it) => r.at === 'room' && it.id === r.room);
  for (let i = 1; i <= all.length; i++) {
    const next = all[(at + by * i + all.length * 2) % all.length]!;
    if (unread && !unreadOf(next).dot && unreadOf(next).forMe === 0) continue;
    go(`/r/${next.id}`);
    return true;
  }
  return false;
}

function region(by: 1 | -1): boolean {
  const all = REGIONS.flatMap((it) => document.querySelector<HTMLElement>(it) ?? []);
  const at = all.findIndex((el) => el.contains(document.activeElement) || el.closest('.side, .tl, .cmp, .panel')?.contains(document.activeElement));
  all[(at + by + all.length) % all.length]?.focus();
  return all.length > 0;
}
