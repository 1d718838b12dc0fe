import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { SecondFactor as State, SecondFactorSecret } from '../../protocol';
import { api, sentence } from '../../core/api';
import { Field, PasswordField } from '../Field';
import { FormError } from '../Gate';
import { QrCode } from '../QrCode';
import { copy, showToast } from '../state';
import { useForm } from '../useForm';
import { date } from '../words';

const DIGITS = { inputMode: 'numeric', autoComplete: 'one-time-code', spellcheck: false } as const;

/** A code from the phone besides the password. */
export function SecondFactor() {
  const state = useSignal<State | undefined>(undefined);
  const wrong = useSignal('');
  const step = useSignal<'rest' | 'begin' | 'end' | 'again'>('rest');
  const codes = useSignal<readonly string[]>([]);
  const load = () => api.secondFactor().then((s) => { state.value = s; }, (e: unknown) => { wrong.value = sentence(e); });
  useEffect(() => void load(), []);
  const shown = (list: readonly string[]) => {
    codes.value = list;
    step.value = 'rest';
    void load();
  };
  const s = state.value;
  return (
    <section class="form">
      <h2>Second factor</h2>
      {wrong.value && <p class="errbox" role="alert">{wrong.value}</p>}
      {codes.value.length > 0 && <Codes codes={codes.value} done={() => { codes.value = []; }} />}
      {s && codes.value.length === 0 && step.value === 'rest' && (
        <>
          <p class="meta">{s.enabled ? `On${s.since ? ` since ${date(s.since)}` : ''}. ${s.recovery_codes} recovery codes are left.` : 'Off. With it, signing in also wants a code from an app on your phone.'}</p>
          <div class="acts start">
            {s.enabled ? <><button type="button" class="btn o" onClick={() => { step.value = 'again'; }}>New recovery codes</button><button type="button" class="btn o" onClick={() => { step.value = 'end'; }}>Turn it off</button></>
              : <button type="button" class="btn o" onClick={() => { step.value = 'begin'; }}>Set up a second factor</button>}
          </div>
        </>
      )}
      {step.value === 'begin' && <Begin done={shown} cancel={() => { step.value = 'rest'; }} />}
      {step.value === 'end' && <Prove verb="Turn it off" run={async (body) => { await api.endSecondFactor(body); showToast({ text: 'The second factor is off.' }); shown([]); }} cancel={() => { step.value = 'rest'; }} />}
      {step.value === 'again' && <Prove verb="Show new codes" run={async (body) => shown((await api.newRecoveryCodes(body)).codes)} cancel={() => { step.value = 'rest'; }} />}
    </section>
  );
}

function Begin({ done, cancel }: { done(codes: readonly string[]): void; cancel(): void }) {
  const password = useSignal('');
  const code = useSignal('');
  const secret = useSignal<SecondFactorSecret | undefined>(undefined);
  const form = useForm(async () => {
    if (secret.value) done((await api.confirmSecondFactor(code.value.replace(/\s/g, ''))).codes);
    else secret.value = await api.beginSecondFactor(password.value);
  });
  return (
    <form class="form" onSubmit={form.submit} noValidate>
      <FormError text={form.rest('password', 'code')} />
      {secret.value ? (
        <>
          <div class="factor"><QrCode text={secret.value.url} label="The secret as a QR code" /><p>Scan this with the app on your phone, or type <code>{secret.value.secret}</code> into it. Then enter the code it shows.</p></div>
          <Field label="Code from the app" value={code.value} change={(v) => { code.value = v; }} error={form.error('code')} input={{ ...DIGITS, autoFocus: true }} />
        </>
      ) : <PasswordField label="Your password" value={password.value} change={(v) => { password.value = v; }} error={form.error('password')} fresh={false} />}
      <div class="acts start"><button type="button" class="btn o" onClick={cancel}>Cancel</button><button type="submit" class="btn p" aria-disabled={form.busy}>{secret.value ? 'Turn it on' : 'Go on'}</button></div>
    </form>
  );
}

function Prove({ verb, run, cancel }: { verb: string; run(body: { password: string; code: string }): Promise<void>; cancel(): void }) {
  const password = useSignal('');
  const code = useSignal('');
  const form = useForm(() => run({ password: password.value, code: code.value.trim() }));
  return (
    <form class="form" onSubmit={form.submit} noValidate>
      <FormError text={form.rest('password', 'code')} />
      <PasswordField label="Your password" value={password.value} change={(v) => { password.value = v; }} error={form.error('password')} fresh={false} />
      <Field label="Code from the app, or a recovery code" value={code.value} change={(v) => { code.value = v; }} error={form.error('code')} input={{ autoComplete: 'one-time-code', spellcheck: false }} />
      <div class="acts start"><button type="button" class="btn o" onClick={cancel}>Cancel</button><button type="submit" class="btn p" aria-disabled={form.busy}>{verb}</button></div>
    </form>
  );
}

/** Shown once. */
function Codes({ codes, done }: { codes: readonly string[]; done(): void }) {
  return (
    <div class="codes">
      <p>Keep these recovery codes somewhere safe. Each signs you in once when your phone is not there. They are shown only now.</p>
      <ul>{codes.map((it) => <li key={it}><code>{it}</code></li>)}</ul>
      <div class="acts start"><button type="button" class="btn o" onClick={() => void copy(codes.join('\n'), 'Codes copied')}>Copy them</button><button type="button" class="btn p" onClick={done}>I have kept them</button></div>
    </div>
  );
}
