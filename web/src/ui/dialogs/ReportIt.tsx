import { useSignal } from '@preact/signals';
import type { RoomId, Seq } from '../../protocol';
import { api } from '../../core/api';
import { Dialog } from '../Dialog';
import { Field } from '../Field';
import { FormError } from '../Gate';
import { showToast } from '../state';
import { useForm } from '../useForm';

const REASON_CHARS = 500;

/** Tells moderators that a message is not all right. */
export function ReportIt({ room, seq, close }: { room: RoomId; seq: Seq; close(): void }) {
  const reason = useSignal('');
  const form = useForm(async () => {
    await api.report(room, seq, reason.value.trim());
    close();
    showToast({ text: 'Reported. The moderators will look at it.' });
  });
  return (
    <Dialog title="Report the message" close={close}>
      <form class="form" onSubmit={form.submit} noValidate>
        <FormError text={form.rest('reason')} />
        <Field label="What is wrong with it?" value={reason.value} change={(v) => { reason.value = v; }} error={form.error('reason')} hint="Moderators see this and who wrote it." input={{ autoFocus: true, maxLength: REASON_CHARS, autoComplete: 'off' }} />
        <div class="acts"><button type="submit" class="btn p" aria-disabled={form.busy}>Report</button></div>
      </form>
    </Dialog>
  );
}
