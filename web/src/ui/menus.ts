// What the menus of the team, of a room and of a section offer. The palette offers the same.

import type { RoomId, RoomState, SectionId } from '../protocol';
import { api, sentence } from '../core/api';
import { changeMine, sections } from '../core/personal';
import { go } from '../core/route';
import { me, rooms, titleOf } from '../core/store';
import type { MenuItem } from './Menu';
import { client, copy, dialog, setTheme, showToast, theme } from './state';

/** Says what went wrong, if something did. */
export const ask = (doing: Promise<unknown>): void => void doing.catch((e: unknown) => showToast({ text: sentence(e) }));

export const leadsServer = (): boolean => me.value?.role === 'owner' || me.value?.role === 'admin';
export const leadsRoom = (room: RoomState | undefined): boolean => room?.role === 'owner' || room?.role === 'moderator';

/** Whether someone leads a room that others are in: reports of it are theirs to see. */
export const moderates = (): boolean => [...rooms.value.values()].some((r) => r.kind !== 'direct' && leadsRoom(r));

export function teamMenu(): MenuItem[] {
  const items: MenuItem[] = [{ icon: 'invite', text: 'Invite people', run: () => { dialog.value = { show: 'invite' }; } }];
  if (leadsServer()) items.push({ icon: 'chart', text: 'Administration', run: () => go('/admin/overview') });
  else if (moderates()) items.push({ icon: 'flag', text: 'Reports', run: () => go('/admin/reports') });
  items.push({ icon: 'compass', text: 'Browse rooms', run: () => go('/rooms') });
  items.push({ icon: 'plus', text: 'New section', run: () => { dialog.value = { show: 'section' }; } });
  items.push({ icon: 'moon', text: theme.peek() === 'dark' ? 'Light theme' : 'Dark theme', run: toggleTheme });
  return items;
}

export function toggleTheme(): void {
  const dark = theme.peek() === 'system' ? matchMedia('(prefers-color-scheme: dark)').matches : theme.peek() === 'dark';
  setTheme(dark ? 'light' : 'dark');
}

export function sectionMenu(id: SectionId): MenuItem[] {
  const all = sections.peek();
  return [
    { icon: 'pencil', text: 'Rename', run: () => { dialog.value = { show: 'section', section: id }; } },
    { icon: 'bin', text: 'Remove the section', bad: true, run: () => ask(api.putSections(all.filter((s) => s.id !== id)).then((list) => { sections.value = list; })) },
  ];
}

export function roomMenu(room: RoomState): MenuItem[] {
  const guest = me.value?.role === 'guest';
  const items: MenuItem[] = [];
  const path = `/r/${room.id}`;
  if (room.role) {
    if (room.unread > 0) items.push({ icon: 'check', text: 'Mark as read', run: () => client().read(room.id, room.head) });
    items.push({ icon: 'star', text: room.starred ? 'Unstar' : 'Star', run: () => ask(changeMine(room.id, { starred: !room.starred })) });
    items.push({ icon: room.muted ? 'bell' : 'mute', text: room.muted ? 'Unmute' : 'Mute', run: () => ask(changeMine(room.id, { muted: !room.muted })) });
    items.push({ icon: 'filter', text: 'Notifications and section', run: () => { dialog.value = { show: 'room_mine', room: room.id }; } });
  }
  if (!guest) items.push({ icon: 'people', text: 'Members', run: () => go(`${path}/members`) });
  items.push({ icon: 'pin', text: 'Pinned', run: () => go(`${path}/pins`) });
  if (room.kind !== 'direct' && room.role && (leadsRoom(room) || leadsServer()) && !room.archived) {
    items.push({ icon: 'invite', text: 'Add people', run: () => { dialog.value = { show: 'add_people', room: room.id }; } });
  }
  if (room.kind !== 'direct') items.push({ icon: 'settings', text: leadsRoom(room) ? 'Room settings' : 'About the room', run: () => go(`${path}/settings`) });
  items.push({ icon: 'copy', text: 'Copy link', run: () => void copy(`${location.origin}${path}`, 'Link copied') });
  if (room.kind !== 'direct' && room.role) {
    if (leadsRoom(room) || leadsServer()) items.push({ icon: 'archive', text: room.archived ? 'Reopen' : 'Archive', run: () => ask(api.changeRoom(room.id, { archived: !room.archived })) });
    items.push({ icon: 'leave', text: 'Leave the room', bad: true, run: () => leave(room.id, titleOf(room)) });
  }
  return items;
}

function leave(room: RoomId, title: string): void {
  ask(api.leave(room).then(() => showToast({ text: `You left ${title}.` })));
}
