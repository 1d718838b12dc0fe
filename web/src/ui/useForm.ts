import { useSignal } from '@preact/signals';
import { RefusedError, sentence } from '../core/api';

/** A form that is sent once at a time and says what was wrong, at the field when it is one field. */
export function useForm(send: () => Promise<void>) {
  const busy = useSignal(false);
  const error = useSignal<{ text: string; field: string | undefined } | undefined>(undefined);
  return {
    busy: busy.value,
    /** The text for a field, or for the whole form when none is named. */
    error: (field?: string): string | undefined => (error.value && error.value.field === field ? error.value.text : undefined),
    /** What belongs to no field shown. */
    rest: (...fields: string[]): string | undefined => (error.value && !fields.includes(error.value.field ?? '') ? error.value.text : undefined),
    fail(text: string, field?: string) {
      error.value = { text, field };
    },
    async submit(e?: Event) {
      e?.preventDefault();
      if (busy.peek()) return;
      busy.value = true;
      error.value = undefined;
      try {
        await send();
      } catch (x) {
        error.value = { text: sentence(x), field: x instanceof RefusedError ? x.refusal.field : undefined };
      }
      busy.value = false;
    },
  };
}
