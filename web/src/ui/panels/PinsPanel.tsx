import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { Message, RoomId } from '../../protocol';
import { api, sentence } from '../../core/api';
import { rooms } from '../../core/store';
import { Icon } from '../Icon';
import { ask, leadsRoom } from '../menus';
import { Said } from '../Said';
import { client } from '../state';
import { messageAsked } from '../timelineState';

/** What is pinned to the room, the newest pin first. */
export function PinsPanel({ room: id, close }: { room: RoomId; close(): void }) {
  const room = rooms.value.get(id);
  const list = useSignal<readonly Message[] | undefined>(undefined);
  const wrong = useSignal('');
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  // Anything that happens in the room may be a pin.
  useEffect(() => {
    api.pins(id).then((found) => { list.value = found; client().want(found.map((m) => m.author)); }, (e: unknown) => { wrong.value = sentence(e); });
  }, [id, room?.head]);
  return (
    <aside class="panel" aria-label="Pinned" onKeyDown={(e) => { if (e.key === 'Escape') close(); }}>
      <header class="hd">
        <div class="ttl"><h2 ref={heading} tabIndex={-1}>Pinned</h2></div>
        <button type="button" class="ib" aria-label="Close pinned" onClick={close}><Icon name="close" /></button>
      </header>
      <div class="body">
        {wrong.value && <p class="errbox" role="alert">{wrong.value}</p>}
        {list.value?.length === 0 && <p class="hint">Nothing is pinned here yet. What is pinned is easy to find again for everyone.</p>}
        <ul class="hits">
          {list.value?.map((m) => (
            <li key={m.seq}>
              <Said message={m}>
                <div class="acts start">
                  <button type="button" class="btn o sm" onClick={() => { messageAsked.value = { room: id, seq: m.seq }; }}>Show</button>
                  {leadsRoom(room) && !room?.archived && <button type="button" class="btn o sm" onClick={() => ask(api.pin(id, m.seq, false))}>Unpin</button>}
                </div>
              </Said>
            </li>
          ))}
        </ul>
      </div>
    </aside>
  );
}
