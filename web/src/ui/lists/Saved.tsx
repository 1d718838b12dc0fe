import { api } from '../../core/api';
import { loadKept, reminders, save, saved } from '../../core/kept';
import { rooms, titleOf } from '../../core/store';
import { useEffect } from 'preact/hooks';
import { ask } from '../menus';
import { PageFrame } from '../PageFrame';
import { pathOf, Said } from '../Said';
import { client } from '../state';
import { fullTime } from '../words';

const roomName = (id: string): string => { const room = rooms.value.get(id); return room ? titleOf(room) : ''; };

/** Messages at hand, and those I want to be reminded of. */
export function SavedPage() {
  useEffect(() => {
    ask(Promise.all([loadKept('saved'), loadKept('reminders')]).then(() => client().want([...saved.peek().map((it) => it.message.author), ...reminders.peek().flatMap((it) => it.message?.author ?? [])])));
  }, []);
  return (
    <PageFrame title="Saved" label="Saved messages and reminders">
      {saved.value.length + reminders.value.length === 0 && <p class="lead">Nothing is saved. The menu of a message saves it or reminds you of it.</p>}
      {reminders.value.length > 0 && (
        <section>
          <h2 class="sub-h">Reminders</h2>
          <ul class="cards">
            {reminders.value.map((it) => (
              <li key={it.id} class="card-row">
                <header><h2>{it.due ? 'It is time' : fullTime(it.at)}</h2><small>{roomName(it.room)}</small></header>
                {it.note && <p class="says">{it.note}</p>}
                {it.message && <Said message={it.message} />}
                <div class="acts start"><a class="btn o sm" href={it.message ? pathOf(it.message) : `/r/${it.room}/m/${it.seq}`}>Open</a><button type="button" class="btn o sm" onClick={() => ask(api.endReminder(it.id).then(() => loadKept('reminders')))}>Done</button></div>
              </li>
            ))}
          </ul>
        </section>
      )}
      {saved.value.length > 0 && (
        <section>
          <h2 class="sub-h">Saved</h2>
          <ul class="cards">
            {saved.value.map((it) => (
              <li key={it.id} class="card-row">
                <header><small>{roomName(it.message.room)}</small></header>
                <Said message={it.message} />
                <div class="acts start"><a class="btn o sm" href={pathOf(it.message)}>Open</a><button type="button" class="btn o sm" onClick={() => ask(save(it.message.room, it.message.seq, false))}>Remove</button></div>
              </li>
            ))}
          </ul>
        </section>
      )}
    </PageFrame>
  );
}
