import { lazy } from './lazy';
import { dialog } from './state';

const AddPeople = lazy(() => import('./dialogs').then((m) => m.AddPeople));
const AddRoom = lazy(() => import('./dialogs').then((m) => m.AddRoom));
const BanThem = lazy(() => import('./dialogs').then((m) => m.BanThem));
const Converse = lazy(() => import('./dialogs').then((m) => m.Converse));
const Invite = lazy(() => import('./dialogs').then((m) => m.Invite));
const Keys = lazy(() => import('./dialogs').then((m) => m.Keys));
const Profile = lazy(() => import('./dialogs').then((m) => m.Profile));
const RemindMe = lazy(() => import('./dialogs').then((m) => m.RemindMe));
const ReportIt = lazy(() => import('./dialogs').then((m) => m.ReportIt));
const RoomMine = lazy(() => import('./dialogs').then((m) => m.RoomMine));
const Schedule = lazy(() => import('./dialogs').then((m) => m.Schedule));
const SectionName = lazy(() => import('./dialogs').then((m) => m.SectionName));
const Status = lazy(() => import('./dialogs').then((m) => m.Status));
const Versions = lazy(() => import('./dialogs').then((m) => m.Versions));
const Palette = lazy(() => import('./Palette').then((m) => m.Palette));

export function Dialogs() {
  const d = dialog.value;
  const close = () => { if (dialog.peek() === d) dialog.value = undefined; };
  switch (d?.show) {
    case 'add_room':
      return <AddRoom close={close} />;
    case 'converse':
      return <Converse close={close} />;
    case 'invite':
      return <Invite close={close} />;
    case 'palette':
      return <Palette close={close} />;
    case 'keys':
      return <Keys close={close} />;
    case 'schedule':
      return <Schedule room={d.room} thread={d.thread} close={close} />;
    case 'remind':
      return <RemindMe room={d.room} seq={d.seq} close={close} />;
    case 'ban':
      return <BanThem room={d.room} user={d.user} close={close} />;
    case 'report':
      return <ReportIt room={d.room} seq={d.seq} close={close} />;
    case 'status':
      return <Status close={close} />;
    case 'profile':
      return <Profile key={d.user} user={d.user} close={close} />;
    case 'section':
      return <SectionName section={d.section} close={close} />;
    case 'room_mine':
      return <RoomMine room={d.room} close={close} />;
    case 'add_people':
      return <AddPeople room={d.room} close={close} />;
    case 'versions':
      return <Versions room={d.room} seq={d.seq} close={close} />;
    default:
      return null;
  }
}
