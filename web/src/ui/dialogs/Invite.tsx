import { Dialog } from '../Dialog';
import { InviteLink } from '../InviteLink';

export function Invite({ close }: { close(): void }) {
  return <Dialog title="Invite people" close={close}><p>Anyone with this link can make an account here.</p><InviteLink /></Dialog>;
}
