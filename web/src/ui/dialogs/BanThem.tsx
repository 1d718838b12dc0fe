import { useSignal } from '@preact/signals';
import type { RoomId, UserId } from '../../protocol';
import { api } from '../../core/api';
import { nameOf } from '../../core/store';
import { Dialog } from '../Dialog';
import { Field } from '../Field';
import { FormError } from '../Gate';
import { showToast } from '../state';
import { useForm } from '../useForm';

const REASON_CHARS = 500;

/** Someone leaves a room and does not come back until the ban is lifted. */
export function BanThem({ room, user, close }: { room: RoomId; user: UserId; close(): void }) {
  const reason = useSignal('');
  const form = useForm(async () => {
    await api.ban(room, user, reason.value.trim());
    close();
    showToast({ text: `${nameOf(user)} is banned from this room.`, action: { text: 'Undo', run: () => void api.unban(room, user).catch(() => {}) } });
  });
  return (
    <Dialog title={`Ban ${nameOf(user)}`} close={close}>
      <form class="form" onSubmit={form.submit} noValidate>
        <FormError text={form.rest('reason')} />
        <Field label="Why?" value={reason.value} change={(v) => { reason.value = v; }} error={form.error('reason')} hint="They, the moderators and the audit log see this." input={{ autoFocus: true, maxLength: REASON_CHARS, autoComplete: 'off' }} />
        <div class="acts"><button type="submit" class="btn d" aria-disabled={form.busy}>Ban from the room</button></div>
      </form>
    </Dialog>
  );
}
