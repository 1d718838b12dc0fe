import { useSignal } from '@preact/signals';
import type { RoomId, UserId } from '../../protocol';
import { api } from '../../core/api';
import { members, rooms } from '../../core/store';
import { Dialog } from '../Dialog';
import { FormError } from '../Gate';
import { PeoplePicker } from '../PeoplePicker';
import { useForm } from '../useForm';

export function AddPeople({ room, close }: { room: RoomId; close(): void }) {
  const picked = useSignal<readonly UserId[]>([]);
  const form = useForm(async () => {
    for (const u of picked.value) await api.putMember(room, u, 'member');
    close();
  });
  const toggle = (u: UserId) => {
    picked.value = picked.value.includes(u) ? picked.value.filter((x) => x !== u) : [...picked.value, u];
  };
  return (
    <Dialog title={`Add people to ${rooms.value.get(room)?.name ?? 'the room'}`} close={close}>
      <FormError text={form.rest()} />
      <PeoplePicker picked={picked.value} toggle={toggle} not={new Set((members.value.get(room) ?? []).map((m) => m.user))} />
      <div class="acts"><button type="button" class="btn p" aria-disabled={form.busy || picked.value.length === 0} onClick={() => picked.value.length > 0 && void form.submit()}>Add</button></div>
    </Dialog>
  );
}
