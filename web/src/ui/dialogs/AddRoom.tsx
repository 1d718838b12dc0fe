import { useSignal } from '@preact/signals';
import { api } from '../../core/api';
import { ROOM_NAME_CHARS, TOPIC_CHARS } from '../../core/limits';
import { go } from '../../core/route';
import { Dialog } from '../Dialog';
import { Field } from '../Field';
import { FormError } from '../Gate';
import { client } from '../state';
import { useForm } from '../useForm';

export function AddRoom({ close }: { close(): void }) {
  const name = useSignal('');
  const topic = useSignal('');
  const closed = useSignal(false);
  const form = useForm(async () => {
    const room = await api.createRoom({ name: name.value.trim(), kind: closed.value ? 'closed' : 'open', topic: topic.value.trim() });
    client().welcomeRoom(room);
    close();
    go(`/r/${room.id}`);
  });
  return (
    <Dialog title="Add a room" close={close}>
      <form class="form" onSubmit={form.submit} noValidate>
        <FormError text={form.rest('name', 'topic')} />
        <Field label="Name" value={name.value} change={(v) => { name.value = v; }} error={form.error('name')} input={{ autoFocus: true, maxLength: ROOM_NAME_CHARS, autoComplete: 'off' }} />
        <Field label="Topic" value={topic.value} change={(v) => { topic.value = v; }} error={form.error('topic')} hint="What is it for? Can be left empty." input={{ maxLength: TOPIC_CHARS, autoComplete: 'off' }} />
        <label class="switch">
          <span>Closed<small>{closed.value ? 'Only people you add know that it exists.' : 'Everyone with an account can find it and join.'}</small></span>
          <input type="checkbox" role="switch" aria-checked={closed.value} checked={closed.value} onChange={(e) => { closed.value = e.currentTarget.checked; }} />
        </label>
        <div class="acts"><button type="submit" class="btn p" aria-disabled={form.busy}>Add the room</button></div>
      </form>
    </Dialog>
  );
}
