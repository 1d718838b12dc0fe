import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Session } from '../../protocol';
import { api, sentence } from '../../core/api';
import { lastAccount, lastRoom } from '../../core/client';
import { outbox } from '../../core/store';
import { FormError } from '../Gate';
import { ask } from '../menus';
import { client } from '../state';
import { useForm } from '../useForm';
import { fullTime } from '../words';

/** Where I am signed in, and the way out. */
export function Devices() {
  const list = useSignal<readonly Session[] | undefined>(undefined);
  const error = useSignal('');
  const load = () => api.sessions().then((s) => { list.value = s; }, (e: unknown) => { error.value = sentence(e); });
  useEffect(() => void load(), []);
  const end = (s: Session) => ask(api.endSession(s.id).then(load));
  const others = (list.value ?? []).filter((s) => !s.current);
  return (
    <>
      <section>
        <h2>Signed in on</h2>
        {error.value && <p class="errbox">{error.value}</p>}
        <ul class="rows">
          {list.value?.map((s) => (
            <li key={s.id}>
              <div class="n"><b>{browserOf(s.agent)}</b><small>{s.current ? 'This one' : `Seen ${fullTime(s.seen_at)}`}{s.network && `, from ${s.network}`}</small></div>
              {!s.current && <button type="button" class="btn o sm" onClick={() => end(s)}>End<span class="sr"> {browserOf(s.agent)}</span></button>}
            </li>
          ))}
        </ul>
        {others.length > 1 && <button type="button" class="btn o sm" onClick={() => ask(api.endOtherSessions().then(load))}>End all others</button>}
      </section>
      <SignOut />
    </>
  );
}

/** A browser's name for itself, in few words. */
export function browserOf(agent: string): string {
  const browser = /Edg\//.test(agent) ? 'Edge' : /Firefox\//.test(agent) ? 'Firefox' : /Chrome\//.test(agent) ? 'Chrome' : /Safari\//.test(agent) ? 'Safari' : undefined;
  const system = /Android/.test(agent) ? 'Android' : /iPhone|iPad/.test(agent) ? 'iOS' : /Mac OS/.test(agent) ? 'macOS' : /Windows/.test(agent) ? 'Windows' : /Linux/.test(agent) ? 'Linux' : undefined;
  return browser ? [browser, system].filter(Boolean).join(' on ') : agent || 'A program';
}

function SignOut() {
  const form = useForm(async () => {
    await client().signOut();
    lastAccount.set(undefined);
    lastRoom.set(undefined);
    // A fresh page: nothing of the account stays in memory.
    location.assign('/login');
  });
  const unsent = outbox.value.filter((i) => i.state !== 'sent').length;
  return (
    <section class="fld">
      <h2>This device</h2>
      <FormError text={form.rest()} />
      <div><button type="button" class="btn o" aria-disabled={form.busy} onClick={() => void form.submit()}>Sign out</button></div>
      <small>{unsent > 0 ? 'Some messages are not sent yet; signing out discards them.' : 'Signing out removes what is kept on this device.'}</small>
    </section>
  );
}
