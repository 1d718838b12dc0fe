import type { ComponentChildren } from 'preact';
import type { Message, SearchHit } from '../protocol';
import { nameOf } from '../core/store';
import { Text } from '../text/Text';
import { Avatar } from './Avatar';
import { inUnits, Marked } from './Marked';
import { fullTime, moment } from './words';

/** Where a message is shown. */
export function pathOf(m: Message): string {
  return m.kind === 'posted' && m.thread !== undefined && !m.also_in_room ? `/r/${m.room}/t/${m.thread}` : `/r/${m.room}/m/${m.seq}`;
}

/** A message outside of its room: who, when, what. */
export function Said({ message, hit, children }: { message: Message; hit?: SearchHit; children?: ComponentChildren }) {
  if (message.kind !== 'posted') return null;
  const files = message.attachments?.map((it) => it.name).join(', ');
  return (
    <div class="said">
      <Avatar user={message.author} size={32} />
      <div>
        <div class="who"><b>{nameOf(message.author)}</b><time dateTime={new Date(message.at).toISOString()} title={fullTime(message.at)}>{moment(message.at)}</time></div>
        {hit && (hit.marks?.length ?? 0) > 0 ? <div class="b" dir="auto"><Marked text={hit.line} marks={inUnits(hit.line, hit.marks ?? [])} /></div>
          : message.text !== '' && <div class="b cut" dir="auto"><Text source={message.text} refs={message.refs} /></div>}
        {files && <small class="meta">{files}</small>}
        {children}
      </div>
    </div>
  );
}
