import { useSignal } from '@preact/signals';
import { api } from '../../core/api';
import { me } from '../../core/store';
import { PasswordField } from '../Field';
import { FormError } from '../Gate';
import { showToast } from '../state';
import { useForm } from '../useForm';
import { SecondFactor } from './SecondFactor';

export function Account() {
  return (
    <>
      {me.value?.role !== 'guest' && <><Password /><SecondFactor /></>}
      <section>
        <h2>Your data</h2>
        <p class="meta">Who you are, and all that you said or did in rooms, as one archive.</p>
        <a class="btn o" href="/api/v1/me/export" download>Take my data out</a>
      </section>
    </>
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
  if (!open.value) return <section><h2>Password</h2><button type="button" class="btn o" onClick={() => { open.value = true; }}>Change the password</button></section>;
  return (
    <form class="form" onSubmit={form.submit} noValidate>
      <h2>Change the password</h2>
      <FormError text={form.rest('current', 'new', 'password')} />
      <PasswordField label="Current password" value={current.value} change={(v) => { current.value = v; }} error={form.error('current')} fresh={false} />
      <PasswordField label="New password" value={next.value} change={(v) => { next.value = v; }} error={form.error('new') ?? form.error('password')} fresh />
      <div class="acts start"><button type="button" class="btn o" onClick={() => { open.value = false; }}>Cancel</button><button type="submit" class="btn p" aria-disabled={form.busy}>Change</button></div>
    </form>
  );
}
