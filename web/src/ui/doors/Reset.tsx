import { useSignal } from '@preact/signals';
import { api } from '../../core/api';
import { PasswordField } from '../Field';
import { FormError, Gate } from '../Gate';
import { useForm } from '../useForm';

/** A new password, by a link from an admin. Its secret stands behind the `#`, so that it is in nobody's log. */
export function Reset() {
  const done = useSignal(false);
  const password = useSignal('');
  const secret = location.hash.slice(1);
  const form = useForm(async () => {
    await api.resetPassword({ secret, password: password.value });
    done.value = true;
  });
  if (done.value) {
    return (
      <Gate name="Chatter" label="Set a new password">
        <h1>Your password is changed</h1>
        <p>You are signed out everywhere. Sign in with the new one.</p>
        <a class="btn p" href="/login">Sign in</a>
      </Gate>
    );
  }
  return (
    <Gate name="Chatter" label="Set a new password" submit={form.submit}>
      <h1>Choose a new password</h1>
      <FormError text={form.rest('password')} />
      <PasswordField label="New password" value={password.value} change={(v) => { password.value = v; }} error={form.error('password')} fresh />
      <button class="btn p" type="submit" aria-disabled={form.busy}>Change the password</button>
    </Gate>
  );
}
