import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Report, ReportOutcome } from '../../protocol';
import { api, sentence } from '../../core/api';
import { nameOf, rooms, titleOf } from '../../core/store';
import { plainText } from '../../text/parse';
import { ask } from '../menus';
import { client, showToast } from '../state';
import { fullTime } from '../words';

/** A report says what was done and does not do it; what can be done with one press is done before. */
const OUTCOMES: readonly (readonly [ReportOutcome, string])[] = [['dismissed', 'Nothing is wrong'], ['warned', 'Warned'], ['removed', 'Removed from the room'], ['banned', 'Banned']];

/** What was reported and is still open: all of it for admins, for moderators that of their rooms. */
export function Reports() {
  const list = useSignal<readonly Report[] | undefined>(undefined);
  const wrong = useSignal('');
  const load = () => api.reports().then((found) => { list.value = found; client().want(found.flatMap((it) => [it.author, it.reporter])); }, (e: unknown) => { wrong.value = sentence(e); });
  useEffect(() => void load(), []);
  const close = (it: Report, outcome: ReportOutcome) => ask((outcome === 'deleted' && it.text !== undefined ? api.removeMessage(it.room, it.seq) : Promise.resolve()).then(() => api.resolveReport(it.id, { outcome })).then(() => { showToast({ text: 'Closed.' }); return load(); }));
  return (
    <>
      {wrong.value && <p class="errbox" role="alert">{wrong.value}</p>}
      {list.value?.length === 0 && <p class="lead">No report is open.</p>}
      <ul class="cards reports">
        {list.value?.map((it) => {
          const room = rooms.value.get(it.room);
          return (
            <li key={it.id} class="card-row">
              <header><h2>{nameOf(it.author)}{room && ` in ${titleOf(room)}`}</h2><small>{fullTime(it.at)}</small></header>
              <blockquote dir="auto">{it.text === undefined ? 'The message is deleted.' : plainText(it.text)}</blockquote>
              <p class="meta">{nameOf(it.reporter)}: “{it.reason}”</p>
              <div class="acts start">
                {room && <a class="btn o sm" href={`/r/${it.room}/m/${it.seq}`}>Show</a>}
                {it.text !== undefined && <button type="button" class="btn d sm" onClick={() => close(it, 'deleted')}>Delete the message</button>}
                {OUTCOMES.map(([outcome, text]) => <button key={outcome} type="button" class="btn o sm" onClick={() => close(it, outcome)}>{text}</button>)}
              </div>
            </li>
          );
        })}
      </ul>
    </>
  );
}
