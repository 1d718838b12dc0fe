import { useEffect } from 'preact/hooks';
import { useSignal } from '@preact/signals';
import { api, sentence } from '../core/api';
import type { Invite } from '../protocol';
import { copy } from './state';
import { count, date } from './words';

/** Makes an invite and shows its link, this once: the server keeps only a hash. */
export function InviteLink() {
  const invite = useSignal<Invite | undefined>(undefined);
  const error = useSignal('');
  useEffect(() => {
    api.createInvite().then((i) => { invite.value = i; }, (e: unknown) => { error.value = sentence(e); });
  }, []);
  if (error.value) return <p class="errbox" role="alert">{error.value}</p>;
  const link = invite.value?.secret ? `${location.origin}/join/${invite.value.secret}` : '';
  return (
    <div class="fld">
      <label for="invite-link">Invite link</label>
      <div class="inp">
        <input id="invite-link" readOnly value={link} placeholder="Making a link…" onFocus={(e) => e.currentTarget.select()} />
        <button type="button" class="btn p sm" onClick={() => link && void copy(link, 'Link copied')}>Copy</button>
      </div>
      {invite.value && <small>For {count(invite.value.max_uses, 'person', 'people')}, until {date(invite.value.expires_at)}.</small>}
    </div>
  );
}
