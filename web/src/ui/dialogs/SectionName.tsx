import { useSignal } from '@preact/signals';
import type { SectionId } from '../../protocol';
import { api } from '../../core/api';
import { SECTION_NAME_CHARS } from '../../core/limits';
import { sections } from '../../core/personal';
import { Dialog } from '../Dialog';
import { Field } from '../Field';
import { FormError } from '../Gate';
import { useForm } from '../useForm';

/** A new part of my list of rooms, or another name for one. */
export function SectionName({ section, close }: { section: SectionId | undefined; close(): void }) {
  const old = sections.peek().find((s) => s.id === section);
  const name = useSignal(old?.name ?? '');
  const form = useForm(async () => {
    const next = { name: name.value.trim() };
    const all = sections.peek();
    sections.value = await api.putSections(old ? all.map((s) => (s.id === old.id ? { ...s, ...next } : s)) : [...all, next]);
    close();
  });
  return (
    <Dialog title={old ? 'Rename the section' : 'New section'} close={close}>
      <form class="form" onSubmit={form.submit} noValidate>
        <FormError text={form.rest('name', 'sections')} />
        <Field label="Name" value={name.value} change={(v) => { name.value = v; }} error={form.error('name') ?? form.error('sections')} input={{ autoFocus: true, autoComplete: 'off', maxLength: SECTION_NAME_CHARS }} hint={old ? undefined : 'Rooms are put into it from their menus. Only you see your sections.'} />
        <div class="acts"><button type="submit" class="btn p" aria-disabled={form.busy}>{old ? 'Rename' : 'Add the section'}</button></div>
      </form>
    </Dialog>
  );
}
