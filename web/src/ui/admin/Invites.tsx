import { useSignal } from '@preact/signals';
import type { Invite, ServerRole } from '../../protocol';
import { api } from '../../core/api';
import { me, nameOf } from '../../core/store';
import { Field } from '../Field';
import { FormError } from '../Gate';
import { ask } from '../menus';
import { QrCode } from '../QrCode';
import { copy, showToast } from '../state';
import { useForm } from '../useForm';
import { date, SERVER_ROLE } from '../words';
import { useLoaded } from './useLoaded';

const DAY_S = 86_400;
const LASTS: readonly (readonly [number, string])[] = [[DAY_S, '1 day'], [7 * DAY_S, '1 week'], [30 * DAY_S, '30 days']];

export function Invites() {
  const list = useLoaded(api.invites);
  const made = useSignal<Invite | undefined>(undefined);
  const revoke = (it: Invite) => ask(api.revokeInvite(it.id).then(() => {
    if (made.peek()?.id === it.id) made.value = undefined;
    showToast({ text: 'The link does not work any more.' });
    return list.again();
  }));
  return (
    <>
      <NewInvite made={(it) => { made.value = it; void list.again(); }} />
      {made.value?.secret && <Made invite={made.value} />}
      <h2>Links that still work</h2>
      {list.wrong.value && <p class="errbox" role="alert">{list.wrong.value}</p>}
      {list.value.value?.length === 0 && <p class="meta">None. Make one above.</p>}
      {(list.value.value?.length ?? 0) > 0 && (
        <div class="wide" tabIndex={0} role="region" aria-label="List of invites">
          <table class="t">
            <thead><tr><th>Made by</th><th>They become</th><th>Used</th><th>Works until</th><th><span class="sr">Actions</span></th></tr></thead>
            <tbody>
              {list.value.value?.map((it) => (
                <tr key={it.id}><td>{nameOf(it.created_by)}, {date(it.created_at)}</td><td>{SERVER_ROLE[it.role]}</td><td>{it.uses} of {it.max_uses}</td><td>{date(it.expires_at)}</td>
                  <td class="end"><button type="button" class="btn o sm" onClick={() => revoke(it)}>Revoke<span class="sr"> the invite of {date(it.created_at)}</span></button></td></tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  );
}

function NewInvite({ made }: { made(invite: Invite): void }) {
  const uses = useSignal('25');
  const lasts = useSignal(LASTS[1]![0]);
  const role = useSignal<ServerRole>('member');
  const form = useForm(async () => made(await api.createInvite({ max_uses: Number(uses.value), expires_in: lasts.value, role: role.value })));
  return (
    <form class="form boxed" onSubmit={form.submit} noValidate>
      <h2>New invite</h2>
      <FormError text={form.rest('max_uses')} />
      <div class="trio">
        <Field label="For how many people" value={uses.value} change={(v) => { uses.value = v; }} error={form.error('max_uses')} input={{ inputMode: 'numeric', autoComplete: 'off' }} />
        <div class="fld"><label for="inv-lasts">Works for</label><select id="inv-lasts" class="sel" value={lasts.value} onChange={(e) => { lasts.value = Number(e.currentTarget.value); }}>{LASTS.map(([v, t]) => <option key={v} value={v}>{t}</option>)}</select></div>
        {me.value?.role === 'owner' && <div class="fld"><label for="inv-role">They become</label><select id="inv-role" class="sel" value={role.value} onChange={(e) => { role.value = e.currentTarget.value as ServerRole; }}><option value="member">Member</option><option value="admin">Admin</option></select></div>}
      </div>
      <div class="acts start"><button type="submit" class="btn p" aria-disabled={form.busy}>Make a link</button></div>
    </form>
  );
}

/** Shown this once: the server keeps only a hash of it. */
function Made({ invite }: { invite: Invite }) {
  const link = `${location.origin}/join/${invite.secret}`;
  return (
    <section class="boxed made" aria-label="The new invite">
      <QrCode text={link} label="The invite link as a QR code" />
      <div class="fld">
        <label for="made-link">Invite link</label>
        <div class="inp"><input id="made-link" readOnly value={link} onFocus={(e) => e.currentTarget.select()} /><button type="button" class="btn p sm" onClick={() => void copy(link, 'Link copied')}>Copy</button></div>
        <small>It is shown only now. Whoever has it can make an account, until {date(invite.expires_at)}.</small>
      </div>
    </section>
  );
}
