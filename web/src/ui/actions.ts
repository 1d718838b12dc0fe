// What can be done with one message: the same for the bar over it, its menu and its keys.

import type { Message, RoomId, Seq } from '../protocol';
import { api } from '../core/api';
import { isSaved, save } from '../core/kept';
import { find } from '../core/log';
import { go } from '../core/route';
import { logOf, me, rooms } from '../core/store';
import type { IconName } from './Icon';
import { ask, leadsRoom, leadsServer } from './menus';
import { client, copy, dialog, showToast } from './state';
import { answering, editing, editingReply, reacting } from './timelineState';

const UNDO_MS = 5_000;
/** Offered first; one day the person's own most used ones. */
export const QUICK = ['👍', '🎉'] as const;
export const SHEET = ['👍', '❤️', '😂', '🎉', '👀', '✅'] as const;

export interface Action {
  act: 'react' | 'reply' | 'thread' | 'save' | 'remind' | 'report' | 'copy' | 'link' | 'pin' | 'edit' | 'delete';
  icon: IconName;
  text: string;
  /** The letter that does it while the message has the focus. */
  key?: string;
  bad?: boolean;
  run(from: HTMLElement): void;
}

export function react(room: RoomId, seq: Seq, emoji: string): void {
  const held = find(logOf(room).peek()!, seq);
  ask(api.react(room, seq, emoji, !held?.reactions?.some((it) => it.emoji === emoji && it.mine)));
}

/** In the order they are offered; nothing of a message that has no place yet or is no more. */
export function actionsOf(room: RoomId, seq: Seq, inThread: boolean): Action[] {
  const log = logOf(room).peek();
  const m = log && find(log, seq);
  if (m?.kind !== 'posted' || m.deleted_by !== undefined) return [];
  const state = rooms.peek().get(room);
  const writable = state?.role !== undefined && !state.archived;
  const guest = me.peek()?.role === 'guest';
  const own = m.author === me.peek()?.id;
  const leads = leadsRoom(state) || leadsServer();
  const edits = inThread ? editingReply : editing;
  const all: (Action | false)[] = [
    writable && { act: 'react', icon: 'smile', text: 'Add a reaction', key: '+', run: (from) => { reacting.value = { room, seq, from }; } },
    writable && !inThread && { act: 'reply', icon: 'reply', text: 'Reply', key: 'r', run: () => reply(room, seq) },
    !inThread && { act: 'thread', icon: 'thread', text: 'Reply in thread', key: 't', run: () => go(`/r/${room}/t/${m.thread ?? seq}`) },
    writable && own && { act: 'edit', icon: 'pencil', text: 'Edit', key: 'e', run: () => { edits.value = seq; } },
    !guest && { act: 'save', icon: 'bookmark', text: isSaved(room, seq) ? 'Do not save any more' : 'Save', key: 's', run: () => ask(save(room, seq, !isSaved(room, seq)).then(() => showToast({ text: isSaved(room, seq) ? 'Saved' : 'Not saved any more' }))) },
    !guest && { act: 'remind', icon: 'clock', text: 'Remind me…', run: () => { dialog.value = { show: 'remind', room, seq }; } },
    { act: 'copy', icon: 'copy', text: 'Copy text', key: 'c', run: () => void copy(m.text, 'Text copied') },
    { act: 'link', icon: 'enter', text: 'Copy link', key: 'l', run: () => void copy(linkTo(m), 'Link copied') },
    writable && leads && { act: 'pin', icon: 'pin', text: m.pinned_by === undefined ? 'Pin' : 'Unpin', key: 'p', run: () => ask(api.pin(room, seq, m.pinned_by === undefined)) },
    !own && !guest && { act: 'report', icon: 'flag', text: 'Report…', run: () => { dialog.value = { show: 'report', room, seq }; } },
    writable && (own || (leads && state.kind !== 'direct')) && { act: 'delete', icon: 'bin', text: 'Delete', key: 'Delete', bad: true, run: () => remove(room, seq) },
  ];
  return all.filter((it) => it !== false);
}

const linkTo = (m: Message & { kind: 'posted' }): string => `${location.origin}/r/${m.room}/${m.thread !== undefined && !m.also_in_room ? `t/${m.thread}` : `m/${m.seq}`}`;

function reply(room: RoomId, seq: Seq): void {
  answering.value = new Map(answering.peek()).set(room, seq);
  document.getElementById('composer')?.focus();
}

function remove(room: RoomId, seq: Seq): void {
  const key = client().remove(room, seq, UNDO_MS);
  showToast({ text: 'Deleted.', action: { text: 'Undo', run: () => { if (!client().discard(key)) showToast({ text: 'It is deleted already' }); } } }, UNDO_MS);
  document.getElementById('composer')?.focus();
}
