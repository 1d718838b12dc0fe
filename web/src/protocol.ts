// What is said on the wire. Mirrors crates/chatter-protocol; shapes only.

export type UserId = string;
export type RoomId = string;
export type EventId = string;
export type SessionId = string;
export type InviteId = string;
/** An event's place in its room's log; the first is 1, there are no holes. */
export type Seq = number;
/** Milliseconds since 1970, for showing only. */
export type Millis = number;
export type Key = string;

export type ServerRole = 'owner' | 'admin' | 'member' | 'guest';
export type RoomRole = 'owner' | 'moderator' | 'member' | 'guest';
export type RoomKind = 'open' | 'closed' | 'direct';

export type Code =
  | 'bad_frame' | 'invalid' | 'too_long' | 'not_signed_in' | 'wrong_password' | 'wrong_origin' | 'not_allowed'
  | 'no_such_room' | 'no_such_message' | 'no_such_user' | 'no_such_session' | 'no_such_page' | 'method_not_allowed'
  | 'invite_ended' | 'not_a_member' | 'archived' | 'name_taken' | 'handle_taken' | 'already_deleted' | 'key_reused'
  | 'last_owner' | 'direct_room' | 'already_set_up' | 'not_set_up' | 'wrong_claim_code' | 'no_guests' | 'too_many'
  | 'too_fast' | 'not_json' | 'try_again' | 'fault';

export interface Refusal {
  code: Code;
  message: string;
  field?: string;
  retry_after?: number;
}

export interface User {
  id: UserId;
  handle?: string;
  name: string;
  initials: string;
  about: string;
  role: ServerRole;
  deactivated: boolean;
  created_at: Millis;
}

export interface Session {
  id: SessionId;
  agent: string;
  created_at: Millis;
  seen_at: Millis;
  expires_at: Millis;
  current: boolean;
}

export interface Room {
  id: RoomId;
  name: string;
  topic: string;
  kind: RoomKind;
  archived: boolean;
  created_at: Millis;
  created_by: UserId;
  head: Seq;
  active_at: Millis;
  member_count: number;
  people?: UserId[];
}

export interface RoomState extends Room {
  role?: RoomRole;
  read: Seq;
  unread: number;
}

export interface Member {
  user: UserId;
  role: RoomRole;
  joined_at: Millis;
}

export interface Receipt {
  user: UserId;
  seq: Seq;
}

export type Fact =
  | { kind: 'created'; name: string; access: RoomKind }
  | { kind: 'posted'; text: string }
  | { kind: 'edited'; target: Seq; text: string }
  | { kind: 'deleted'; target: Seq }
  | { kind: 'joined'; user: UserId; role: RoomRole }
  | { kind: 'left'; user: UserId }
  | { kind: 'role_changed'; user: UserId; role: RoomRole }
  | { kind: 'renamed'; name: string }
  | { kind: 'topic_changed'; topic: string }
  | { kind: 'archived' }
  | { kind: 'restored' };

export interface EventHead {
  room: RoomId;
  seq: Seq;
  id: EventId;
  at: Millis;
  author: UserId;
  key?: Key;
}

export type Event = EventHead & Fact;

export interface MessageHead extends EventHead {
  edited?: Seq;
  edited_at?: Millis;
  deleted_by?: UserId;
}

export type Message = MessageHead & Fact;

export interface Page {
  room: RoomId;
  from: Seq;
  to: Seq;
  head: Seq;
  messages: Message[];
}

export interface ServerInfo {
  name: string;
  version: string;
  guests: boolean;
  needs_setup: boolean;
  needs_claim_code: boolean;
}

export interface Setup {
  claim_code?: string;
  server_name: string;
  name: string;
  handle: string;
  password: string;
  guests?: boolean;
}

export interface Register {
  invite: string;
  name: string;
  handle: string;
  password: string;
}

export interface SignIn {
  handle: string;
  password: string;
}

export interface EnterAsGuest {
  name: string;
}

export interface SignedIn {
  me: User;
  session: SessionId;
  token?: string;
}

export interface ChangePassword {
  current: string;
  new: string;
}

export interface ChangeProfile {
  name?: string;
  initials?: string;
  about?: string;
}

export interface CreateInvite {
  expires_in?: number;
  max_uses?: number;
  role?: ServerRole;
}

export interface Invite {
  id: InviteId;
  secret?: string;
  role: ServerRole;
  created_by: UserId;
  created_at: Millis;
  expires_at: Millis;
  max_uses: number;
  uses: number;
}

export interface InvitePreview {
  server_name: string;
  invited_by: string;
  expires_at: Millis;
}

export interface CreateRoom {
  name: string;
  kind: RoomKind;
  topic?: string;
}

export interface OpenDirect {
  users: UserId[];
}

export interface ChangeRoom {
  name?: string;
  topic?: string;
  archived?: boolean;
}

export interface PutMember {
  role: RoomRole;
}

export interface Standing {
  read: Seq;
  unread: number;
}

export interface Hello {
  type: 'hello';
  protocol: number;
  log_id?: string;
  cursors?: Record<RoomId, Seq>;
}

export type Command =
  | { type: 'post'; room: RoomId; key: Key; text: string }
  | { type: 'edit'; room: RoomId; seq: Seq; text: string; key?: Key }
  | { type: 'delete'; room: RoomId; seq: Seq; key?: Key }
  | { type: 'follow'; room: RoomId; cursor?: Seq; recent?: number }
  | { type: 'unfollow'; room: RoomId }
  | { type: 'typing'; room: RoomId }
  | { type: 'read'; room: RoomId; seq: Seq }
  | { type: 'join'; room: RoomId }
  | { type: 'leave'; room: RoomId }
  | { type: 'create_room'; name: string; kind: RoomKind; topic?: string }
  | { type: 'ping' };

export type ClientFrame = Hello | (Command & { ref?: number });

export interface Welcome {
  protocol: number;
  log_id: string;
  server: ServerInfo;
  me: User;
  at: Millis;
  rooms: RoomState[];
}

export interface Done {
  ref: number;
  seq?: Seq;
  id?: EventId;
  at?: Millis;
  room?: RoomState;
}

export interface Refused extends Refusal {
  ref?: number;
}

export type ServerFrame =
  | ({ type: 'welcome' } & Welcome)
  | ({ type: 'ok' } & Done)
  | ({ type: 'refused' } & Refused)
  | ({ type: 'event' } & Event)
  | { type: 'reset'; room: RoomId; head: Seq }
  | ({ type: 'room' } & RoomState)
  | { type: 'gone'; room: RoomId }
  | { type: 'read'; room: RoomId; seq: Seq; unread: number }
  | { type: 'typing'; room: RoomId; users: UserId[] }
  | { type: 'presence'; room: RoomId; count: number; users?: UserId[] }
  | { type: 'receipts'; room: RoomId; read: Record<UserId, Seq> }
  | ({ type: 'user' } & User);
