import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { GuestLinkPreview } from '../../protocol';
import { api, sentence } from '../../core/api';
import { PERSON_NAME_CHARS } from '../../core/limits';
import { go } from '../../core/route';
import { enter } from '../enter';
import { Field } from '../Field';
import { FormError, Gate } from '../Gate';
import { useForm } from '../useForm';

/** Into one room, with just a name. */
export function GuestDoor({ link }: { link: string }) {
  const preview = useSignal<GuestLinkPreview | undefined>(undefined);
  const failed = useSignal('');
  const name = useSignal('');
  useEffect(() => {
    api.guestLink(link).then((p) => { preview.value = p; }, (e: unknown) => { failed.value = sentence(e); });
  }, [link]);
  const form = useForm(async () => {
    const { me } = await api.enterByLink(name.value.trim(), link);
    go('/', 'replace');
    await enter(me);
  });
  if (failed.value) {
    return (
      <Gate name="Chatter" label="Guest link">
        <h1>This link has ended</h1>
        <p>{failed.value}</p>
        <p>Ask the person who sent it for a new one.</p>
        <a class="btn o" href="/login">Sign in instead</a>
      </Gate>
    );
  }
  const p = preview.value;
  return (
    <Gate name={p?.server_name ?? 'Chatter'} label="Come in as a guest" submit={form.submit}>
      <div>
        <h1>{p ? p.room_name : 'Come in'}</h1>
        <p>{p ? `You are invited to this room of ${p.server_name} as a guest. You see this room and nothing else.` : '\u00a0'}</p>
      </div>
      <FormError text={form.rest('name')} />
      <Field label="Your name" value={name.value} change={(v) => { name.value = v; }} error={form.error('name')} input={{ name: 'name', autoComplete: 'name', autoFocus: true, maxLength: PERSON_NAME_CHARS }} />
      <button class="btn p" type="submit" aria-disabled={form.busy}>Come in</button>
    </Gate>
  );
}
