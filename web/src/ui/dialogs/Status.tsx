import { useSignal } from '@preact/signals';
import type { PresenceMode } from '../../protocol';
import { api } from '../../core/api';
import { STATUS_CHARS } from '../../core/limits';
import { preferences, putPreferences } from '../../core/personal';
import { me } from '../../core/store';
import { Dialog } from '../Dialog';
import { Field } from '../Field';
import { FormError } from '../Gate';
import { ask } from '../menus';
import { Choice } from '../Choice';
import { client } from '../state';
import { useForm } from '../useForm';
import { date, dayKey, time } from '../words';

const HOUR = 3_600_000;
const ENDS: readonly (readonly [string, (now: Date) => number | undefined])[] = [
  ['Until I clear it', () => undefined],
  ['30 minutes', (now) => now.getTime() + HOUR / 2],
  ['1 hour', (now) => now.getTime() + HOUR],
  ['4 hours', (now) => now.getTime() + 4 * HOUR],
  ['Today', (now) => new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1).getTime()],
  ['This week', (now) => new Date(now.getFullYear(), now.getMonth(), now.getDate() + ((8 - now.getDay()) % 7 || 7)).getTime()],
];
const IDEAS: readonly (readonly [string, string])[] = [['📅', 'In a meeting'], ['🍜', 'At lunch'], ['🎧', 'Focusing'], ['🏠', 'Working from home'], ['🌴', 'On holiday'], ['🤒', 'Off sick']];
const PRESENCE: readonly (readonly [PresenceMode, string])[] = [['automatic', 'Automatic'], ['away', 'Away'], ['dnd', 'Do not disturb'], ['invisible', 'Invisible']];

/** What I say of now, and how I am seen. */
export function Status({ close }: { close(): void }) {
  const now = me.peek()?.status;
  const emoji = useSignal(now?.emoji ?? '');
  const text = useSignal(now?.text ?? '');
  const end = useSignal(0);
  const save = async (status: { emoji?: string; text?: string; until?: number }) => {
    client().putUsers([await api.changeProfile({ status })]);
    close();
  };
  const form = useForm(() => {
    const until = ENDS[end.value]?.[1](new Date());
    return save({ ...(emoji.value ? { emoji: emoji.value } : {}), ...(text.value.trim() ? { text: text.value.trim() } : {}), ...(until === undefined ? {} : { until }) });
  });
  const mode = preferences.value?.presence ?? 'automatic';
  const choose = (presence: PresenceMode) => ask(api.changePreferences({ presence }).then(putPreferences));
  return (
    <Dialog title="Your status" close={close}>
      <form class="form" onSubmit={form.submit} noValidate>
        <FormError text={form.rest()} />
        <div class="pair">
          <Field label="Emoji" value={emoji.value} change={(v) => { emoji.value = v; }} input={{ autoComplete: 'off', size: 3 }} />
          <Field label="What are you doing?" value={text.value} change={(v) => { text.value = v; }} input={{ autoFocus: true, autoComplete: 'off', maxLength: STATUS_CHARS }} />
        </div>
        <div class="ideas">{IDEAS.map(([e, t]) => <button key={t} type="button" class="chip" onClick={() => { emoji.value = e; text.value = t; }}>{e} {t}</button>)}</div>
        <div class="fld">
          <label for="status-end">Clear it</label>
          <select id="status-end" class="sel" value={end.value} onChange={(e) => { end.value = Number(e.currentTarget.value); }}>{ENDS.map(([name], i) => <option key={name} value={i}>{name}</option>)}</select>
          {now?.until !== undefined && <small>The present one ends {dayKey(now.until) === dayKey(Date.now()) ? `at ${time(now.until)}` : `on ${date(now.until)}`}.</small>}
        </div>
        <div class="acts">
          {now && <button type="button" class="btn o" onClick={() => ask(save({}))}>Clear the status</button>}
          <button type="submit" class="btn p" aria-disabled={form.busy}>Save the status</button>
        </div>
      </form>
      <hr />
      <Choice legend="How others see you" name="presence" options={PRESENCE} value={mode} choose={choose} />
    </Dialog>
  );
}
