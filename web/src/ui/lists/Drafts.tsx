import { useEffect } from 'preact/hooks';
import type { WhyUnsent } from '../../protocol';
import { api } from '../../core/api';
import { draftOf } from '../../core/drafts';
import { loadKept, scheduled } from '../../core/kept';
import { drafts, rooms, titleOf } from '../../core/store';
import { plainText } from '../../text/parse';
import { ask } from '../menus';
import { PageFrame } from '../PageFrame';
import { client } from '../state';
import { fullTime } from '../words';

const WHY: Record<WhyUnsent, string> = {
  not_signed_in: 'your account could not be used', not_a_member: 'you did not belong to the room', not_allowed: 'the room did not let you post', archived: 'the room was archived',
  missing: 'what it answers or carries was gone', invalid: 'it was refused',
};

/** What I have begun, and what is to be sent later. */
export function Drafts() {
  useEffect(() => ask(loadKept('scheduled')), []);
  const begun = [...drafts.value].map(([key, text]) => { const [room, thread] = key.split('/'); return { key, text, room: rooms.value.get(room!), path: thread === undefined ? `/r/${room}` : `/r/${room}/t/${thread}`, thread }; }).filter((it) => it.room?.role);
  return (
    <PageFrame title="Drafts" label="Drafts and messages to be sent later">
      {begun.length + scheduled.value.length === 0 && <p class="lead">Nothing is half-written, and nothing waits to be sent.</p>}
      <ul class="cards">
        {scheduled.value.map((it) => {
          const room = rooms.value.get(it.room);
          const back = () => ask(api.unschedule(it.id).then(() => { client().setDraft(draftOf(it.room, it.draft.thread), it.draft.text ?? ''); return loadKept('scheduled'); }));
          return (
            <li key={it.id} class="card-row">
              <header><h2>{room ? titleOf(room) : 'A room'}</h2><small>{it.failed ? 'Not sent' : `Will be sent ${fullTime(it.at)}`}</small></header>
              {it.failed && <p class="err">When it was time, {WHY[it.failed]}.</p>}
              <p class="b" dir="auto">{plainText(it.draft.text ?? '')}</p>
              <div class="acts start"><button type="button" class="btn o sm" onClick={back}>Back to the draft</button><button type="button" class="btn o sm" onClick={() => ask(api.unschedule(it.id).then(() => loadKept('scheduled')))}>Delete</button></div>
            </li>
          );
        })}
        {begun.map((it) => (
          <li key={it.key} class="card-row">
            <header><h2><a href={it.path}>{titleOf(it.room!)}</a></h2><small>{it.thread === undefined ? 'Draft' : 'Draft in a thread'}</small></header>
            <p class="b" dir="auto">{it.text}</p>
            <div class="acts start"><a class="btn o sm" href={it.path}>Go on writing</a><button type="button" class="btn o sm" onClick={() => client().setDraft(it.key, '')}>Discard</button></div>
          </li>
        ))}
      </ul>
    </PageFrame>
  );
}
