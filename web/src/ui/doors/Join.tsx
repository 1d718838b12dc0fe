import { useEffect } from 'preact/hooks';
import { useSignal } from '@preact/signals';
import { api, sentence } from '../../core/api';
import { PERSON_NAME_CHARS } from '../../core/limits';
import type { InvitePreview } from '../../protocol';
import { enter } from '../enter';
import { Field, PasswordField } from '../Field';
import { FormError, Gate } from '../Gate';
import { handleFrom } from '../handle';
import { useForm } from '../useForm';
import { date } from '../words';

export function Join({ secret }: { secret: string }) {
  const preview = useSignal<InvitePreview | undefined>(undefined);
  const failed = useSignal('');
  useEffect(() => {
    api.invitePreview(secret).then((p) => { preview.value = p; }, (e: unknown) => { failed.value = sentence(e); });
  }, [secret]);
  const name = useSignal('');
  const handle = useSignal<string | undefined>(undefined);
  const password = useSignal('');
  const suggested = handle.value ?? handleFrom(name.value);
  const form = useForm(async () => {
    const signedIn = await api.register({ invite: secret, name: name.value.trim(), handle: suggested, password: password.value });
    await enter(signedIn.me);
  });
  if (failed.value) {
    return (
      <Gate name="Chatter" label="Invitation">
        <h1>This invitation does not work</h1>
        <p>{failed.value}</p>
        <p>Ask the person who sent it for a new one.</p>
        <a class="btn o" href="/login">Sign in instead</a>
      </Gate>
    );
  }
  const p = preview.value;
  return (
    <Gate name="Chatter" label="Join" submit={form.submit}>
      <div>
        <h1>{p ? `Join ${p.server_name}` : 'Join'}</h1>
        <p>{p ? `${p.invited_by} invites you. The link works until ${date(p.expires_at)}.` : '\u00a0'}</p>
      </div>
      <FormError text={form.rest('name', 'handle', 'password')} />
      <Field label="Your name" value={name.value} change={(v) => { name.value = v; }} error={form.error('name')} input={{ name: 'name', autoComplete: 'name', autoFocus: true, maxLength: PERSON_NAME_CHARS }} />
      <Field label="Handle" value={suggested} change={(v) => { handle.value = v; }} error={form.error('handle')} before={<span class="pre">@</span>} input={{ name: 'username', autoComplete: 'username', autoCapitalize: 'none', spellcheck: false }} hint="You sign in with this." />
      <PasswordField value={password.value} change={(v) => { password.value = v; }} error={form.error('password')} fresh />
      <button class="btn p" type="submit" aria-disabled={form.busy}>Join</button>
      <small class="meta fine">Have an account? <a href="/login"><u>Sign in</u></a></small>
    </Gate>
  );
}
