import { useSignal } from '@preact/signals';
import type { RoomId, Seq } from '../../protocol';
import { api } from '../../core/api';
import { draftOf } from '../../core/drafts';
import { newKey } from '../../core/ids';
import { loadKept } from '../../core/kept';
import { drafts } from '../../core/store';
import { Dialog } from '../Dialog';
import { FormError } from '../Gate';
import { Field } from '../Field';
import { client, showToast } from '../state';
import { asLocal, LATER } from '../times';
import { useForm } from '../useForm';
import { fullTime } from '../words';

const NOTE_CHARS = 500;

/** Sends what is written at another time. */
export function Schedule({ room, thread, close }: { room: RoomId; thread: Seq | undefined; close(): void }) {
  const draft = draftOf(room, thread);
  const send = async (at: number) => {
    const text = drafts.peek().get(draft) ?? '';
    const made = await api.schedule(room, { key: newKey(), at, draft: { text, ...(thread === undefined ? {} : { thread }) } });
    client().setDraft(draft, '');
    void loadKept('scheduled').catch(() => {});
    close();
    showToast({ text: `It will be sent ${fullTime(made.at)}.`, action: { text: 'Undo', run: () => void api.unschedule(made.id).then(() => { client().setDraft(draft, text); return loadKept('scheduled'); }).catch(() => {}) } });
  };
  return <When title="Send later" verb="Send then" run={send} close={close} />;
}

/** Brings a message back to mind. */
export function RemindMe({ room, seq, close }: { room: RoomId; seq: Seq; close(): void }) {
  const note = useSignal('');
  const send = async (at: number) => {
    await api.remind({ room, seq, at, ...(note.value.trim() ? { note: note.value.trim() } : {}) });
    void loadKept('reminders').catch(() => {});
    close();
    showToast({ text: `You will be reminded ${fullTime(at)}.` });
  };
  return (
    <When title="Remind me" verb="Remind me then" run={send} close={close}>
      <Field label="Note" value={note.value} change={(v) => { note.value = v; }} input={{ maxLength: NOTE_CHARS, autoComplete: 'off' }} hint="Only for you. Can be left empty." />
    </When>
  );
}

function When({ title, verb, run, close, children }: { title: string; verb: string; run(at: number): Promise<void>; close(): void; children?: preact.ComponentChildren }) {
  const at = useSignal(asLocal(LATER[2]![1](new Date())));
  const form = useForm(() => run(new Date(at.value).getTime()));
  return (
    <Dialog title={title} close={close}>
      <form class="form" onSubmit={form.submit} noValidate>
        <FormError text={form.rest('at')} />
        <div class="ideas">{LATER.map(([name, when]) => <button key={name} type="button" class="chip" onClick={() => { at.value = asLocal(when(new Date())); }}>{name}</button>)}</div>
        <Field label="When" value={at.value} change={(v) => { at.value = v; }} error={form.error('at')} input={{ type: 'datetime-local', min: asLocal(new Date()) }} />
        {children}
        <div class="acts"><button type="submit" class="btn p" aria-disabled={form.busy}>{verb}</button></div>
      </form>
    </Dialog>
  );
}
