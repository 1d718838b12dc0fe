import { api } from '../../core/api';
import { changeMine, preferences, putPreferences } from '../../core/personal';
import { me, rooms, titleOf } from '../../core/store';
import { Switch } from '../Choice';
import { ask } from '../menus';
import { dialog } from '../state';
import { KeywordList } from './KeywordList';

const SAYS = { everything: 'Everything', mentions: 'Mentions', nothing: 'Nothing' } as const;

/** What others learn of my doings, and the rooms in which I hear more or less than usual. */
export function Notifications() {
  const mine = preferences.value;
  const change = (what: { share_receipts?: boolean; share_typing?: boolean }) => ask(api.changePreferences(what).then(putPreferences));
  const own = [...rooms.value.values()].filter((r) => r.role && (r.involvement !== undefined || r.muted)).sort((a, b) => titleOf(a).localeCompare(titleOf(b)));
  return (
    <>
      <section class="form">
        <h2>What others see</h2>
        <Switch text="Show how far I have read" hint="When this is off you do not see how far others have read either." on={mine?.share_receipts ?? true} set={(share_receipts) => change({ share_receipts })} />
        <Switch text="Show when I am typing" on={mine?.share_typing ?? true} set={(share_typing) => change({ share_typing })} />
      </section>
      {me.value?.role !== 'guest' && <KeywordList />}
      <section>
        <h2>Rooms that differ</h2>
        {own.length === 0 && <p class="meta">Everywhere as usual: everything in direct messages, mentions in rooms. A room’s menu changes that for it.</p>}
        <ul class="rows">
          {own.map((r) => (
            <li key={r.id}>
              <div class="n"><b>{titleOf(r)}</b><small>{[r.muted && 'Muted', r.involvement && SAYS[r.involvement]].filter(Boolean).join(', ')}</small></div>
              {r.muted && <button type="button" class="btn o sm" onClick={() => ask(changeMine(r.id, { muted: false }))}>Unmute<span class="sr"> {titleOf(r)}</span></button>}
              <button type="button" class="btn o sm" onClick={() => { dialog.value = { show: 'room_mine', room: r.id }; }}>Change<span class="sr"> {titleOf(r)}</span></button>
            </li>
          ))}
        </ul>
      </section>
    </>
  );
}
