import { useSignal } from '@preact/signals';
import { api, RefusedError } from '../core/api';
import { PERSON_NAME_CHARS } from '../core/limits';
import { server } from '../core/store';
import { enter } from './enter';
import { Field, PasswordField } from './Field';
import { FormError, Gate } from './Gate';
import { isEnter } from './keys';
import { useForm } from './useForm';

export function Login() {
  const handle = useSignal('');
  const password = useSignal('');
  const code = useSignal('');
  const needsCode = useSignal(false);
  const form = useForm(async () => {
    try {
      await enter((await api.signIn(handle.value.trim().replace(/^@/, '').toLowerCase(), password.value, code.value.trim())).me);
    } catch (e) {
      if (e instanceof RefusedError && e.code === 'code_needed' && !needsCode.peek()) {
        needsCode.value = true;
        return;
      }
      if (e instanceof RefusedError && e.code === 'wrong_code') return form.fail(e.message, 'code');
      if (e instanceof RefusedError && e.refusal.retry_after) throw new Error(`Too many tries. Try again in ${e.refusal.retry_after} s.`);
      throw e;
    }
  });
  return (
    <Gate name="Chatter" label="Sign in" submit={form.submit}>
      <h1>Sign in to {server.value?.name || 'Chatter'}</h1>
      <FormError text={form.rest('code')} />
      <Field label="Handle" value={handle.value} change={(v) => { handle.value = v; }} before={<span class="pre">@</span>} input={{ name: 'username', autoComplete: 'username', autoCapitalize: 'none', spellcheck: false, autoFocus: true }} />
      <PasswordField value={password.value} change={(v) => { password.value = v; }} fresh={false} />
      {needsCode.value && <Field label="Code" value={code.value} change={(v) => { code.value = v; }} error={form.error('code')} hint="From the app on your phone, or a recovery code." input={{ name: 'code', autoComplete: 'one-time-code', spellcheck: false, autoFocus: true }} />}
      <button class="btn p" type="submit" aria-disabled={form.busy}>Sign in</button>
      {server.value?.guests ? <Guest /> : <small class="meta fine">New here? Ask someone on the team for an invite link.</small>}
    </Gate>
  );
}

function Guest() {
  const name = useSignal('');
  const form = useForm(async () => {
    await enter((await api.enterAsGuest(name.value.trim())).me);
  });
  // Not a form of its own: forms cannot be nested.
  return (
    <>
      <div class="or">or</div>
      <Field label="Come in with just a name" value={name.value} change={(v) => { name.value = v; }} error={form.rest()} hint="Guests see open rooms only."
        input={{ autoComplete: 'name', maxLength: PERSON_NAME_CHARS, onKeyDown: (e) => { if (isEnter(e)) { e.preventDefault(); void form.submit(); } } }} />
      <button class="btn o" type="button" aria-disabled={form.busy} onClick={() => void form.submit()}>Come in as a guest</button>
    </>
  );
}
