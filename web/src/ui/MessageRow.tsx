import type { RoomId } from '../protocol';
import { me, nameOf, rooms, users } from '../core/store';
import { Text } from '../text/Text';
import { Avatar } from './Avatar';
import { Delivery, Refused } from './Delivery';
import { EditBox } from './EditBox';
import { Icon } from './Icon';
import type { MessageRowData } from './rows';
import { client, copy, showToast } from './state';
import { editing } from './timelineState';
import { fullTime, shortTime, time } from './words';

const UNDO_MS = 5_000;

export function MessageRow({ row, room }: { row: MessageRowData; room: RoomId }) {
  const name = nameOf(row.author);
  const role = users.value.get(row.author)?.role;
  const pending = row.seq === undefined && row.item?.state !== 'sent';
  const edits = row.seq !== undefined && editing.value === row.seq;
  const cls = ['m', row.joined ? '' : 'h', row.own && !row.gone ? 'own' : '', pending && row.item?.state !== 'refused' ? 'pend' : ''].filter(Boolean).join(' ');
  const when = <time dateTime={new Date(row.at).toISOString()} title={fullTime(row.at)} class={row.joined ? 'gut' : undefined}>{row.joined ? shortTime(row.at) : time(row.at)}</time>;
  return (
    <li class={cls} data-seq={row.seq} tabIndex={-1}>
      <article aria-label={`${name}, ${time(row.at)}`}>
        {row.joined ? when : <Avatar user={row.author} />}
        <div class="mc">
          {!row.joined && <div class="who"><b>{name}</b>{role === 'guest' && <span class="tag">Guest</span>}{when}</div>}
          {edits && row.seq !== undefined ? <EditBox room={room} seq={row.seq} text={row.text} />
            : row.gone ? <div class="b gone">Message deleted</div>
            : <div class="b" dir="auto"><Text source={row.text} refs={row.refs} after={row.edited && <> <span class="edited">(edited)</span></>} /></div>}
          {row.item?.state === 'refused' ? <Refused item={row.item} room={room} /> : row.own && !row.gone && !edits && <Delivery row={row} />}
          {!row.gone && !edits && row.seq !== undefined && <Tools row={row} room={room} seq={row.seq} />}
        </div>
      </article>
    </li>
  );
}

function Tools({ row, room, seq }: { row: MessageRowData; room: RoomId; seq: number }) {
  const state = rooms.value.get(room);
  const leads = state?.role === 'owner' || state?.role === 'moderator' || me.value?.role === 'owner' || me.value?.role === 'admin';
  const writable = state?.role !== undefined && !state.archived;
  const remove = () => {
    const key = client().remove(room, seq, UNDO_MS);
    showToast({ text: 'Deleted.', action: { text: 'Undo', run: () => { if (!client().discard(key)) showToast({ text: 'It is deleted already' }); } } }, UNDO_MS);
    document.getElementById('composer')?.focus();
  };
  return (
    <div class="tools" role="toolbar" aria-label="Message actions">
      {row.own && writable && <button type="button" class="ib" tabIndex={-1} data-act="edit" aria-label="Edit" title="Edit (E)" onClick={() => { editing.value = seq; }}><Icon name="pencil" /></button>}
      <button type="button" class="ib" tabIndex={-1} data-act="copy" aria-label="Copy text" title="Copy text (C)" onClick={() => void copy(row.text, 'Text copied')}><Icon name="copy" /></button>
      {(row.own || (leads && state?.kind !== 'direct')) && writable && <button type="button" class="ib" tabIndex={-1} data-act="delete" aria-label="Delete" title="Delete (Del)" onClick={remove}><Icon name="bin" /></button>}
    </div>
  );
}
