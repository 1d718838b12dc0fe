// Jump, search, act: rooms and people while typing, messages a moment later, and the menus' actions.

import { useSignal } from '@preact/signals';
import { useEffect, useId, useRef } from 'preact/hooks';
import type { Room, RoomState, SearchHit, User } from '../protocol';
import { api } from '../core/api';
import { type Match, match } from '../core/match';
import { unreadOf } from '../core/personal';
import { go, route } from '../core/route';
import { me, nameOf, rooms, titleOf, users } from '../core/store';
import { Avatar } from './Avatar';
import { Icon, type IconName } from './Icon';
import { inUnits, Marked } from './Marked';
import { ask, leadsServer, roomMenu, toggleTheme } from './menus';
import { iconOf } from './Sidebar';
import { client, dialog, isApple, showToast, withCommand } from './state';
import { count, moment } from './words';

const SHOWN = 6;
const FIRST = 9;
const MESSAGES = 4;
const ASK_AFTER = 120;
const ASK_FROM = 2;

interface Option {
  key: string;
  group: 'Rooms and people' | 'Messages' | 'Actions';
  face: preact.ComponentChildren;
  name: string;
  marks: Match['marks'];
  note: string;
  keys?: string;
  run(): void;
}

export function Palette({ close }: { close(): void }) {
  const box = useRef<HTMLDialogElement>(null);
  const id = useId();
  const query = useSignal('');
  const at = useSignal(0);
  const found = useSignal<readonly SearchHit[]>([]);
  const open = useSignal<readonly Room[]>([]);
  useEffect(() => {
    box.current!.showModal();
    void api.openRooms().then((list) => { open.value = list; }, () => {});
    void api.everyone().then((list) => client().putUsers(list), () => {});
  }, []);
  const text = query.value.trim();
  const [prefix, words] = /^[#@>?]/.test(text) ? [text[0]!, text.slice(1).trim()] : ['', text];
  useEffect(() => {
    found.value = [];
    if (prefix || [...words].length < ASK_FROM) return;
    let over = false;
    const timer = setTimeout(() => {
      api.search(words, { limit: MESSAGES }).then((r) => {
        if (over) return;
        found.value = r.hits;
        client().want(r.hits.map((h) => h.message.author));
      }, () => {});
    }, ASK_AFTER);
    return () => { over = true; clearTimeout(timer); };
  }, [words, prefix]);
  if (prefix === '?') {
    dialog.value = { show: 'keys' };
    return null;
  }
  const leave = (run: () => void) => () => { box.current?.close(); run(); };
  const options: Option[] = [
    ...(prefix === '>' ? [] : places(words, prefix, open.value)),
    ...(prefix ? [] : found.value.map(messageOption)),
    ...(prefix === '#' || prefix === '@' || prefix === '>' || !words ? [] : [searchOption(words)]),
    ...(prefix === '#' || prefix === '@' ? [] : actions(words).slice(0, prefix === '>' || !words ? 20 : 4)),
  ];
  const shown = Math.min(at.value, options.length - 1);
  const key = (e: KeyboardEvent) => {
    if (e.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[e.key];
    if (step !== undefined) at.value = (shown + step + options.length) % options.length;
    else if (e.key === 'Enter' && withCommand(e) && words) leave(searchOption(words).run)();
    else if (e.key === 'Enter' && options[shown]) leave(options[shown].run)();
    else return;
    e.preventDefault();
  };
  const select = (i: number) => { at.value = i; };
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes it too
    <dialog class="pal" ref={box} aria-label="Jump, search, act" onClose={close} onClick={(e) => { if (e.target === e.currentTarget) box.current!.close(); }}>
      <div class="q">
        <Icon name="search" />
        <input role="combobox" aria-expanded="true" aria-controls={id} aria-activedescendant={options.length ? `${id}-${shown}` : undefined} aria-autocomplete="list" aria-label="Jump or search" placeholder="Jump or search" autoComplete="off" spellcheck={false}
          value={query.value} onInput={(e) => { query.value = e.currentTarget.value; at.value = 0; }} onKeyDown={key} />
        <span class="kbd" aria-hidden="true">Esc</span>
      </div>
      <div class="list" role="listbox" id={id} aria-label="Results">
        {options.map((it, i) => (
          <div key={it.key} role="none">
            {options[i - 1]?.group !== it.group && <div class="g" role="presentation">{it.group}</div>}
            {/* biome-ignore lint/a11y/useKeyWithClickEvents: the text field has the keys */}
            {/* biome-ignore lint/a11y/useFocusableInteractive: the text field keeps the focus */}
            <div class="o" id={`${id}-${i}`} role="option" aria-selected={i === shown} onMouseMove={() => select(i)} onMouseDown={(e) => e.preventDefault()} onClick={leave(it.run)} ref={(el) => { if (i === shown) el?.scrollIntoView({ block: 'nearest' }); }}>
              {it.face}<span class="n" dir="auto"><Marked text={it.name} marks={it.marks} /></span>
              {it.note && <small>{it.note}</small>}
              {it.keys ? <span class="kbd" aria-hidden="true">{it.keys}</span> : i === shown && <span class="kbd" aria-hidden="true">↵</span>}
            </div>
          </div>
        ))}
        
      </div>
      <p class="sr" role="status">{options.length === 0 && "Nothing matches."}</p>
      <div class="ft no-phone" aria-hidden="true"><span><kbd>↑</kbd><kbd>↓</kbd>move</span><span><kbd>#</kbd>rooms</span><span><kbd>@</kbd>people</span><span><kbd>&gt;</kbd>actions</span></div>
    </dialog>
  );
}

const GROUP = 'Rooms and people';

/** Before anything is typed: what is unread, then what was active last. */
function places(words: string, prefix: string, open: readonly Room[]): Option[] {
  const mine = [...rooms.value.values()].filter((r) => r.role && (prefix !== '@' || r.kind === 'direct') && (prefix !== '#' || r.kind !== 'direct'));
  if (!words) {
    const weight = (r: RoomState) => (unreadOf(r).forMe > 0 ? 2 : unreadOf(r).dot ? 1 : 0);
    const at = route.peek();
    return mine.filter((r) => at.at !== 'room' || r.id !== at.room).sort((a, b) => weight(b) - weight(a) || b.active_at - a.active_at).slice(0, FIRST).map((r) => roomOption(r, []));
  }
  const out: [number, Option][] = [];
  for (const r of mine) {
    const m = match(titleOf(r), words);
    if (m) out.push([m.score + (r.archived ? -30 : 1), roomOption(r, m.marks)]);
  }
  const known = new Set(mine.map((r) => r.id));
  if (prefix !== '@') for (const r of open) {
    const m = known.has(r.id) ? undefined : match(r.name, words);
    if (m) out.push([m.score, { key: r.id, group: GROUP, face: <Icon name={iconOf(r)} />, name: r.name, marks: m.marks, note: 'Join', run: () => go(`/r/${r.id}`) }]);
  }
  if (prefix !== '#') for (const u of users.value.values()) {
    const m = u.id === me.value?.id || u.deactivated || u.role === 'guest' ? undefined : (match(u.name, words) ?? (u.handle ? match(u.handle, words) : undefined));
    // With whom one talks already stands there by that conversation.
    if (m && !mine.some((r) => r.kind === 'direct' && r.people?.length === 2 && r.people.includes(u.id))) out.push([m.score, personOption(u, match(u.name, words) ? m.marks : [])]);
  }
  return out.sort((a, b) => b[0] - a[0]).slice(0, SHOWN).map(([, it]) => it);
}

function roomOption(r: RoomState, marks: Match['marks']): Option {
  const other = r.kind === 'direct' && r.people?.length === 2 ? r.people.find((u) => u !== me.value?.id) : undefined;
  const { dot, forMe } = unreadOf(r);
  const note = forMe > 0 ? `${forMe} for you` : dot ? 'Unread' : r.archived ? 'Archived' : r.kind === 'direct' ? '' : count(r.member_count, 'person', 'people');
  return { key: r.id, group: GROUP, face: other ? <Avatar user={other} size={22} /> : <Icon name={iconOf(r)} />, name: titleOf(r), marks, note, run: () => go(`/r/${r.id}`) };
}

function personOption(u: User, marks: Match['marks']): Option {
  const run = () => ask(api.openDirect([u.id]).then((r) => { client().welcomeRoom(r); go(`/r/${r.id}`); }));
  return { key: 'u' + u.id, group: GROUP, face: <Avatar user={u.id} size={22} />, name: u.name, marks, note: u.handle ? '@' + u.handle : '', run };
}

function messageOption(hit: SearchHit): Option {
  const m = hit.message;
  const who = nameOf(m.author) + ': ';
  const room = rooms.value.get(m.room);
  const thread = m.kind === 'posted' && m.thread !== undefined && !m.also_in_room ? m.thread : undefined;
  return {
    key: 'm' + m.id, group: 'Messages', face: <Avatar user={m.author} size={22} />, name: who + hit.line,
    marks: inUnits(hit.line, hit.marks ?? []).map(([a, b]) => [a + who.length, b + who.length] as const),
    note: [room && titleOf(room), moment(m.at)].filter(Boolean).join(' · '),
    run: () => go(thread === undefined ? `/r/${m.room}/m/${m.seq}` : `/r/${m.room}/t/${thread}`),
  };
}

const searchOption = (words: string): Option => ({
  key: 'search', group: 'Messages', face: <Icon name="search" />, name: `Search all messages for “${words}”`, marks: [], note: '', keys: isApple ? '⌘ ↵' : 'Ctrl ↵',
  run: () => go(`/search?q=${encodeURIComponent(words)}`),
});

function actions(words: string): Option[] {
  const at = route.peek();
  const room = at.at === 'room' ? rooms.peek().get(at.room) : undefined;
  const list: [IconName, string, () => void, string?][] = [
    ['moon', 'Change theme', toggleTheme, isApple ? '⌘ ⇧ L' : 'Ctrl Shift L'],
    ['smile', 'Set your status', () => { dialog.value = { show: 'status' }; }],
    ['settings', 'Settings', () => go('/settings/profile'), isApple ? '⌘ ,' : 'Ctrl ,'],
    ['key', 'Keys', () => { dialog.value = { show: 'keys' }; }, isApple ? '⌘ /' : 'Ctrl /'],
    ['inbox', 'Catch up', () => go('/catchup')], ['thread', 'Threads', () => go('/threads')], ['at', 'Mentions', () => go('/mentions')],
  ];
  if (me.peek()?.role !== 'guest') list.push(['plus', 'Add a room', () => { dialog.value = { show: 'add_room' }; }], ['pencil', 'Start a conversation', () => { dialog.value = { show: 'converse' }; }], ['invite', 'Invite people', () => { dialog.value = { show: 'invite' }; }], ['plus', 'New section', () => { dialog.value = { show: 'section' }; }]);
  if (leadsServer()) list.push(['chart', 'Administration', () => go('/admin/overview')]);
  list.push(['check', 'Mark everything as read', markAll]);
  if (room?.role) for (const it of roomMenu(room)) list.push([it.icon, `${it.text}: ${titleOf(room)}`, it.run]);
  return list
    .map(([icon, name, run, keys]) => ({ m: match(name, words), it: { key: 'a' + name, group: 'Actions' as const, face: <Icon name={icon} />, name, note: '', run, ...(keys ? { keys } : {}) } }))
    .filter((it): it is typeof it & { m: Match } => it.m !== undefined)
    .sort((a, b) => b.m.score - a.m.score)
    .map(({ m, it }) => ({ ...it, marks: m.marks }));
}

function markAll(): void {
  for (const r of rooms.peek().values()) if (r.role && r.unread > 0) client().read(r.id, r.head);
  showToast({ text: 'Everything is read.' });
}
