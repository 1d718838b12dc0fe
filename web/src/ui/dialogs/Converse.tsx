import { useSignal } from '@preact/signals';
import type { UserId } from '../../protocol';
import { api } from '../../core/api';
import { DIRECT_OTHERS_MAX } from '../../core/limits';
import { go } from '../../core/route';
import { me } from '../../core/store';
import { Dialog } from '../Dialog';
import { FormError } from '../Gate';
import { PeoplePicker } from '../PeoplePicker';
import { client } from '../state';
import { useForm } from '../useForm';

export function Converse({ close }: { close(): void }) {
  const picked = useSignal<readonly UserId[]>([]);
  const form = useForm(async () => {
    const room = await api.openDirect([...picked.value]);
    client().welcomeRoom(room);
    close();
    go(`/r/${room.id}`);
  });
  const toggle = (u: UserId) => {
    picked.value = picked.value.includes(u) ? picked.value.filter((x) => x !== u) : [...picked.value, u].slice(-DIRECT_OTHERS_MAX);
  };
  return (
    <Dialog title="Start a conversation" close={close}>
      <FormError text={form.rest()} />
      <PeoplePicker picked={picked.value} toggle={toggle} not={new Set([me.value?.id ?? ''])} />
      <div class="acts"><button type="button" class="btn p" aria-disabled={form.busy || picked.value.length === 0} onClick={() => picked.value.length > 0 && void form.submit()}>Start</button></div>
    </Dialog>
  );
}
