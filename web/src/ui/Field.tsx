import type { ComponentChildren, JSX } from 'preact';
import { useId, useState } from 'preact/hooks';
import { PASSWORD_MIN } from '../core/limits';

interface FieldProps {
  label: string;
  value: string;
  change(value: string): void;
  error?: string | undefined;
  hint?: ComponentChildren;
  before?: ComponentChildren;
  input?: JSX.IntrinsicElements['input'];
}

export function Field({ label, value, change, error, hint, before, input }: FieldProps) {
  const id = useId();
  return (
    <div class="fld">
      <label for={id}>{label}</label>
      <div class={error ? 'inp bad' : 'inp'}>
        {before}
        <input {...input} id={id} value={value} onInput={(e) => change(e.currentTarget.value)} aria-invalid={error ? true : undefined} aria-describedby={error || hint ? id + '-d' : undefined} />
      </div>
      {error ? <span class="err" id={id + '-d'}>{error}</span> : hint ? <small id={id + '-d'}>{hint}</small> : null}
    </div>
  );
}

/** Rough, and only a hint: length counts most, sameness counts against it. 0 to 4. */
export function strength(password: string): number {
  const kinds = new Set(password).size;
  if (password.length < PASSWORD_MIN) return password ? 1 : 0;
  const points = Math.min(password.length, kinds * 2);
  return points >= 18 ? 4 : points >= 14 ? 3 : 2;
}

const WORDS = ['', 'Too short.', 'Fair.', 'Strong.', 'Very strong.'];

export function PasswordField({ label = 'Password', value, change, error, fresh }: { label?: string; value: string; change(v: string): void; error?: string | undefined; fresh: boolean }) {
  const id = useId();
  const [shown, show] = useState(false);
  const s = strength(value);
  return (
    <div class="fld">
      <label for={id}>{label}</label>
      <div class={error ? 'inp bad' : 'inp'}>
        <input id={id} {...(shown ? { type: 'text' as const } : { type: 'password' as const })} value={value} autoComplete={fresh ? 'new-password' : 'current-password'} autoCapitalize="none" spellcheck={false}
          onInput={(e) => change(e.currentTarget.value)} aria-invalid={error ? true : undefined} aria-describedby={error || fresh ? id + '-d' : undefined} />
        <button type="button" class="show" aria-pressed={shown} onClick={() => show(!shown)}>{shown ? 'Hide' : 'Show'}<span class="sr"> {label.toLowerCase()}</span></button>
      </div>
      {fresh && <div class={s < 3 ? 'meter weak' : 'meter'} aria-hidden="true">{[1, 2, 3, 4].map((n) => <i key={n} class={n <= s ? 'on' : ''} />)}</div>}
      {error ? <span class="err" id={id + '-d'}>{error}</span>
        : fresh && <small id={id + '-d'}>{value ? `${WORDS[s]} Longer is better than complicated.` : `At least ${PASSWORD_MIN} characters.`}</small>}
    </div>
  );
}
