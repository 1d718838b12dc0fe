import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { GuestLink, RoomBan, RoomId } from '../../protocol';
import { api } from '../../core/api';
import { nameOf } from '../../core/store';
import { ask } from '../menus';
import { client, copy } from '../state';
import { date } from '../words';

/** Links that let guests into this room and no other. */
export function GuestLinks({ room }: { room: RoomId }) {
  const list = useSignal<readonly GuestLink[]>([]);
  const made = useSignal<GuestLink | undefined>(undefined);
  const load = () => api.guestLinks(room).then((found) => { list.value = found; });
  useEffect(() => void load().catch(() => {}), [room]);
  const link = made.value?.secret ? `${location.origin}/guest/${made.value.secret}` : '';
  return (
    <section>
      <h3>Guest links</h3>
      {link && <div class="fld"><label for="guest-link">The new link</label><div class="inp"><input id="guest-link" readOnly value={link} onFocus={(e) => e.currentTarget.select()} /><button type="button" class="btn p sm" onClick={() => void copy(link, 'Link copied')}>Copy</button></div><small>It is shown only now.</small></div>}
      <ul class="rows">{list.value.map((it) => <li key={it.id}><div class="n"><b>{it.uses} of {it.max_uses} used</b><small>Until {date(it.expires_at)}</small></div><button type="button" class="btn o sm" onClick={() => ask(api.revokeGuestLink(room, it.id).then(() => { if (made.peek()?.id === it.id) made.value = undefined; return load(); }))}>Revoke</button></li>)}</ul>
      <button type="button" class="btn o sm" onClick={() => ask(api.createGuestLink(room).then((it) => { made.value = it; return load(); }))}>Make a guest link</button>
    </section>
  );
}

/** Who may not be here, and why. */
export function Bans({ room }: { room: RoomId }) {
  const list = useSignal<readonly RoomBan[]>([]);
  const load = () => api.bans(room).then((found) => { list.value = found; client().want(found.map((it) => it.user)); });
  useEffect(() => void load().catch(() => {}), [room]);
  if (list.value.length === 0) return null;
  return (
    <section>
      <h3>Banned</h3>
      <ul class="rows">{list.value.map((it) => <li key={it.user}><div class="n"><b>{nameOf(it.user)}</b><small>{it.reason}{it.ends_at && `, until ${date(it.ends_at)}`}</small></div><button type="button" class="btn o sm" onClick={() => ask(api.unban(room, it.user).then(load))}>Lift</button></li>)}</ul>
    </section>
  );
}
