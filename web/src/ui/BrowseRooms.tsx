import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Room, RoomId } from '../protocol';
import { api, sentence } from '../core/api';
import { go } from '../core/route';
import { me, rooms } from '../core/store';
import { Icon } from './Icon';
import { dialog, showToast } from './state';
import { count } from './words';

const PAGE = 100;

export function BrowseRooms() {
  const list = useSignal<readonly Room[] | undefined>(undefined);
  const more = useSignal(false);
  const query = useSignal('');
  const error = useSignal('');
  const load = (after?: RoomId) => api.openRooms(after).then(
    (page) => { list.value = [...(after ? (list.peek() ?? []) : []), ...page]; more.value = page.length === PAGE; },
    (e: unknown) => { error.value = sentence(e); },
  );
  useEffect(() => void load(), []);
  const join = async (id: RoomId) => {
    try {
      await api.join(id);
      go(`/r/${id}`);
    } catch (e) {
      showToast({ text: sentence(e) });
    }
  };
  const q = query.value.trim().toLowerCase();
  const found = list.value?.filter((r) => !q || r.name.toLowerCase().includes(q) || r.topic.toLowerCase().includes(q));
  return (
    <>
      <header class="hd">
        <a class="ib only-phone" href="/" aria-label="Back to rooms"><Icon name="back" size="l" /></a>
        <div class="ttl"><div><h1>Browse rooms</h1></div></div>
        {me.value?.role !== 'guest' && <button type="button" class="btn p sm" onClick={() => { dialog.value = { show: 'add_room' }; }}>Add a room</button>}
      </header>
      <div class="page" tabIndex={0} role="region" aria-label="Open rooms">
        <div class="col">
          <p class="lead">Open rooms: everyone here can read and join them.</p>
          <div class="inp"><Icon name="search" size="s" /><input value={query.value} aria-label="Find a room" placeholder="Find a room" onInput={(e) => { query.value = e.currentTarget.value; }} /></div>
          {error.value && <p class="errbox" role="alert">{error.value}</p>}
          <ul class="rows">
            {found?.map((r) => (
              <li key={r.id}>
                <Icon name="hash" />
                <a class="n" href={`/r/${r.id}`}><b>{r.name}</b><small>{count(r.member_count, 'person', 'people')}{r.topic && ` · ${r.topic}`}</small></a>
                {rooms.value.get(r.id)?.role ? <span class="tag">Joined</span> : <button type="button" class="btn o sm" onClick={() => void join(r.id)}>Join<span class="sr"> {r.name}</span></button>}
              </li>
            ))}
          </ul>
          {found?.length === 0 && <p class="lead">{q ? 'No room matches.' : 'There are no open rooms yet.'}</p>}
          {more.value && <button type="button" class="btn o" onClick={() => void load(list.peek()?.at(-1)?.id)}>Show more</button>}
        </div>
      </div>
    </>
  );
}
