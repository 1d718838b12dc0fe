import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Session } from '../protocol';
import { api, sentence } from '../core/api';
import { ABOUT_CHARS, PERSON_NAME_CHARS } from '../core/limits';
import { lastAccount, lastRoom } from '../core/client';
import { me, outbox } from '../core/store';
import { Avatar } from './Avatar';
import { Dialog } from './Dialog';
import { Field, PasswordField } from './Field';
import { FormError } from './Gate';
import { client, setTheme, showToast, type Theme, theme } from './state';
import { useForm } from './useForm';
import { fullTime } from './words';

export function Settings({ close }: { close(): void }) {
  const user = me.value;
  if (!user) return null;
  return (
    <Dialog title="You" close={close}>
      <Profile />
      <hr />
      <ThemeChoice />
      {user.role !== 'guest' && <><hr /><Password /></>}
      <hr />
      <Sessions />
      <hr />
      <SignOut />
    </Dialog>
  );
}

function Profile() {
  const user = me.peek()!;
  const name = useSignal(user.name);
  const initials = useSignal(user.initials);
  const about = useSignal(user.about);
  const form = useForm(async () => {
    client().putUsers([await api.changeProfile({ name: name.value.trim(), initials: initials.value.trim(), about: about.value.trim() })]);
    showToast({ text: 'Saved' });
  });
  return (
    <form class="form" onSubmit={form.submit} noValidate>
      <div class="self"><Avatar user={user.id} size={64} /><div><b>{user.name}</b><small>{user.handle ? '@' + user.handle : 'Guest'}</small></div></div>
      <FormError text={form.rest('name', 'initials', 'about')} />
      <Field label="Name" value={name.value} change={(v) => { name.value = v; }} error={form.error('name')} input={{ maxLength: PERSON_NAME_CHARS, autoComplete: 'name' }} />
      <Field label="Initials" value={initials.value} change={(v) => { initials.value = v; }} error={form.error('initials')} hint="One or two letters; empty takes them from the name." input={{ autoComplete: 'off', size: 4 }} />
      <Field label="About" value={about.value} change={(v) => { about.value = v; }} error={form.error('about')} input={{ maxLength: ABOUT_CHARS, autoComplete: 'off' }} />
      <div class="acts"><button type="submit" class="btn p" aria-disabled={form.busy}>Save</button></div>
    </form>
  );
}

const THEMES: [Theme, string][] = [['system', 'System'], ['light', 'Light'], ['dark', 'Dark']];

function ThemeChoice() {
  return (
    <fieldset class="fld">
      <legend>Theme</legend>
      <div class="seg">
        {THEMES.map(([value, text]) => (
          <label key={value}><input type="radio" name="theme" value={value} checked={theme.value === value} onChange={() => setTheme(value)} /><span>{text}</span></label>
        ))}
      </div>
    </fieldset>
  );
}

function Password() {
  const open = useSignal(false);
  const current = useSignal('');
  const next = useSignal('');
  const form = useForm(async () => {
    await api.changePassword(current.value, next.value);
    open.value = false;
    current.value = next.value = '';
    showToast({ text: 'Password changed. Your other sessions have ended.' });
  });
  if (!open.value) return <div><button type="button" class="btn o" onClick={() => { open.value = true; }}>Change the password</button></div>;
  return (
    <form class="form" onSubmit={form.submit} noValidate>
      <h3>Change the password</h3>
      <FormError text={form.rest('current', 'new', 'password')} />
      <PasswordField label="Current password" value={current.value} change={(v) => { current.value = v; }} error={form.error('current')} fresh={false} />
      <PasswordField label="New password" value={next.value} change={(v) => { next.value = v; }} error={form.error('new') ?? form.error('password')} fresh />
      <div class="acts"><button type="button" class="btn o" onClick={() => { open.value = false; }}>Cancel</button><button type="submit" class="btn p" aria-disabled={form.busy}>Change</button></div>
    </form>
  );
}

function Sessions() {
  const list = useSignal<readonly Session[] | undefined>(undefined);
  const error = useSignal('');
  const load = () => api.sessions().then((s) => { list.value = s; }, (e: unknown) => { error.value = sentence(e); });
  useEffect(() => void load(), []);
  const end = (s: Session) => void api.endSession(s.id).then(load, (e: unknown) => showToast({ text: sentence(e) }));
  return (
    <section>
      <h3>Signed in on</h3>
      {error.value && <p class="errbox">{error.value}</p>}
      <ul class="rows">
        {list.value?.map((s) => (
          <li key={s.id}>
            <div class="n"><b>{browserOf(s.agent)}</b><small>{s.current ? 'This one' : `Seen ${fullTime(s.seen_at)}`}</small></div>
            {!s.current && <button type="button" class="btn o sm" onClick={() => end(s)}>End<span class="sr"> {browserOf(s.agent)}</span></button>}
          </li>
        ))}
      </ul>
    </section>
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
    <div class="fld">
      <FormError text={form.rest()} />
      <div><button type="button" class="btn o" aria-disabled={form.busy} onClick={() => void form.submit()}>Sign out</button></div>
      <small>{unsent > 0 ? 'Some messages are not sent yet; signing out discards them.' : 'Signing out removes what is kept on this device.'}</small>
    </div>
  );
}
