import { AddPeople } from './AddPeople';
import { AddRoom } from './AddRoom';
import { Converse } from './Converse';
import { Dialog } from './Dialog';
import { InviteLink } from './InviteLink';
import { RoomSettings } from './RoomSettings';
import { Settings } from './Settings';
import { dialog } from './state';
import { Versions } from './Versions';

export function Dialogs() {
  const d = dialog.value;
  const close = () => { dialog.value = undefined; };
  switch (d?.show) {
    case 'add_room':
      return <AddRoom close={close} />;
    case 'converse':
      return <Converse close={close} />;
    case 'invite':
      return <Dialog title="Invite people" close={close}><p>Anyone with this link can make an account here.</p><InviteLink /></Dialog>;
    case 'settings':
      return <Settings close={close} />;
    case 'room':
      return <RoomSettings room={d.room} close={close} />;
    case 'add_people':
      return <AddPeople room={d.room} close={close} />;
    case 'versions':
      return <Versions room={d.room} seq={d.seq} close={close} />;
    default:
      return null;
  }
}
