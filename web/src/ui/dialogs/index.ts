// One piece to load for all dialogs: they are small, and whoever opens one opens others.

export { AddPeople } from './AddPeople';
export { AddRoom } from './AddRoom';
export { BanThem } from './BanThem';
export { Converse } from './Converse';
export { Invite } from './Invite';
export { Keys } from './Keys';
export { Profile } from './Profile';
export { RemindMe, Schedule } from './Later';
export { ReportIt } from './ReportIt';
export { RoomMine } from './RoomMine';
export { SectionName } from './SectionName';
export { Status } from './Status';
export { Versions } from './Versions';
