import { useSignal } from '@preact/signals';
import { api, RefusedError } from '../../core/api';
import { SERVER_NAME_CHARS } from '../../core/limits';
import { go } from '../../core/route';
import { server } from '../../core/store';
import { Field, PasswordField } from '../Field';
import { FormError, Gate } from '../Gate';
import { handleFrom } from '../handle';
import { InviteLink } from '../InviteLink';
import { enter } from '../enter';
import { useForm } from '../useForm';

export function Setup({ code }: { code: string | undefined }) {
  const made = useSignal(false);
  const team = useSignal('');
  const name = useSignal('');
  const handle = useSignal<string | undefined>(undefined);
  const password = useSignal('');
  const claim = useSignal(code ?? '');
  const guests = useSignal(false);
  const needsCode = server.value?.needs_claim_code ?? false;
  const suggested = handle.value ?? handleFrom(name.value);
  const form = useForm(async () => {
    try {
      const signedIn = await api.setup({
        server_name: team.value.trim(), name: name.value.trim(), handle: suggested, password: password.value, guests: guests.value,
        ...(claim.value ? { claim_code: claim.value } : {}),
      });
      if (server.value) server.value = { ...server.value, name: team.value.trim(), needs_setup: false, guests: guests.value };
      await enter(signedIn.me, { stay: true });
      made.value = true;
    } catch (e) {
      if (e instanceof RefusedError && e.code === 'already_set_up') return go('/login', 'replace');
      if (e instanceof RefusedError && e.code === 'wrong_claim_code') return form.fail(e.message, 'claim_code');
      throw e;
    }
  });
  if (made.value) return <SetupDone />;
  return (
    <Gate name="Chatter" step={1} of={2} submit={form.submit} label="Set up Chatter">
      <div>
        <h1>Make it yours</h1>
        <p>You’re the first one here, so you’ll own this server. It takes about a minute.</p>
      </div>
      <FormError text={form.rest('server_name', 'name', 'handle', 'password', 'claim_code')} />
      <Field label="Team name" value={team.value} change={(v) => { team.value = v; }} error={form.error('server_name')} input={{ name: 'organization', autoComplete: 'organization', autoFocus: true, maxLength: SERVER_NAME_CHARS }} />
      <Field label="Your name" value={name.value} change={(v) => { name.value = v; }} error={form.error('name')} input={{ name: 'name', autoComplete: 'name' }} />
      <Field label="Handle" value={suggested} change={(v) => { handle.value = v; }} error={form.error('handle')} before={<span class="pre">@</span>} input={{ name: 'username', autoComplete: 'username', autoCapitalize: 'none', spellcheck: false }} hint="You sign in with this." />
      <PasswordField value={password.value} change={(v) => { password.value = v; }} error={form.error('password')} fresh />
      {(needsCode && !code) || form.error('claim_code') ? <Field label="Setup code" value={claim.value} change={(v) => { claim.value = v.trim(); }} error={form.error('claim_code')} hint="The server printed it when it started." input={{ autoComplete: 'off', spellcheck: false }} /> : null}
      <label class="switch">
        <span>Allow guests<small>People may come in with just a name, to open rooms only.</small></span>
        <input type="checkbox" role="switch" aria-checked={guests.value} checked={guests.value} onChange={(e) => { guests.value = e.currentTarget.checked; }} />
      </label>
      <button class="btn p" type="submit" aria-disabled={form.busy}>Create the server</button>
      {code && !form.error('claim_code') && <small class="meta fine">The setup code is in the link you opened.</small>}
    </Gate>
  );
}

function SetupDone() {
  return (
    <Gate name="Chatter" step={2} of={2} label="Invite people">
      <div>
        <h1>{server.value?.name ?? 'Your server'} is ready</h1>
        <p>Send this link to the people you want here. It works for 25 people and for a week; you can make more at any time.</p>
      </div>
      <InviteLink />
      <button type="button" class="btn p" onClick={() => go('/', 'replace')}>Go to the lobby</button>
    </Gate>
  );
}
