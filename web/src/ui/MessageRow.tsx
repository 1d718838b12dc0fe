import type { Signal } from '@preact/signals';
import type { RoomId, Seq } from '../protocol';
import { api, sentence } from '../core/api';
import { me, nameOf, rooms, users } from '../core/store';
import { Text } from '../text/Text';
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
import { client, copy, dialog, showToast } from './state';
import { ThreadSummary } from './ThreadSummary';
import { answering, editing, reacting } from './timelineState';
import { fullTime, shortTime, time } from './words';

const UNDO_MS = 5_000;

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
  const role = users.value.get(row.author)?.role;
  const pending = row.seq === undefined && row.item?.state !== 'sent';
  const editsThis = row.seq !== undefined && edits.value === row.seq;
  const cls = ['m', row.joined ? '' : 'h', row.own && !row.gone ? 'own' : '', row.toMe ? 'to-you' : '', pending && row.item?.state !== 'refused' ? 'pend' : ''].filter(Boolean).join(' ');
  const when = <time dateTime={new Date(row.at).toISOString()} title={fullTime(row.at)} class={row.joined ? 'gut' : undefined}>{row.joined ? shortTime(row.at) : time(row.at)}</time>;
  const pinned = row.posted?.pinned_by && <span class="pinned"><Icon name="pin" size="s" />Pinned</span>;
  return (
    <li class={cls} data-seq={inThread ? undefined : row.seq} tabIndex={-1}>
      <article aria-label={`${name}, ${time(row.at)}`}>
        {row.joined ? when : <Avatar user={row.author} />}
        <div class="mc">
          {!row.joined && <div class="who"><b>{name}</b>{role === 'guest' && <span class="tag">Guest</span>}{when}{pinned}</div>}
          {row.joined && pinned}
          {row.quoted !== undefined && <Quote of={row.quoted} room={room} />}
          {editsThis && row.seq !== undefined ? <EditBox room={room} seq={row.seq} text={row.text} edits={edits} />
            : row.gone ? <div class="b gone">Message deleted</div>
            : <Body row={row} room={room} />}
          {row.item?.state === 'refused' ? <Refused item={row.item} room={room} edits={edits} /> : row.own && !row.gone && !editsThis && <Delivery row={row} />}
          {row.seq !== undefined && row.posted && <Under row={row} room={room} seq={row.seq} inThread={inThread} />}
          {!row.gone && !editsThis && row.seq !== undefined && <Tools row={row} room={room} seq={row.seq} edits={edits} inThread={inThread} />}
        </div>
      </article>
    </li>
  );
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

function Tools({ row, room, seq, edits, inThread }: { row: MessageRowData; room: RoomId; seq: Seq; edits: Signal<Seq | undefined>; inThread: boolean }) {
  const state = rooms.value.get(room);
  const leads = state?.role === 'owner' || state?.role === 'moderator' || me.value?.role === 'owner' || me.value?.role === 'admin';
  const writable = state?.role !== undefined && !state.archived;
  const remove = () => {
    const key = client().remove(room, seq, UNDO_MS);
    showToast({ text: 'Deleted.', action: { text: 'Undo', run: () => { if (!client().discard(key)) showToast({ text: 'It is deleted already' }); } } }, UNDO_MS);
    document.getElementById('composer')?.focus();
  };
  const reply = () => {
    answering.value = new Map(answering.peek()).set(room, seq);
    document.getElementById('composer')?.focus();
  };
  const pinned = row.posted?.pinned_by !== undefined;
  const pin = () => void api.pin(room, seq, !pinned).catch((e: unknown) => showToast({ text: sentence(e) }));
  const root = row.posted?.thread ?? seq;
  return (
    <div class="tools" role="toolbar" aria-label="Message actions">
      {writable && <button type="button" class="ib" tabIndex={-1} data-act="react" aria-label="Add a reaction" title="Add a reaction" aria-haspopup="dialog" onClick={(e) => { reacting.value = { room, seq, from: e.currentTarget }; }}><Icon name="smile" /></button>}
      {writable && !inThread && <button type="button" class="ib" tabIndex={-1} data-act="reply" aria-label="Reply" title="Reply (R)" onClick={reply}><Icon name="reply" /></button>}
      {!inThread && <a class="ib" tabIndex={-1} data-act="thread" aria-label="Reply in thread" title="Reply in thread (T)" href={`/r/${room}/t/${root}`}><Icon name="thread" /></a>}
      {row.own && writable && <button type="button" class="ib" tabIndex={-1} data-act="edit" aria-label="Edit" title="Edit (E)" onClick={() => { edits.value = seq; }}><Icon name="pencil" /></button>}
      {leads && writable && <button type="button" class="ib no-phone" tabIndex={-1} data-act="pin" aria-label={pinned ? 'Unpin' : 'Pin'} title={pinned ? 'Unpin' : 'Pin'} aria-pressed={pinned} onClick={pin}><Icon name="pin" /></button>}
      <button type="button" class="ib no-phone" tabIndex={-1} data-act="copy" aria-label="Copy text" title="Copy text (C)" onClick={() => void copy(row.text, 'Text copied')}><Icon name="copy" /></button>
      {(row.own || (leads && state?.kind !== 'direct')) && writable && <button type="button" class="ib" tabIndex={-1} data-act="delete" aria-label="Delete" title="Delete (Del)" onClick={remove}><Icon name="bin" /></button>}
    </div>
  );
}
