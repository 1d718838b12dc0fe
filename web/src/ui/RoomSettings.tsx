import { useSignal } from '@preact/signals';
import type { RoomId } from '../protocol';
import { api } from '../core/api';
import { ROOM_NAME_CHARS, TOPIC_CHARS } from '../core/limits';
import { rooms } from '../core/store';
import { Dialog } from './Dialog';
import { Field } from './Field';
import { FormError } from './Gate';
import { useForm } from './useForm';

export function RoomSettings({ room: id, close }: { room: RoomId; close(): void }) {
  const room = rooms.peek().get(id);
  const name = useSignal(room?.name ?? '');
  const topic = useSignal(room?.topic ?? '');
  const form = useForm(async () => {
    const change = {
      ...(name.value.trim() === room?.name ? {} : { name: name.value.trim() }),
      ...(topic.value.trim() === room?.topic ? {} : { topic: topic.value.trim() }),
    };
    if (Object.keys(change).length) await api.changeRoom(id, change);
    close();
  });
  return (
    <Dialog title="Name and topic" close={close}>
      <form class="form" onSubmit={form.submit} noValidate>
        <FormError text={form.rest('name', 'topic')} />
        <Field label="Name" value={name.value} change={(v) => { name.value = v; }} error={form.error('name')} input={{ maxLength: ROOM_NAME_CHARS, autoComplete: 'off' }} />
        <Field label="Topic" value={topic.value} change={(v) => { topic.value = v; }} error={form.error('topic')} input={{ maxLength: TOPIC_CHARS, autoComplete: 'off' }} />
        <div class="acts"><button type="submit" class="btn p" aria-disabled={form.busy}>Save</button></div>
      </form>
    </Dialog>
  );
}
