import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { ChangeRoom, RoomId, RoomRole, RoomState, Rules } from '../../protocol';
import { api, sentence } from '../../core/api';
import { ROOM_NAME_CHARS, TOPIC_CHARS } from '../../core/limits';
import { nameOf, rooms } from '../../core/store';
import { Icon } from '../Icon';
import { ask, leadsRoom, leadsServer } from '../menus';
import { copy, showToast } from '../state';
import { count, date } from '../words';
import { Bans, GuestLinks } from './GuestLinks';

/** What a room is, and for those who lead it, how it is. Each field is kept by itself. */
export function RoomPanel({ room: id, close }: { room: RoomId; close(): void }) {
  const room = rooms.value.get(id);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const leads = leadsRoom(room) && room?.kind !== 'direct';
  return (
    <aside class="panel" aria-label={leads ? 'Room settings' : 'About the room'} onKeyDown={(e) => { if (e.key === 'Escape') close(); }}>
      <header class="hd">
        <div class="ttl"><h2 ref={heading} tabIndex={-1}>{leads ? 'Room settings' : 'About'}</h2>{room && <small>{room.name}</small>}</div>
        <button type="button" class="ib" aria-label="Close room settings" onClick={close}><Icon name="close" /></button>
      </header>
      <div class="body set">
        {room && (leads && !room.archived ? <Fields room={room} /> : <About room={room} />)}
        {room && <Facts room={room} />}
        {room && leads && !room.archived && <><GuestLinks room={id} /><Bans room={id} /></>}
        {room && (leads || leadsServer()) && <Ending room={room} />}
      </div>
    </aside>
  );
}

function About({ room }: { room: RoomState }) {
  return (
    <>
      <p class="topic-all">{room.topic || 'No topic is set.'}</p>
      {room.rules && <p class="hint">{[room.rules.post && `${WHO[room.rules.post]} may post.`, room.rules.slow ? `One message every ${room.rules.slow} seconds.` : ''].filter(Boolean).join(' ')}</p>}
    </>
  );
}

const WHO: Record<RoomRole, string> = { guest: 'Everyone here', member: 'Members', moderator: 'Moderators and owners', owner: 'Owners' };
const LEAST: readonly RoomRole[] = ['guest', 'member', 'moderator', 'owner'];
/** What a role is needed for, what is usual, and the least that may be asked. */
const RULES: readonly (readonly [name: Exclude<keyof Rules, 'slow'>, text: string, usual: RoomRole, least: readonly RoomRole[]])[] = [
  ['post', 'Who may post', 'guest', LEAST],
  ['reply', 'Who may reply in threads', 'guest', LEAST],
  ['react', 'Who may react', 'guest', LEAST],
  ['mention_everyone', 'Who may mention everyone', 'member', LEAST],
  ['pin', 'Who may pin', 'member', LEAST],
  ['invite', 'Who may add people', 'member', LEAST.slice(1)],
];
const SLOW: readonly (readonly [number, string])[] = [[0, 'Off'], [5, '5 seconds'], [15, '15 seconds'], [30, '30 seconds'], [60, '1 minute'], [300, '5 minutes'], [900, '15 minutes'], [3600, '1 hour']];

function Fields({ room }: { room: RoomState }) {
  const rules = room.rules ?? {};
  const put = (change: Partial<Record<keyof Rules, RoomRole | number | undefined>>) => {
    const next = Object.fromEntries(Object.entries({ ...rules, ...change }).filter(([, it]) => it !== undefined && it !== 0)) as Rules;
    return keep(room.id, { rules: next }, { rules });
  };
  return (
    <div class="form">
      <TextField key={`n${room.name}`} label="Name" value={room.name} max={ROOM_NAME_CHARS} save={(name) => keep(room.id, { name }, { name: room.name })} />
      <TextField key={`t${room.topic}`} label="Topic" value={room.topic} max={TOPIC_CHARS} save={(topic) => keep(room.id, { topic }, { topic: room.topic })} />
      {RULES.map(([name, text, usual, least]) => (
        <div class="fld" key={name}>
          <label for={'rule-' + name}>{text}</label>
          <select id={'rule-' + name} class="sel" value={rules[name] ?? ''} onChange={(e) => void put({ [name]: (e.currentTarget.value || undefined) as RoomRole | undefined })}>
            <option value="">{name === 'reply' ? 'As for posting' : `${WHO[usual]} (usual)`}</option>
            {least.filter((it) => name === 'reply' || it !== usual).map((it) => <option key={it} value={it}>{WHO[it]}</option>)}
          </select>
        </div>
      ))}
      <div class="fld">
        <label for="rule-slow">Slow mode</label>
        <select id="rule-slow" class="sel" value={rules.slow ?? 0} onChange={(e) => void put({ slow: Number(e.currentTarget.value) })}>
          {SLOW.map(([value, text]) => <option key={value} value={value}>{text}</option>)}
          {!SLOW.some(([it]) => it === (rules.slow ?? 0)) && <option value={rules.slow}>{rules.slow} seconds</option>}
        </select>
        <small>Between two messages of one person. Moderators and owners need not wait.</small>
      </div>
    </div>
  );
}

/** Changes a room, and offers to take it back. */
async function keep(room: RoomId, change: ChangeRoom, before: ChangeRoom): Promise<string> {
  try {
    await api.changeRoom(room, change);
    showToast({ text: 'Saved.', action: { text: 'Undo', run: () => ask(api.changeRoom(room, before)) } });
    return '';
  } catch (e) {
    return sentence(e);
  }
}

function TextField({ label, value, max, save }: { label: string; value: string; max: number; save(next: string): Promise<string> }) {
  const text = useSignal(value);
  const wrong = useSignal('');
  const id = `room-${label.toLowerCase()}`;
  const done = async () => {
    const next = text.value.trim();
    wrong.value = next === value ? '' : await save(next);
  };
  return (
    <div class="fld">
      <label for={id}>{label}</label>
      <div class={wrong.value ? 'inp bad' : 'inp'}>
        <input id={id} value={text.value} maxLength={max} autoComplete="off" aria-invalid={wrong.value ? true : undefined} aria-describedby={wrong.value ? id + '-d' : undefined}
          onInput={(e) => { text.value = e.currentTarget.value; }} onBlur={() => void done()} onKeyDown={(e) => { if (e.key === 'Enter' && !e.isComposing) void done(); }} />
      </div>
      {wrong.value && <span class="err" id={id + '-d'} role="alert">{wrong.value}</span>}
    </div>
  );
}

function Facts({ room }: { room: RoomState }) {
  const link = `${location.origin}/r/${room.id}`;
  return (
    <dl class="facts">
      <div><dt>Made by</dt><dd>{nameOf(room.created_by)}, {date(room.created_at)}</dd></div>
      <div><dt>Kind</dt><dd>{room.kind === 'open' ? 'Open: everyone here can read and join it' : 'Closed: only its members know of it'}</dd></div>
      <div><dt>Members</dt><dd><a href={`/r/${room.id}/members`}>{count(room.member_count, 'person', 'people')}</a></dd></div>
      <div><dt>Link</dt><dd><button type="button" class="linky" onClick={() => void copy(link, 'Link copied')}>Copy link</button></dd></div>
    </dl>
  );
}

function Ending({ room }: { room: RoomState }) {
  const sure = useSignal(false);
  const open = room.kind === 'closed' ? () => ask(api.changeRoom(room.id, { kind: 'open', confirm: true }).then(() => { sure.value = false; })) : () => ask(api.changeRoom(room.id, { kind: 'closed' }).then(() => { sure.value = false; }));
  const owns = room.role === 'owner';
  return (
    <div class="ending">
      {owns && !room.archived && (sure.value
        ? <div class="errbox"><p>{room.kind === 'closed' ? 'Everyone will see all that was ever said here.' : 'Only its members will know of it.'}</p><div class="acts start"><button type="button" class="btn d sm" onClick={open}>{room.kind === 'closed' ? 'Open it to everyone' : 'Close the room'}</button><button type="button" class="btn o sm" onClick={() => { sure.value = false; }}>Leave it</button></div></div>
        : <button type="button" class="btn o sm" onClick={() => { sure.value = true; }}>{room.kind === 'closed' ? 'Open to everyone…' : 'Make it closed…'}</button>)}
      <button type="button" class="btn o sm" onClick={() => ask(api.changeRoom(room.id, { archived: !room.archived }))}><Icon name="archive" size="s" />{room.archived ? 'Reopen the room' : 'Archive the room'}</button>
    </div>
  );
}
