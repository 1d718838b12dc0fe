import { useSignal } from '@preact/signals';
import type { Announcement, AnnouncementKind, Audience } from '../../protocol';
import { api } from '../../core/api';
import { nameOf, rooms, titleOf } from '../../core/store';
import { Choice } from '../Choice';
import { Field } from '../Field';
import { FormError } from '../Gate';
import { ask } from '../menus';
import { showToast } from '../state';
import { asLocal } from '../times';
import { useForm } from '../useForm';
import { fullTime, SERVER_ROLE } from '../words';
import { useLoaded } from './useLoaded';

const HOUR_S = 3_600;
const LASTS: readonly (readonly [number, string])[] = [[HOUR_S, '1 hour'], [24 * HOUR_S, '1 day'], [7 * 24 * HOUR_S, '1 week']];

export function Announcements() {
  const list = useLoaded(api.announcements);
  const drop = (it: Announcement) => ask(api.unannounce(it.id).then(() => { showToast({ text: 'Announced no more.' }); return list.again(); }));
  return (
    <>
      <NewOne made={() => void list.again()} />
      <h2>Announced</h2>
      {list.wrong.value && <p class="errbox" role="alert">{list.wrong.value}</p>}
      {list.value.value?.length === 0 && <p class="meta">Nothing yet.</p>}
      <ul class="cards reports">
        {list.value.value?.map((it) => (
          <li key={it.id} class="card-row">
            <header><h2>{it.kind === 'banner' ? 'Banner' : 'Message'} for {audience(it.audience)}</h2><small>{it.next_at ? `Next ${fullTime(it.next_at)}` : 'Over'}</small></header>
            <p dir="auto">{it.text}</p>
            <p class="meta">{nameOf(it.created_by)}, {fullTime(it.created_at)}</p>
            <div class="acts start"><button type="button" class="btn o sm" onClick={() => drop(it)}>Remove</button></div>
          </li>
        ))}
      </ul>
    </>
  );
}

function audience(of: Audience): string {
  switch (of.to) {
    case 'everyone':
      return 'everyone';
    case 'rooms':
      return of.rooms.map((id) => { const room = rooms.peek().get(id); return room ? titleOf(room) : 'another room'; }).join(', ');
    case 'roles':
      return of.roles.map((r) => SERVER_ROLE[r]).join(', ');
  }
}

function NewOne({ made }: { made(): void }) {
  const text = useSignal('');
  const kind = useSignal<AnnouncementKind>('banner');
  const room = useSignal('');
  const at = useSignal(asLocal(new Date()));
  const lasts = useSignal(LASTS[1]![0]);
  const form = useForm(async () => {
    const begins = Math.max(new Date(at.value).getTime(), Date.now() + 1_000);
    const to: Audience = room.value ? { to: 'rooms', rooms: [room.value] } : { to: 'everyone' };
    await api.announce({ text: text.value.trim(), kind: kind.value, audience: to, schedule: { when: 'once', at: begins }, ...(kind.value === 'banner' ? { lasts: lasts.value } : {}) });
    text.value = '';
    showToast({ text: 'It will be announced.' });
    made();
  });
  const mine = [...rooms.value.values()].filter((r) => r.role && r.kind !== 'direct');
  return (
    <form class="form boxed" onSubmit={form.submit} noValidate>
      <h2>New announcement</h2>
      <FormError text={form.rest('text', 'at', 'schedule')} />
      <Field label="Text" value={text.value} change={(v) => { text.value = v; }} error={form.error('text')} input={{ autoComplete: 'off' }} />
      <Choice legend="How" name="ann-kind" options={[['banner', 'Banner above the room'], ['message', 'Message in a room']]} value={kind.value} choose={(v) => { kind.value = v; }} />
      <div class="trio">
        <div class="fld"><label for="ann-room">For</label><select id="ann-room" class="sel" value={room.value} onChange={(e) => { room.value = e.currentTarget.value; }}>{kind.value === 'banner' && <option value="">Everyone</option>}{kind.value === 'message' && <option value="">Choose a room</option>}{mine.map((r) => <option key={r.id} value={r.id}>{r.name}</option>)}</select></div>
        <Field label="Begins" value={at.value} change={(v) => { at.value = v; }} error={form.error('at') ?? form.error('schedule')} input={{ type: 'datetime-local' }} />
        {kind.value === 'banner' && <div class="fld"><label for="ann-lasts">Shown for</label><select id="ann-lasts" class="sel" value={lasts.value} onChange={(e) => { lasts.value = Number(e.currentTarget.value); }}>{LASTS.map(([v, t]) => <option key={v} value={v}>{t}</option>)}</select></div>}
      </div>
      <div class="acts start"><button type="submit" class="btn p" aria-disabled={form.busy}>Announce</button></div>
    </form>
  );
}
