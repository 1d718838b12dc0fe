// Panels beside a room that are opened now and then.

export { PinsPanel } from './PinsPanel';
export { RoomPanel } from './RoomPanel';
