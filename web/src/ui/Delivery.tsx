import type { Signal } from '@preact/signals';
import type { RoomId, Seq } from '../protocol';
import type { Item } from '../core/outbox';
import { nameOf } from '../core/store';
import { Avatar } from './Avatar';
import { Icon } from './Icon';
import type { MessageRowData } from './rows';
import { client } from './state';
import { useNow } from './useNow';
import { names } from './words';

const FACES = 5;

/** What is known of one's own message: on this device only, stored, read by whom. Always in the same slot. */
export function Delivery({ row }: { row: MessageRowData }) {
  const waiting = row.item?.state === 'waiting' ? row.item.until : undefined;
  const now = useNow(waiting !== undefined);
  if (row.item && row.item.state !== 'sent') {
    const seconds = waiting === undefined ? 0 : Math.max(0, Math.ceil((waiting - now) / 1000));
    return <span class="slot" role="img" aria-label={seconds ? 'Waiting to send' : 'Sending'}>{seconds > 0 && <span class="num">{seconds} s&nbsp;</span>}<Icon name="clock" size="s" /></span>;
  }
  const readers = row.readers ? row.readers.split(' ') : [];
  if (readers.length) {
    return (
      <span class="slot" role="img" aria-label={`Read by ${names(readers.map(nameOf))}`}>
        {readers.slice(0, FACES).map((u) => <Avatar key={u} user={u} size={16} />)}
        {readers.length > FACES && <span class="num">&nbsp;+{readers.length - FACES}</span>}
      </span>
    );
  }
  return <span class={row.latest ? 'slot' : 'slot calm'} role="img" aria-label={row.delivered ? 'Delivered' : 'Sent'}><Icon name={row.delivered ? 'checks' : 'check'} size="s" /></span>;
}

/** The server said no: the reason, and what can be done. */
export function Refused({ item, room, edits }: { item: Item; room: RoomId; edits: Signal<Seq | undefined> }) {
  if (item.state !== 'refused') return null;
  const what = { post: 'Not sent.', edit: 'Not changed.', delete: 'Not deleted.' }[item.do];
  const edit = () => {
    const draft = document.getElementById('composer') as HTMLTextAreaElement | null;
    if (item.do === 'post') {
      client().discard(item.key);
      client().setDraft(room, item.text);
      draft?.focus();
    } else if (item.do === 'edit') {
      edits.value = item.seq;
    }
  };
  return (
    <span class="st bad" role="alert">
      <Icon name="warn" size="s" />{what} {item.refusal.message}
      <button type="button" onClick={() => client().retry(item.key)}>Retry</button>
      {item.do !== 'delete' && <button type="button" onClick={edit}>Edit</button>}
      <button type="button" onClick={() => client().discard(item.key)}>Discard</button>
    </span>
  );
}
