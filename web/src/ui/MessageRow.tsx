import type { Signal } from '@preact/signals';
import type { RoomId, Seq, User } from '../protocol';
import { nameOf, rooms, users } from '../core/store';
import { Text } from '../text/Text';
import { actionsOf, QUICK, react } from './actions';
import { Attachments, Forwarded } from './Attachments';
import { Avatar } from './Avatar';
import { Delivery, Refused } from './Delivery';
import { EditBox } from './EditBox';
import { Icon } from './Icon';
import { LinkPreview } from './LinkPreview';
import { Poll } from './Poll';
import { Quote } from './Quote';
import { Reactions } from './Reactions';
import type { MessageRowData } from './rows';
import { dialog } from './state';
import { ThreadSummary } from './ThreadSummary';
import { acting, editing, reacting } from './timelineState';
import { useLongPress } from './useLongPress';
import { fullTime, shortTime, statusLine, time } from './words';

interface Props {
  row: MessageRowData;
  room: RoomId;
  /** Which message is being edited where this one is shown. */
  edits?: Signal<Seq | undefined>;
  /** Within a thread: there is no thread in a thread. */
  inThread?: boolean;
}

export function MessageRow({ row, room, edits = editing, inThread = false }: Props) {
  const name = nameOf(row.author);
  const press = useLongPress((from) => { if (row.seq !== undefined && !row.gone) acting.value = { room, seq: row.seq, inThread, from }; });
  const user = users.value.get(row.author);
  const role = user?.role;
  const pending = row.seq === undefined && row.item?.state !== 'sent';
  const editsThis = row.seq !== undefined && edits.value === row.seq;
  const cls = ['m', row.joined ? '' : 'h', row.own && !row.gone ? 'own' : '', row.toMe ? 'to-you' : '', pending && row.item?.state !== 'refused' ? 'pend' : ''].filter(Boolean).join(' ');
  const when = <time dateTime={new Date(row.at).toISOString()} title={fullTime(row.at)} class={row.joined ? 'gut' : undefined}>{row.joined ? shortTime(row.at) : time(row.at)}</time>;
  const pinned = row.posted?.pinned_by && <span class="pinned"><Icon name="pin" size="s" />Pinned</span>;
  return (
    <li class={cls} data-seq={inThread ? undefined : row.seq} tabIndex={-1} {...press}>
      <article aria-label={`${name}, ${time(row.at)}`}>
        {row.joined ? when : <Avatar user={row.author} />}
        <div class="mc">
          {!row.joined && <div class="who"><button type="button" class="plain" tabIndex={-1} onClick={() => { dialog.value = { show: 'profile', user: row.author }; }}><b>{name}</b></button>{role === 'guest' && <span class="tag">Guest</span>}{user?.bot && <span class="tag">Bot</span>}{user && statusSign(user)}{when}{pinned}</div>}
          {row.joined && pinned}
          {row.quoted !== undefined && <Quote of={row.quoted} room={room} />}
          {editsThis && row.seq !== undefined ? <EditBox room={room} seq={row.seq} text={row.text} edits={edits} />
            : row.gone ? <div class="b gone">Message deleted</div>
            : <Body row={row} room={room} />}
          {row.item?.state === 'refused' ? <Refused item={row.item} room={room} edits={edits} /> : row.own && !row.gone && !editsThis && <Delivery row={row} />}
          {row.seq !== undefined && row.posted && <Under row={row} room={room} seq={row.seq} inThread={inThread} />}
          {!row.gone && !editsThis && row.seq !== undefined && <Tools row={row} room={room} seq={row.seq} inThread={inThread} />}
        </div>
      </article>
    </li>
  );
}

/** What they say of now, as a sign beside the name. */
function statusSign(user: User) {
  const said = statusLine(user);
  return user.status?.emoji && said ? <span class="now" title={said} role="img" aria-label={said}>{user.status.emoji}</span> : null;
}

function Body({ row, room }: { row: MessageRowData; room: RoomId }) {
  const posted = row.posted;
  const seq = row.seq;
  const edited = row.edited && <> <button type="button" class="edited" aria-label="Edited: show what it said" onClick={() => { if (seq !== undefined) dialog.value = { show: 'versions', room, seq }; }}>(edited)</button></>;
  return (
    <>
      {(row.text !== '' || row.edited) && <div class="b" dir="auto"><Text source={row.text} refs={posted?.refs} after={edited} /></div>}
      {posted?.forward && <Forwarded of={posted.forward} />}
      {posted?.attachments && <Attachments files={posted.attachments} />}
      {posted?.preview && <LinkPreview of={posted.preview} room={room} seq={posted.seq} removable={row.own} />}
    </>
  );
}

/** What others made of it. */
function Under({ row, room, seq, inThread }: { row: MessageRowData; room: RoomId; seq: Seq; inThread: boolean }) {
  const posted = row.posted!;
  return (
    <>
      {posted.poll && <Poll poll={posted.poll} votes={posted.votes ?? []} room={room} seq={seq} />}
      {posted.reactions && <Reactions reactions={posted.reactions} room={room} seq={seq} />}
      {!inThread && posted.replies && posted.replies.count > 0 && <ThreadSummary replies={posted.replies} room={room} seq={seq} />}
    </>
  );
}

function Tools({ row, room, seq, inThread }: { row: MessageRowData; room: RoomId; seq: Seq; inThread: boolean }) {
  const state = rooms.value.get(room);
  const writable = state?.role !== undefined && !state.archived;
  const root = row.posted?.thread ?? seq;
  return (
    <div class="tools" role="toolbar" aria-label="Message actions">
      {writable && QUICK.map((it) => <button key={it} type="button" class="ib e" tabIndex={-1} aria-label={`React with ${it}`} onClick={() => react(room, seq, it)}>{it}</button>)}
      {writable && <button type="button" class="ib" tabIndex={-1} data-act="react" aria-label="Add a reaction" title="Add a reaction" aria-haspopup="dialog" onClick={(e) => { reacting.value = { room, seq, from: e.currentTarget }; }}><Icon name="smile" /></button>}
      {writable && <i />}
      {writable && !inThread && <button type="button" class="ib" tabIndex={-1} data-act="reply" aria-label="Reply" title="Reply (R)" onClick={(e) => act(room, seq, inThread, 'reply', e.currentTarget)}><Icon name="reply" /></button>}
      {!inThread && <a class="ib" tabIndex={-1} data-act="thread" aria-label="Reply in thread" title="Reply in thread (T)" href={`/r/${room}/t/${root}`}><Icon name="thread" /></a>}
      <button type="button" class="ib" tabIndex={-1} data-act="more" aria-label="More actions" title="More" aria-haspopup="menu" onClick={(e) => { acting.value = { room, seq, inThread, from: e.currentTarget }; }}><Icon name="more" /></button>
    </div>
  );
}

const act = (room: RoomId, seq: Seq, inThread: boolean, name: string, from: HTMLElement) => actionsOf(room, seq, inThread).find((it) => it.act === name)?.run(from);
