import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { api } from '../../core/api';
import { Field } from '../Field';
import { FormError } from '../Gate';
import { showToast } from '../state';
import { useForm } from '../useForm';

/** Words that make a message concern me like a mention. */
export function KeywordList() {
  const text = useSignal('');
  useEffect(() => void api.keywords().then((k) => { text.value = k.words.join(', '); }, () => {}), []);
  const form = useForm(async () => {
    const kept = await api.putKeywords(text.value.split(',').map((it) => it.trim()).filter(Boolean));
    text.value = kept.words.join(', ');
    showToast({ text: 'Saved' });
  });
  return (
    <form class="form" onSubmit={form.submit} noValidate>
      <h2>Keywords</h2>
      <FormError text={form.rest('words')} />
      <Field label="Words to be told of" value={text.value} change={(v) => { text.value = v; }} error={form.error('words')} hint="With commas between them. A message with one of them counts as a mention of you." input={{ autoComplete: 'off' }} />
      <div class="acts start"><button type="submit" class="btn o" aria-disabled={form.busy}>Save the keywords</button></div>
    </form>
  );
}
