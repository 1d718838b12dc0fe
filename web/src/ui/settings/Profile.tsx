import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import type { ChangeProfile } from '../../protocol';
import { api } from '../../core/api';
import { ABOUT_CHARS, PERSON_NAME_CHARS, PRONOUNS_CHARS, TITLE_CHARS } from '../../core/limits';
import { me } from '../../core/store';
import { Avatar } from '../Avatar';
import { Field } from '../Field';
import { FormError } from '../Gate';
import { ask } from '../menus';
import { client, dialog, showToast } from '../state';
import { useForm } from '../useForm';
import { statusLine } from '../words';

export function Profile() {
  const user = me.value!;
  const start = me.peek()!;
  const name = useSignal(start.name);
  const initials = useSignal(start.initials);
  const about = useSignal(start.about);
  const title = useSignal(start.title ?? '');
  const pronouns = useSignal(start.pronouns ?? '');
  const zone = useSignal(start.time_zone ?? '');
  const form = useForm(async () => {
    const change: ChangeProfile = { name: name.value.trim(), initials: initials.value.trim(), about: about.value.trim(), title: title.value.trim(), pronouns: pronouns.value.trim(), time_zone: zone.value };
    client().putUsers([await api.changeProfile(change)]);
    showToast({ text: 'Saved' });
  });
  return (
    <>
      <Face />
      <section class="fld">
        <h2>Status</h2>
        <div class="row"><span>{statusLine(user) || 'No status'}</span><button type="button" class="btn o sm" onClick={() => { dialog.value = { show: 'status' }; }}>Set the status</button></div>
      </section>
      <form class="form" onSubmit={form.submit} noValidate>
        <h2>Who you are</h2>
        <FormError text={form.rest('name', 'initials', 'about', 'title', 'pronouns', 'time_zone')} />
        <Field label="Name" value={name.value} change={(v) => { name.value = v; }} error={form.error('name')} input={{ maxLength: PERSON_NAME_CHARS, autoComplete: 'name' }} />
        <Field label="Title" value={title.value} change={(v) => { title.value = v; }} error={form.error('title')} hint="What you do here." input={{ maxLength: TITLE_CHARS, autoComplete: 'organization-title' }} />
        <Field label="Pronouns" value={pronouns.value} change={(v) => { pronouns.value = v; }} error={form.error('pronouns')} input={{ maxLength: PRONOUNS_CHARS, autoComplete: 'off' }} />
        <Field label="About" value={about.value} change={(v) => { about.value = v; }} error={form.error('about')} input={{ maxLength: ABOUT_CHARS, autoComplete: 'off' }} />
        <div class="fld">
          <label for="zone">Time zone</label>
          <select id="zone" class="sel" value={zone.value} onChange={(e) => { zone.value = e.currentTarget.value; }}>
            <option value="">Not said</option>
            {zones(zone.value).map((it) => <option key={it} value={it}>{it.replace(/_/g, ' ')}</option>)}
          </select>
          <small>Others see your local time where it differs from theirs.</small>
        </div>
        <Field label="Initials" value={initials.value} change={(v) => { initials.value = v; }} error={form.error('initials')} hint="One or two letters; empty takes them from the name." input={{ autoComplete: 'off', size: 4 }} />
        <div class="acts start"><button type="submit" class="btn p" aria-disabled={form.busy}>Save</button></div>
      </form>
    </>
  );
}

function zones(chosen: string): string[] {
  const all = Intl.supportedValuesOf('timeZone');
  return chosen && !all.includes(chosen) ? [chosen, ...all] : all;
}

/** The picture, or the initials in its place. */
function Face() {
  const user = me.value!;
  const input = useRef<HTMLInputElement>(null);
  const send = async (file: File) => {
    client().putUsers([await api.putAvatar(file)]);
    showToast({ text: 'This is your picture now.' });
  };
  return (
    <section class="face">
      <Avatar user={user.id} size={64} />
      <div>
        <b>{user.name}</b><small>{user.handle ? '@' + user.handle : 'Guest'}</small>
        <div class="acts start">
          <input ref={input} type="file" hidden accept="image/png,image/jpeg,image/gif,image/webp" aria-label="Picture of you" onChange={(e) => { const file = e.currentTarget.files?.[0]; if (file) ask(send(file)); e.currentTarget.value = ''; }} />
          <button type="button" class="btn o sm" onClick={() => input.current!.click()}>{user.avatar ? 'Change the picture' : 'Add a picture'}</button>
          {user.avatar && <button type="button" class="btn o sm" onClick={() => ask(api.removeAvatar().then((u) => { if (u) client().putUsers([u]); }))}>Remove it</button>}
        </div>
      </div>
    </section>
  );
}
