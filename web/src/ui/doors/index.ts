// Doors that one goes through once: setting up, joining, coming in as a guest, a new password.

export { GuestDoor } from './GuestDoor';
export { Join } from './Join';
export { Reset } from './Reset';
export { Setup } from './Setup';
