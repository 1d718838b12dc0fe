import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Event, RoomId } from '../protocol';
import { isLine } from '../core/amend';
import { me, rooms, titleOf, users } from '../core/store';
import { plainText } from '../text/parse';
import { client } from './state';
import { count } from './words';

const LONGEST = 200;
const TOGETHER_MS = 2_000;
const TOGETHER_MANY = 3;
const KEPT = 5;

/** Says new messages to assistive technology. Apart from the list, so that loading history says nothing. */
export function LiveLog({ room }: { room: RoomId }) {
  const said = useSignal<readonly { id: number; text: string }[]>([]);
  useEffect(() => {
    let n = 0;
    let waiting: string[] = [];
    let timer: ReturnType<typeof setTimeout> | undefined;
    const say = (text: string) => { said.value = [...said.peek().slice(1 - KEPT), { id: n++, text }]; };
    const flush = () => {
      timer = undefined;
      const state = rooms.peek().get(room);
      if (waiting.length > 0) say(`${count(waiting.length, 'new message', 'new messages')}${state ? ' in ' + titleOf(state) : ''}`);
      waiting = [];
    };
    let recent: number[] = [];
    const heard = (where: RoomId, events: readonly Event[]) => {
      if (where !== room) return;
      for (const e of events) {
        if (e.kind !== 'posted' || !isLine(e) || e.author === me.peek()?.id) continue;
        const text = `${users.peek().get(e.author)?.name ?? 'Someone'}: ${plainText(e.text).slice(0, LONGEST)}`;
        const now = Date.now();
        recent = [...recent.filter((t) => now - t < TOGETHER_MS), now];
        if (recent.length <= TOGETHER_MANY && timer === undefined && events.length <= TOGETHER_MANY) {
          say(text);
        } else {
          waiting.push(text);
          timer ??= setTimeout(flush, TOGETHER_MS);
        }
      }
    };
    client().listeners.add(heard);
    return () => {
      client().listeners.delete(heard);
      clearTimeout(timer);
    };
  }, [room]);
  return <div class="sr" role="log" aria-live="polite" aria-relevant="additions" aria-label="New messages">{said.value.map((s) => <p key={s.id}>{s.text}</p>)}</div>;
}
