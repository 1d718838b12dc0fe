import { useSignal } from '@preact/signals';
import type { Account, ErasedMessages, ResetLink, User } from '../../protocol';
import { api } from '../../core/api';
import { Choice } from '../Choice';
import { Dialog } from '../Dialog';
import { Field } from '../Field';
import { FormError } from '../Gate';
import { ask } from '../menus';
import { copy, showToast } from '../state';
import { asLocal, LATER } from '../times';
import { useForm } from '../useForm';
import { count, fullTime } from '../words';
import { useLoaded } from './useLoaded';

/** What only those who lead know of an account, and what they may do with it. */
export function AccountDialog({ of, close, changed }: { of: User; close(): void; changed(): void }) {
  const account = useLoaded(() => api.account(of.id));
  const link = useSignal<ResetLink | undefined>(undefined);
  const step = useSignal<'rest' | 'suspend' | 'erase'>('rest');
  const a = account.value.value;
  const done = (text: string) => { showToast({ text }); step.value = 'rest'; changed(); return account.again(); };
  return (
    <Dialog title={of.name} close={close}>
      {account.wrong.value && <p class="errbox" role="alert">{account.wrong.value}</p>}
      {a && <Facts of={a} />}
      {link.value && <Link of={link.value} />}
      {a && step.value === 'rest' && (
        <div class="acts start">
          {a.suspended_until ? <button type="button" class="btn o sm" onClick={() => ask(api.unsuspend(of.id).then(() => done(`${of.name} may sign in again.`)))}>End the suspension</button>
            : <button type="button" class="btn o sm" onClick={() => { step.value = 'suspend'; }}>Suspend…</button>}
          {!of.bot && of.role !== 'guest' && <button type="button" class="btn o sm" onClick={() => ask(api.resetLink(of.id).then((it) => { link.value = it; }))}>Make a reset link</button>}
          {a.second_factor && <button type="button" class="btn o sm" onClick={() => ask(api.removeSecondFactor(of.id).then(() => done('Signing in wants no code any more.')))}>Remove the second factor</button>}
          <button type="button" class="btn o sm danger" onClick={() => { step.value = 'erase'; }}>Erase…</button>
        </div>
      )}
      {step.value === 'suspend' && <SuspendForm of={of} done={done} />}
      {step.value === 'erase' && <EraseForm of={of} done={done} />}
    </Dialog>
  );
}

function Facts({ of: a }: { of: Account }) {
  return (
    <dl class="facts">
      <div><dt>Signed in</dt><dd>{count(a.sessions, 'browser or program', 'browsers and programs')}</dd></div>
      <div><dt>Second factor</dt><dd>{a.second_factor ? 'On' : 'Off'}</dd></div>
      {a.suspended_until && <div><dt>Suspended</dt><dd>until {fullTime(a.suspended_until)}</dd></div>}
    </dl>
  );
}

function Link({ of }: { of: ResetLink }) {
  const link = location.origin + of.path;
  return (
    <div class="fld">
      <label for="reset-link">Link that sets a new password, once</label>
      <div class="inp"><input id="reset-link" readOnly value={link} onFocus={(e) => e.currentTarget.select()} /><button type="button" class="btn p sm" onClick={() => void copy(link, 'Link copied')}>Copy</button></div>
      <small>It is shown only now and works until {fullTime(of.expires_at)}.</small>
    </div>
  );
}

function SuspendForm({ of, done }: { of: User; done(text: string): Promise<void> }) {
  const until = useSignal(asLocal(LATER[2]![1](new Date())));
  const reason = useSignal('');
  const form = useForm(async () => {
    await api.suspend(of.id, { until: new Date(until.value).getTime(), ...(reason.value.trim() ? { reason: reason.value.trim() } : {}) });
    await done(`${of.name} is signed out everywhere until then.`);
  });
  return (
    <form class="form" onSubmit={form.submit} noValidate>
      <FormError text={form.rest('until', 'reason')} />
      <Field label="Until" value={until.value} change={(v) => { until.value = v; }} error={form.error('until')} input={{ type: 'datetime-local' }} />
      <Field label="Reason" value={reason.value} change={(v) => { reason.value = v; }} error={form.error('reason')} hint="For the audit log." input={{ autoComplete: 'off' }} />
      <div class="acts start"><button type="submit" class="btn d" aria-disabled={form.busy}>Suspend</button></div>
    </form>
  );
}

function EraseForm({ of, done }: { of: User; done(text: string): Promise<void> }) {
  const messages = useSignal<ErasedMessages>('anonymise');
  const name = useSignal('');
  const form = useForm(async () => {
    if (name.value.trim() !== of.name) return form.fail('Type the name as it is shown.', 'name');
    await api.erase(of.id, { messages: messages.value });
    await done('The account is erased.');
  });
  return (
    <form class="form" onSubmit={form.submit} noValidate>
      <p class="errbox">The account is gone for good. This cannot be undone.</p>
      <FormError text={form.rest('name')} />
      <Choice legend="Their messages" name="erase" options={[['keep', 'Keep'], ['anonymise', 'Anonymise'], ['delete', 'Delete']]} value={messages.value} choose={(v) => { messages.value = v; }} />
      <Field label={`Type “${of.name}”`} value={name.value} change={(v) => { name.value = v; }} error={form.error('name')} input={{ autoComplete: 'off' }} />
      <div class="acts start"><button type="submit" class="btn d" aria-disabled={form.busy}>Erase the account</button></div>
    </form>
  );
}
