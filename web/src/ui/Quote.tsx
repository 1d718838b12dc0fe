import type { Message, RoomId } from '../protocol';
import { nameOf } from '../core/store';
import { plainText } from '../text/parse';
import { messageAsked } from './timelineState';

const LONGEST = 160;

/** One line of a message: what it says, or what else it is. */
export function lineOf(m: Message): string {
  if (m.kind !== 'posted') return '';
  if (m.deleted_by !== undefined) return 'Message deleted';
  const text = plainText(m.text).replace(/\s+/g, ' ').trim();
  if (text) return text.length > LONGEST ? text.slice(0, LONGEST) + '…' : text;
  return m.attachments?.[0]?.name ?? m.poll?.options.join(', ') ?? m.forward?.text.slice(0, LONGEST) ?? '';
}

/** What a message answers. It leads there. */
export function Quote({ of, room }: { of: Message | null; room: RoomId }) {
  if (!of) return <div class="quote"><span>An earlier message</span></div>;
  const go = (e: MouseEvent) => {
    if (e.button !== 0 || e.metaKey || e.ctrlKey || e.shiftKey || e.altKey) return;
    e.preventDefault();
    messageAsked.value = { room, seq: of.seq };
  };
  return <a class="quote" href={`/r/${room}/m/${of.seq}`} onClick={go}><b>{nameOf(of.author)}</b><span dir="auto">{lineOf(of)}</span></a>;
}
