// What is said on the wire. Generated from the server's types by
// `UPDATE=1 cargo test -p chatter-server contract`; do not edit.

/** What only admins and owners know of someone's account. */
export interface Account {
  /** Who answers for it, if it is a bot. */
  bot_owner?: UserId;
  second_factor: boolean;
  /** How many browsers and programs are signed in. */
  sessions: number;
  suspended_until?: Millis;
  user: User;
}

export interface Announcement {
  audience: Audience;
  created_at: Millis;
  created_by: UserId;
  id: AnnouncementId;
  kind: AnnouncementKind;
  lasts: number;
  /** Absent: it will not happen again. */
  next_at?: Millis;
  schedule: Schedule;
  text: string;
  time_zone: string;
}

/** `POST /api/v1/admin/announcements`, and `PUT` of one: all of it. */
export interface AnnouncementDraft {
  /** Of a message: rooms. */
  audience: Audience;
  kind: AnnouncementKind;
  /** How long a banner is shown, in seconds; a day when absent. */
  lasts?: number;
  schedule: Schedule;
  text: string;
  /** Whose time of day `cron` means, such as `Europe/Berlin`; UTC when absent. */
  time_zone?: string;
}

/** Something the server tells people, once or by a schedule. */
export type AnnouncementId = string;

/** How it reaches people. */
export type AnnouncementKind = 'banner' | 'message';

/** A file in a message. */
export interface Attachment {
  /** What it shows, for those who do not see it. */
  alt?: string;
  file: FileId;
  height?: number;
  /** Found in the bytes, not believed from the name. */
  media_type: string;
  name: string;
  /** Bytes. */
  size: number;
  /** Whether there is a smaller picture of it. */
  thumbnail?: boolean;
  /** Pixels, of pictures, as they are to be shown. */
  width?: number;
}

/** Whom it reaches. */
export type Audience =
  | { to: 'everyone' }
  /** Whoever belongs to one of these rooms. */
  | { rooms: RoomId[]; to: 'rooms' }
  /** Whoever has one of these roles on the server. */
  | { roles: ServerRole[]; to: 'roles' };

/** A line of the audit log. */
export interface AuditEntry {
  /** Who did it; Chatter itself when it happened by a schedule. */
  actor: UserId;
  at: Millis;
  /**
   * What was done, such as `invite_made`. Clients show kinds they do not
   * know by their name.
   */
  deed: string;
  /** What else is known of it, by name. */
  detail: Record<string, string>;
  id: AuditId;
  /** The network they asked from: never the whole address. */
  network?: string;
  /** Why, in the words of whoever did it. */
  reason?: string;
  room?: RoomId;
  subject: string;
  /** What sort of thing it was done to: `user`, `room`, `invite`, `setting`… */
  subject_kind: string;
}

/** One line of the audit log. */
export type AuditId = string;

/** `PUT /api/v1/rooms/{room}/bans/{user}` */
export interface Ban {
  ends_at?: Millis;
  /** For the room's log, the banned person and the other moderators. */
  reason: string;
}

/** A ban of a network from the server. */
export type BanId = string;

/** `POST /api/v1/admin/bans` */
export interface BanNetwork {
  ends_at?: Millis;
  /** An address or a network. */
  network: string;
  reason: string;
}

/**
 * A banner as it is shown now. Said by `GET /api/v1/announcements`, and to
 * open sockets when it begins.
 */
export interface Banner {
  announcement: AnnouncementId;
  /** When it was due: the next time it happens, it is another banner. */
  due: Millis;
  text: string;
  until: Millis;
}

/**
 * `POST /api/v1/me/second-factor`: begins. It counts once a code was shown to
 * be right.
 */
export interface BeginSecondFactor {
  password: string;
}

export interface Bot {
  /** Who answers for it. */
  owner: UserId;
  user: User;
}

export interface BotToken {
  created_at: Millis;
  id: SessionId;
  label: string;
  /** To within a few minutes. */
  seen_at: Millis;
  /** Only in the answer that made it: only its hash is kept. */
  token?: string;
}

/** `PATCH /api/v1/groups/{group}`: what is absent stays. */
export interface ChangeGroup {
  handle?: string;
  name?: string;
}

/** `PATCH /api/v1/rooms/{room}/mine`: what is absent stays. */
export interface ChangeMine {
  involvement?: Involvement;
  muted?: boolean;
  /** `null` takes it out of its section; else it comes last in that one. */
  section?: SectionId;
  starred?: boolean;
}

/** `POST /api/v1/password`: ends all other sessions and their sockets. */
export interface ChangePassword {
  current: string;
  new: string;
}

/** `PATCH /api/v1/me/preferences`: what is absent stays. */
export interface ChangePreferences {
  presence?: PresenceMode;
  /** When `presence` ends; together with it only. */
  presence_until?: Millis;
  share_receipts?: boolean;
  share_typing?: boolean;
}

/** `PATCH /api/v1/me`: what is absent stays. */
export interface ChangeProfile {
  about?: string;
  initials?: string;
  name?: string;
  pronouns?: string;
  /** Without text and emoji it is taken back. */
  status?: Status;
  /** An IANA name such as `Europe/Berlin`; empty to say none. */
  time_zone?: string;
  title?: string;
}

/** `PATCH /api/v1/rooms/{room}`: what is absent stays. */
export interface ChangeRoom {
  archived?: boolean;
  confirm?: boolean;
  /**
   * `open` or `closed`. An opened room shows everyone all that was ever said
   * in it, so it wants `confirm`.
   */
  kind?: RoomKind;
  name?: string;
  /** The whole set, in place of the old one. */
  rules?: Rules;
  topic?: string;
}

/**
 * `PATCH /api/v1/scheduled/{scheduled}`: what is absent stays. One that could
 * not be sent is tried again.
 */
export interface ChangeScheduled {
  at?: Millis;
  draft?: Draft;
}

/** `PATCH /api/v1/users/{user}`: for admins and owners. */
export interface ChangeUser {
  /**
   * Ends all their sessions and sockets; they cannot sign in again until
   * this is false.
   */
  deactivated?: boolean;
  /** `guest` cannot be given here, `owner` only by an owner. */
  role?: ServerRole;
}

/** What a client may say. */
export type ClientFrame =
  /** The first frame, within ten seconds. */
  | (Hello & { type: 'hello' })
  | CommandFrame;

/** Why something was refused, the same over sockets and REST. */
export type Code =
  | 'bad_frame'
  | 'invalid'
  | 'too_long'
  | 'not_signed_in'
  | 'wrong_password'
  | 'code_needed'
  | 'wrong_code'
  | 'suspended'
  | 'reset_ended'
  | 'wrong_origin'
  | 'not_allowed'
  | 'no_such_room'
  | 'no_such_message'
  | 'no_such_preview'
  | 'no_such_ban'
  | 'no_such_report'
  | 'no_such_filter'
  | 'filtered'
  | 'banned'
  | 'no_such_user'
  | 'no_such_group'
  | 'not_kept'
  | 'no_such_session'
  | 'no_such_file'
  | 'no_such_emoji'
  | 'no_such_page'
  | 'method_not_allowed'
  | 'invite_ended'
  | 'sign_up_closed'
  | 'held'
  | 'no_such_hold'
  | 'no_such_announcement'
  | 'fixed'
  | 'not_a_member'
  | 'archived'
  | 'name_taken'
  | 'handle_taken'
  | 'already_deleted'
  | 'poll_closed'
  | 'already_voted'
  | 'stale'
  | 'too_late'
  | 'key_reused'
  | 'last_owner'
  | 'direct_room'
  | 'wrong_kind'
  | 'has_an_owner'
  | 'no_such_section'
  | 'no_such_link'
  | 'already_set_up'
  | 'not_set_up'
  | 'wrong_claim_code'
  | 'no_guests'
  | 'quota_full'
  | 'wrong_offset'
  | 'bad_archive'
  | 'not_empty'
  | 'too_many'
  | 'too_fast'
  | 'not_json'
  | 'try_again'
  | 'fault';

/** What a client may ask for. Each has a counterpart in REST. */
export type Command =
  /** Says something in `room`. Answered with its seq once it is on disk. */
  | (Draft & { key: Key; room: RoomId } & { type: 'post' })
  | { type: 'edit'; key?: Key; room: RoomId; seq: Seq; text: string }
  | { type: 'delete'; key?: Key; reason?: string; room: RoomId; seq: Seq }
  /**
   * Hear `room` from after `cursor`, or from `recent` events before its
   * head; with neither, from its head. Member rooms are followed already.
   */
  | { type: 'follow'; cursor?: Seq; recent?: number; room: RoomId }
  | { type: 'unfollow'; room: RoomId }
  /** I am typing here. Renew every 3 s; it ends by itself after 7 s, or when I post. */
  | { type: 'typing'; room: RoomId }
  /** I have read up to `seq`. Never goes back. Of a room, or of one thread. */
  | { type: 'read'; room: RoomId; seq: Seq; thread?: Seq }
  /** This device has what was said up to `seq`. */
  | { type: 'got'; room: RoomId; seq: Seq }
  /** Puts `emoji` under a message. Once is as good as twice. */
  | { type: 'react'; emoji: string; room: RoomId; seq: Seq }
  | { type: 'unreact'; emoji: string; room: RoomId; seq: Seq }
  | { type: 'pin'; room: RoomId; seq: Seq }
  | { type: 'unpin'; room: RoomId; seq: Seq }
  /**
   * Chooses an option of a poll, by its place; where one may choose one, the
   * earlier choice is taken back.
   */
  | { type: 'vote'; option: number; room: RoomId; seq: Seq }
  | { type: 'unvote'; option: number; room: RoomId; seq: Seq }
  | { type: 'close_poll'; room: RoomId; seq: Seq }
  /** To hear of a thread, or not. */
  | { type: 'follow_thread'; follows: boolean; room: RoomId; thread: Seq }
  /** What I have begun to write here, for my other devices. */
  | (PutDraft & { room: RoomId } & { type: 'draft' })
  | { type: 'join'; room: RoomId }
  | { type: 'leave'; room: RoomId }
  | { type: 'create_room'; kind: RoomKind; name: string; topic?: string }
  /**
   * Nobody looks at this device any more, or someone does again. Whoever has
   * only idle devices is away.
   */
  | { type: 'idle'; idle: boolean }
  /** Are you there? Answered by `ok`. */
  | { type: 'ping' };

/** A command with the client's number for it. */
export interface CommandFrameHead {
  /** Without one, the command is carried out and not answered. */
  ref?: number;
}

export type CommandFrame = CommandFrameHead & Command;

/** `POST /api/v1/me/second-factor/confirm`. */
export interface ConfirmSecondFactor {
  code: string;
}

/**
 * `POST /api/v1/rooms/{room}/convert`: a conversation of three or more becomes
 * a closed room of theirs.
 */
export interface ConvertRoom {
  name: string;
}

/** `POST /api/v1/bots`. */
export interface CreateBot {
  handle: string;
  name: string;
}

/** `POST /api/v1/bots/{bot}/tokens`. */
export interface CreateBotToken {
  /** What it is for. */
  label: string;
}

/** `POST /api/v1/groups`. */
export interface CreateGroup {
  handle: string;
  name: string;
}

/** `POST /api/v1/rooms/{room}/guest-links`. */
export interface CreateGuestLink {
  /** Seconds from now; a week when absent. Its guests leave with it. */
  expires_in?: number;
  /** How many guests it lets in; 10 when absent. */
  max_uses?: number;
}

/** `POST /api/v1/admin/holds`: of a room or of a person, one of the two. */
export interface CreateHold {
  reason: string;
  room?: RoomId;
  user?: UserId;
}

/** `POST /api/v1/invites`. */
export interface CreateInvite {
  /** Seconds from now; a week when absent. */
  expires_in?: number;
  /** How many people may use it; 25 when absent. */
  max_uses?: number;
  /** What they become: `member` when absent, or `admin` if an owner says so. */
  role?: ServerRole;
}

/** `POST /api/v1/rooms`. */
export interface CreateRoom {
  /** `open` or `closed`; direct rooms have a door of their own. */
  kind: RoomKind;
  name: string;
  topic?: string;
}

/** What a command came to. Which fields are there depends on the command. */
export interface Done {
  at?: Millis;
  id?: EventId;
  ref: number;
  /** The room as it is now (`create_room`, `follow`, `join`; not `leave`). */
  room?: RoomState;
  /**
   * The event it became (`post`, `edit`, `delete`, and what changed something
   * under a message: nothing when it was so already). A retried key gets the
   * first one's. `join` and `leave` become events too, but do not name them.
   */
  seq?: Seq;
}

/** What is being said, before it has a seq. */
export interface Draft {
  also_in_room?: boolean;
  /** Uploaded before, in the order they are shown. */
  files?: DraftFile[];
  forward?: ForwardOf;
  poll?: Poll;
  reply?: Seq;
  /** May be empty when something else is sent. */
  text?: string;
  thread?: Seq;
}

/** A file to be sent. */
export interface DraftFile {
  alt?: string;
  file: FileId;
}

/** One of [`PutSections`]. */
export interface DraftSection {
  /** Absent for a new one. */
  id?: SectionId;
  name: string;
  rooms?: RoomId[];
}

/** `PATCH /api/v1/rooms/{room}/messages/{seq}`. */
export interface EditMessage {
  key?: Key;
  text: string;
}

/**
 * `POST /api/v1/token/embed`: signs in whom an embedding application vouches
 * for.
 */
export interface EmbedSignIn {
  /** For browsers: set the session cookie and answer with no tokens. */
  cookie?: boolean;
  /** A JWT signed by the application. */
  token: string;
}

/** A small picture that stands for `:name:`. */
export interface Emoji {
  created_at: Millis;
  created_by: UserId;
  id: EmojiId;
  /** Unique; a to z, digits, `_`, `+` and `-`. */
  name: string;
}

/** A custom emoji. */
export type EmojiId = string;

/** `POST /api/v1/guests`: come in with just a name, where guests are allowed. */
export interface EnterAsGuest {
  /**
   * The secret at the end of a guest link, which leads into one room. Needs
   * no leave for guests in general.
   */
  link?: string;
  name: string;
  /** For programs: answer with a token and set no cookie. */
  token?: boolean;
}

/** `POST /api/v1/users/{user}/erase`: for admins and owners. */
export interface Erase {
  messages: ErasedMessages;
  /** For the audit log. */
  reason?: string;
}

/** What becomes of the messages of someone who is erased. */
export type ErasedMessages = 'keep' | 'anonymise' | 'delete';

/** One immutable fact in a room's log. */
export interface EventHead {
  at: Millis;
  /** Who did it. */
  author: UserId;
  id: EventId;
  /** The author's name for it, when one was given. */
  key?: Key;
  room: RoomId;
  seq: Seq;
}

export type Event = EventHead & Fact;

/** One event, unique in the whole server. */
export type EventId = string;

/** A piece of a room's log as it is, oldest first. */
export interface Events {
  events: Event[];
  head: Seq;
  log_id: string;
}

/** What happened. `kind` names it; clients ignore kinds they do not know. */
export type Fact =
  /** The room exists. Always its first event. */
  | { kind: 'created'; access: RoomKind; name: string }
  /** Someone said something. Its seq names the message from here on. */
  | (Post & { kind: 'posted' })
  /** The text of the message at `target` was replaced. */
  | { kind: 'edited'; refs?: Reference[]; target: Seq; text: string }
  /**
   * The message at `target` is now a tombstone: place, author and time stay.
   * Its text leaves the log too.
   */
  | { kind: 'deleted'; target: Seq }
  /** `user` is now a member. Added by someone else when `author` differs. */
  | { kind: 'joined'; role: RoomRole; user: UserId }
  /** `user` is no longer a member. Removed when `author` differs. */
  | { kind: 'left'; user: UserId }
  /** `user` has another role now. */
  | { kind: 'role_changed'; role: RoomRole; user: UserId }
  | { kind: 'renamed'; name: string }
  | { kind: 'topic_changed'; topic: string }
  | { kind: 'archived' }
  | { kind: 'restored' }
  /** The author put `emoji` under the message at `target`. */
  | { kind: 'reacted'; emoji: string; target: Seq }
  /** The author took it back. */
  | { kind: 'unreacted'; emoji: string; target: Seq }
  /** The message at `target` is pinned to the room. */
  | { kind: 'pinned'; target: Seq }
  | { kind: 'unpinned'; target: Seq }
  /** The author chose an option of the poll at `target`, by its place. */
  | { kind: 'voted'; option: number; target: Seq }
  /** The author no longer chooses it. */
  | { kind: 'unvoted'; option: number; target: Seq }
  /** The poll at `target` takes no more votes. */
  | { kind: 'poll_closed'; target: Seq }
  /**
   * Who may find and enter the room. One that is closed is gone for whoever
   * does not belong to it.
   */
  | { kind: 'access_changed'; access: RoomKind }
  /** The conversation is a closed room with a name now. */
  | { kind: 'converted'; name: string }
  /** Who may do what, and how often: the whole set, in place of the old one. */
  | { kind: 'rules_changed'; rules: Rules }
  /** What the first link of the message at `target` leads to. */
  | { kind: 'previewed'; preview: Preview; target: Seq }
  /** It is not to be shown. */
  | { kind: 'preview_removed'; target: Seq }
  /**
   * Every line in `ranges` was past its time and is gone; its place in the
   * log stays, without what was said there.
   */
  | { kind: 'expired'; ranges: SeqRange[]; threads?: RepliesLeft[] };

/**
 * A file, or the upload it will come from: 128 random bits in hexadecimal.
 * Knowing it is not enough to read it.
 */
export type FileId = string;

/** Words or sites that are not wanted, in one room or everywhere. */
export interface Filter {
  action: FilterAction;
  at: Millis;
  by: UserId;
  id: FilterId;
  kind: FilterKind;
  /**
   * A word, with `*` before or after it for what else may stand there; or
   * a domain, which means its subdomains too.
   */
  pattern: string;
  /** Absent: in every room. */
  room?: RoomId;
}

/** What happens to a message that matches. */
export type FilterAction = 'refuse' | 'report';

/** A word or a site that is not wanted. */
export type FilterId = string;

export type FilterKind = 'word' | 'denied_domain' | 'allowed_domain';

/** A message passed on. A copy: what becomes of the first one changes nothing. */
export interface Forward {
  at: Millis;
  attachments?: Attachment[];
  author: UserId;
  refs?: Reference[];
  /** Where it was said, when that is an open room. */
  room?: RoomId;
  seq?: Seq;
  text: string;
}

/** The message to pass on. */
export interface ForwardOf {
  room: RoomId;
  seq: Seq;
}

export interface Group {
  created_at: Millis;
  created_by: UserId;
  /** What mentions it; no user has the same one. */
  handle: string;
  id: GroupId;
  member_count: number;
  name: string;
}

/** A named group of people. */
export type GroupId = string;

export interface GuestLink {
  created_at: Millis;
  created_by: UserId;
  expires_at: Millis;
  id: LinkId;
  max_uses: number;
  room: RoomId;
  /** Only in the answer that made it: only its hash is kept. */
  secret?: string;
  uses: number;
}

/** `GET /api/v1/guest-links/{secret}`: what a guest sees first, and no more. */
export interface GuestLinkPreview {
  room_name: string;
  server_name: string;
}

/** Who is there, and what they have seen. */
export interface Hello {
  /** The last seq seen, by room. Rooms not named start at their head. */
  cursors?: Record<string, Seq>;
  /** The log id that the cursors belong to. */
  log_id?: string;
  protocol: number;
  /** For programs. A browser's cookie has spoken already. */
  token?: string;
}

/**
 * Nothing of this room, or of this person, is deleted by a schedule while the
 * hold stands.
 */
export interface Hold {
  created_at: Millis;
  created_by: UserId;
  id: HoldId;
  reason: string;
  room?: RoomId;
  user?: UserId;
}

/** A legal hold: what it is about is not deleted by schedule. */
export type HoldId = string;

/** What an import did, or would do. */
export interface Imported {
  /** Only looked at: nothing was changed. */
  dry_run: boolean;
  /** Emoji of the server's own; only with everything. */
  emoji: number;
  events: number;
  files: number;
  /** When the archive was made, and the name of the server it is from. */
  made_at: Millis;
  /**
   * Files that messages carried and that had gone before: the messages still
   * say what they were called.
   */
  missing_files: number;
  /** People who are new here. */
  people_added: number;
  /**
   * People who are here already, by their handles: what they said there is
   * theirs here. The first of them, when there are many.
   */
  people_matched: string[];
  /** The first of them, when there are many. */
  rooms: ImportedRoom[];
  rooms_total: number;
  server: string;
}

/** A room of an archive. */
export interface ImportedRoom {
  events: number;
  kind: RoomKind;
  /** Empty for a direct room. */
  name: string;
  /** Its id here; absent when it was only looked at. */
  room?: RoomId;
  /** Its id there. */
  was: RoomId;
}

export interface Invite {
  created_at: Millis;
  created_by: UserId;
  expires_at: Millis;
  id: InviteId;
  max_uses: number;
  role: ServerRole;
  /** Only in the answer that made it: only its hash is kept. */
  secret?: string;
  uses: number;
}

/** An invitation. Its link carries a random secret, never this number. */
export type InviteId = string;

/** `GET /api/v1/invites/by-secret/{secret}`: what an invited person sees first. */
export interface InvitePreview {
  expires_at: Millis;
  invited_by: string;
  server_name: string;
}

/** What of a room someone wants to be told of. */
export type Involvement = 'nothing' | 'mentions' | 'everything';

/** `GET /api/v1/admin/jobs`: one job, the same for all servers on a database. */
export interface Job {
  /** What the last run did, as people read it. */
  did?: string;
  /** Why the last run failed, if it did. */
  error?: string;
  /** Seconds from the end of a run to the next one. */
  every_s: number;
  /** One sentence: what it is for. */
  help: string;
  last_run?: Millis;
  name: string;
  next_run: Millis;
  running: boolean;
  took_ms?: number;
}

/** What was begun to be written in a room, or in a thread of it. */
export interface KeptDraft {
  at: Millis;
  reply?: Seq;
  /** Grows with each change; 0 when there is none. */
  rev: number;
  room: RoomId;
  text: string;
  thread?: Seq;
}

/** The lists that I keep for myself. */
export type KeptList = 'saved' | 'scheduled' | 'reminders' | 'keywords';

/**
 * The sender's own name for an action, so that a retry is the same action.
 * 1 to 64 letters, digits, `-`, `_`, `.` or `:`; a UUID fits.
 */
export type Key = string;

/** `PUT /api/v1/me/keywords`: the whole list, in place of the old one. */
export interface Keywords {
  /** A message that has one of them concerns me like a mention. */
  words: string[];
}

/** A link for guests. Its address carries a random secret, never this number. */
export type LinkId = string;

/** `POST /api/v1/rooms/{room}/filters` and `POST /api/v1/admin/filters` */
export interface MakeFilter {
  action: FilterAction;
  kind: FilterKind;
  pattern: string;
}

/**
 * `POST /api/v1/rooms/{room}/messages/{seq}/reports`: something should be
 * done about this message.
 */
export interface MakeReport {
  /** What is wrong with it. */
  reason: string;
}

export type Meaning =
  | { id: UserId; is: 'user' }
  /** A named group of people. */
  | { id: GroupId; is: 'group' }
  /** Everyone who is in the room now. */
  | { is: 'here' }
  /** Everyone who belongs to the room. */
  | { is: 'everyone' }
  | { id: RoomId; is: 'room' }
  | { id: EmojiId; is: 'emoji' }
  /** A language of code, by its usual name. */
  | { is: 'language'; name: string };

/** A member of a room. */
export interface Member {
  joined_at: Millis;
  role: RoomRole;
  user: UserId;
}

/**
 * One line of a room's timeline: what became of the event at `seq` and of
 * every later event about it.
 */
export interface MessageHead {
  at: Millis;
  author: UserId;
  /** Who removed it. A tombstone's text is empty. */
  deleted_by?: UserId;
  /** The seq of the newest edit; later edits have higher ones. */
  edited?: Seq;
  edited_at?: Millis;
  id: EventId;
  key?: Key;
  /** Who pinned it. */
  pinned_by?: UserId;
  /** What its first link leads to. */
  preview?: Preview;
  /** In the order of their first use. */
  reactions?: Reaction[];
  /** The thread that begins here. */
  replies?: Replies;
  /**
   * The newest event that changed anything here; of two copies, the one
   * with the higher `rev` is the newer.
   */
  rev?: Seq;
  room: RoomId;
  seq: Seq;
  /** How often each option of its poll was chosen. */
  votes?: Vote[];
}

export type Message = MessageHead & Fact;

/**
 * Milliseconds since 1970-01-01T00:00:00Z. For showing only: no order,
 * cursor or page depends on it.
 */
export type Millis = number;

/** My own settings of a room. */
export interface Mine {
  /**
   * Absent while I have not chosen: everything in a direct room, mentions
   * elsewhere.
   */
  involvement?: Involvement;
  /** Nothing of it makes a sound or a mark. */
  muted?: boolean;
  /** The section of my list that it is in. */
  section?: SectionId;
  starred?: boolean;
}

/** Addresses nobody may come in from. */
export interface NetworkBan {
  at: Millis;
  by: UserId;
  ends_at?: Millis;
  id: BanId;
  /** Such as `192.0.2.7/32` or `2001:db8::/48`. */
  network: string;
  reason: string;
}

/** `POST /api/v1/uploads`: what is going to come. */
export interface NewUpload {
  /** Without its folders; an ending says nothing about the bytes. */
  name: string;
  /** Where it is meant to be posted, to be refused early. */
  room?: RoomId;
  /** Bytes, at least one. */
  size: number;
}

/** `POST /api/v1/directs`: the direct room with these people, made if need be. */
export interface OpenDirect {
  /** The others, 1 to 8 of them. */
  users: UserId[];
}

/** One connection, or one that was refused before it was made. */
export interface OutboundConnection {
  at: Millis;
  host: string;
  outcome: Outcome;
  reason: Reason;
}

/** `GET /api/v1/admin/outbound`: what the asked node did since it started. */
export interface OutboundLedger {
  /** The newest of them, newest first. */
  connections: OutboundConnection[];
  /** All that were made or refused. */
  count: number;
}

/** What came of it. */
export type Outcome =
  | 'fetched'
  | 'redirected'
  | 'off'
  | 'refused'
  | 'too_many_redirects'
  | 'wrong_kind'
  | 'too_large'
  | 'timed_out'
  | 'failed';

/**
 * A bounded piece of a room's timeline, oldest first.
 *
 * It is complete for `from..=to`: whatever has its seq in there and is not in
 * `messages` is an event about another message, already applied.
 */
export interface Page {
  /** 1 when the page reaches the beginning of the room. */
  from: Seq;
  /**
   * The room's head when the page was read. Every edit and deletion up to
   * it is applied, so a client that follows from it misses none.
   */
  head: Seq;
  messages: Message[];
  /** What some of them answer, when it is not among them. */
  quoted?: Message[];
  room: RoomId;
  /** The room's head when the page reaches the newest message; follow from here. */
  to: Seq;
}

/** What someone put under a message, all of them in the end. */
export interface People {
  /** By id, so that a next page begins after the last one's last. */
  users: UserId[];
}

/** A question with answers to choose from; the message's text asks it. */
export interface Poll {
  /** Closed by its author or a moderator. */
  closed?: boolean;
  /** Takes no votes from then on. */
  closes_at?: Millis;
  /** Whether one may choose several. */
  multiple?: boolean;
  options: string[];
}

/** What was said. */
export interface Post {
  /** Of a thread, and shown in the room all the same. */
  also_in_room?: boolean;
  attachments?: Attachment[];
  /** What someone said elsewhere, passed on with this. */
  forward?: Forward;
  poll?: Poll;
  /** What words of the text mean. */
  refs?: Reference[];
  /** The message of this room that it answers; clients show a line of it. */
  reply?: Seq;
  /** As it was typed: the Markdown subset of `docs/markdown.md`. */
  text: string;
  /** The first message of the thread that it belongs to. */
  thread?: Seq;
}

/** `POST /api/v1/rooms/{room}/messages`. */
export interface PostMessage {
  also_in_room?: boolean;
  /** Uploaded before, in the order they are shown. */
  files?: DraftFile[];
  forward?: ForwardOf;
  key: Key;
  poll?: Poll;
  reply?: Seq;
  /** May be empty when something else is sent. */
  text?: string;
  thread?: Seq;
}

/** What I chose for myself. Nobody else sees it. */
export interface Preferences {
  presence: PresenceMode;
  /** When `presence` goes back to automatic by itself. */
  presence_until?: Millis;
  /** Counts changes: of two, the one with the higher number is newer. */
  rev: number;
  /**
   * Whether others see how far I have read. Who does not share sees nobody
   * else's either.
   */
  share_receipts: boolean;
  /** Whether others see me typing. */
  share_typing: boolean;
}

/** Who is here now; only their number when they are many. */
export interface Presence {
  /** Those of `users` who are away. */
  away?: UserId[];
  count: number;
  /** Those of `users` who do not want to be disturbed. */
  dnd?: UserId[];
  users?: UserId[];
}

/** How someone wants to be seen. */
export type PresenceMode = 'automatic' | 'away' | 'dnd' | 'invisible';

/**
 * As the page says of itself: a stranger's words, cut, and plain text
 * throughout. Clients show them as text and nothing else.
 */
export interface Preview {
  description?: string;
  /** The link as it stands in the text of the message. */
  link: string;
  site?: string;
  title: string;
  /** Where it led, over its redirects. */
  url: string;
}

/** `POST /api/v1/me/second-factor/end` and `…/recovery-codes`. */
export interface ProveMyself {
  /** From the app, or a recovery code. */
  code: string;
  password: string;
}

/** `PUT /api/v1/rooms/{room}/archived`. */
export interface PutArchived {
  archived: boolean;
}

/** `PUT /api/v1/rooms/{room}/draft`. */
export interface PutDraft {
  reply?: Seq;
  /** The `rev` of what this replaces; 0 when there was none. */
  rev?: number;
  /** Empty, and without `reply`, to take it back. */
  text: string;
  thread?: Seq;
}

/** `PUT /api/v1/rooms/{room}/members/{user}`: adds them, or changes their role. */
export interface PutMember {
  role: RoomRole;
}

/** `PUT /api/v1/rooms/{room}/newcomers`. */
export interface PutNewcomers {
  newcomers: boolean;
}

/** `PUT /api/v1/rooms/{room}/receipt`. */
export interface PutReceipt {
  seq: Seq;
}

/**
 * `PUT /api/v1/me/sections`: all of them, in their order. A room is in one
 * section at most; those I do not belong to are left out.
 */
export interface PutSections {
  sections: DraftSection[];
}

/** `PUT /api/v1/rooms/{room}/threads/{thread}`: what is absent stays. */
export interface PutThread {
  follows?: boolean;
  read?: Seq;
}

/** One emoji under a message. */
export interface Reaction {
  count: number;
  emoji: string;
  /** Whether I am among them. */
  mine: boolean;
}

/** Why a server connects to someone else at all. */
export type Reason = 'preview';

/** How far a member has read. */
export interface Receipt {
  /** How far their devices have got what was said. */
  got?: Seq;
  seq: Seq;
  user: UserId;
}

/** Each signs in once instead of a code from the app. Shown once. */
export interface RecoveryCodes {
  codes: string[];
}

/**
 * What a word of a text means. The server looks it up when the message is
 * sent, so that a later namesake changes nothing.
 */
export interface ReferenceHead {
  /**
   * The word as it stands in the text: `@bob`, `#kitchen`, `:party:`, or
   * the language after a code fence.
   */
  text: string;
}

export type Reference = ReferenceHead & Meaning;

/**
 * A refusal is their mistake (or a limit); only `fault` is ours.
 *
 * The code is for programs and never changes its meaning; the sentence is for
 * people and may.
 */
export interface Refusal {
  code: Code;
  /** The field that is wrong, when it is one field. */
  field?: string;
  /** One sentence, shown to people as it is. */
  message: string;
  /** Seconds after which trying again makes sense. */
  retry_after?: number;
}

export interface Refused extends Refusal {
  /** Absent when the frame could not be read well enough to find one. */
  ref?: number;
}

/** `POST /api/v1/register`: an account, by invite or where anyone may. */
export interface Register {
  handle: string;
  /**
   * The secret at the end of the invite link; not needed where sign-up is
   * open.
   */
  invite?: string;
  name: string;
  password: string;
  /** For programs: answer with a token and set no cookie. */
  token?: boolean;
}

/** `POST /api/v1/reminders`. */
export interface Remind {
  /** At most a year from now. */
  at: Millis;
  note?: string;
  room: RoomId;
  seq: Seq;
}

/** To be reminded of a message. */
export interface Reminder {
  at: Millis;
  /** Its time has come. It stays until it is deleted. */
  due?: boolean;
  id: ReminderId;
  /** As it is now, while I may read it. */
  message?: Message;
  /** One's own words. */
  note?: string;
  room: RoomId;
  seq: Seq;
}

export type ReminderId = string;

/** What is known of a thread without opening it. */
export interface Replies {
  /** Tombstones not counted. */
  count: number;
  /** The newest one that was ever written. */
  last: Seq;
  last_at: Millis;
  /** The first who answered, three at most. */
  people: UserId[];
}

/** How many replies a thread has left. */
export interface RepliesLeft {
  count: number;
  root: Seq;
}

/** A report as moderators see it. */
export interface Report {
  at: Millis;
  /** Who wrote the message. */
  author: UserId;
  id: ReportId;
  reason: string;
  /** Who reported it; Chatter itself when a filter did. */
  reporter: UserId;
  /** What was done about it; absent while nothing was. */
  resolution?: Resolution;
  room: RoomId;
  seq: Seq;
  /** What the message says now; absent once it is deleted. */
  text?: string;
}

/** Someone's word that a message is not all right. */
export type ReportId = string;

/** What became of a report. It says what was done and does not do it. */
export type ReportOutcome = 'dismissed' | 'deleted' | 'warned' | 'removed' | 'banned';

/** A link that sets a new password, once. */
export interface ResetLink {
  expires_at: Millis;
  /**
   * What to hand over: the page at this address of the server. The secret
   * follows the `#`, so that it is in nobody's log.
   */
  path: string;
  /** Only in the answer that made it: only its hash is kept. */
  secret: string;
}

/** `POST /api/v1/reset`: a new password by a reset link. Ends all sessions. */
export interface ResetPassword {
  password: string;
  secret: string;
}

/** How a report was closed. */
export interface Resolution {
  at: Millis;
  by: UserId;
  /** For the other moderators. */
  note?: string;
  outcome: ReportOutcome;
}

/**
 * `POST /api/v1/reports/{report}/resolution`: closes it, with all other
 * reports of the same message.
 */
export interface Resolve {
  note?: string;
  outcome: ReportOutcome;
}

/** How long a room keeps its messages. 0 is for ever. */
export interface Retention {
  message_days: number;
  /** Whether this room has a rule of its own; else it is the server's. */
  own: boolean;
}

/** What the next run would delete. */
export interface RetentionPreview {
  /** How large they are together. */
  file_bytes: number;
  /** Files past a time of their own, which leave their messages behind. */
  files: number;
  messages: number;
  /** When the oldest of them was said. */
  oldest_at?: Millis;
  /** Room by room, the most first; at most 200. */
  rooms: RoomPreview[];
}

/** A room as everyone who may see it sees it. */
export interface Room {
  /** When that was. */
  active_at: Millis;
  archived: boolean;
  created_at: Millis;
  created_by: UserId;
  /** The newest event. */
  head: Seq;
  id: RoomId;
  kind: RoomKind;
  member_count: number;
  /** Empty for a direct room: clients show the other people's names. */
  name: string;
  /** Newcomers are brought here. */
  newcomers?: boolean;
  /** The members of a direct room, oneself included; empty for other kinds. */
  people?: UserId[];
  /** What its rules say beyond the usual. */
  rules?: Rules;
  /**
   * Its name in links; direct rooms have none. It changes with the name, and
   * the old ones go on answering.
   */
  slug?: string;
  topic: string;
}

/** Someone who may not be in a room. */
export interface RoomBan {
  at: Millis;
  by: UserId;
  /** Absent: until it is lifted. */
  ends_at?: Millis;
  reason: string;
  user: UserId;
}

/** A conversation with a membership and a log. */
export type RoomId = string;

/** Who may find and enter a room. */
export type RoomKind = 'open' | 'closed' | 'direct';

export interface RoomPreview {
  messages: number;
  oldest_at: Millis;
  room: RoomId;
}

/** What a member may do in a room; each includes the ones after it. */
export type RoomRole = 'owner' | 'moderator' | 'member' | 'guest';

/** A room together with where I stand in it. */
export interface RoomState extends Room, Mine {
  /** Those of them that concern me by name, group, `@here` or `@room`. */
  mentions?: number;
  /** My receipt: how far I have read. */
  read: Seq;
  /** Absent when I may read the room but do not belong to it. */
  role?: RoomRole;
  /**
   * Messages after my receipt, tombstones not counted, and of threads only
   * what is in the room as well.
   */
  unread: number;
}

/**
 * The least role for what the room decides for itself; what is absent is as
 * usual. The whole set is sent and stored at once.
 */
export interface Rules {
  /** To add people; usually `member`, never `guest`. */
  invite?: RoomRole;
  /** To make links for guests; usually `moderator`, never `guest`. */
  link?: RoomRole;
  /** Usually `member`. */
  mention_everyone?: RoomRole;
  /** Usually `member`. */
  pin?: RoomRole;
  /** Usually `guest`. A room where only moderators post is read-only. */
  post?: RoomRole;
  /** Usually `guest`. */
  react?: RoomRole;
  /** In threads; usually as `post`. */
  reply?: RoomRole;
  /**
   * Seconds between two posts of one person; moderators and owners need not
   * wait. 0: none.
   */
  slow?: number;
}

/** A message kept at hand. */
export interface Saved {
  /** When it was saved. */
  at: Millis;
  /** Grows: a next page is what comes before the last one's last. */
  id: SavedId;
  /** As it is now. */
  message: Message;
}

/** A message's place among those that someone saved. */
export type SavedId = string;

/** When it happens. */
export type Schedule =
  | { at: Millis; when: 'once' }
  /** Every so often, beginning with `from`. */
  | { from: Millis; seconds: number; when: 'every' }
  /** Five fields: minute, hour, day of the month, month, day of the week. */
  | { cron: string; when: 'cron' };

/** `POST /api/v1/rooms/{room}/scheduled`. */
export interface ScheduleMessage {
  /** When it is sent; at most a year from now. */
  at: Millis;
  draft: Draft;
  /** The same again is the same message. */
  key: Key;
}

/**
 * A message that is to be sent later. Once it is sent it is a message like any
 * other, with the key `scheduled:` and this id.
 */
export interface Scheduled {
  at: Millis;
  draft: Draft;
  /** Why it could not be sent when it was time. */
  failed?: WhyUnsent;
  id: ScheduledId;
  room: RoomId;
}

/** A message that is to be sent later. */
export type ScheduledId = string;

/** A message that was found. */
export interface SearchHit {
  after?: Message;
  /** Its neighbours in the room or thread, when asked for. */
  before?: Message;
  /**
   * The line of it in which the words stand, cut where it is long; of its
   * text, or of what else of it can be read.
   */
  line: string;
  /**
   * Where in `line` the words stand: from and to, counted in characters
   * (Unicode code points), in order and apart from each other.
   */
  marks?: number[][];
  message: Message;
}

/** A page of what was found. */
export interface SearchResults {
  /** Whether `total` is all there are. */
  exact: boolean;
  hits: SearchHit[];
  /**
   * Ask again with this for more. A page may be short, even empty, and have
   * more after it: then much had to be looked at.
   */
  next?: string;
  /**
   * How many there are, or at least how many: see `exact`. Only the first
   * page counts further than itself.
   */
  total: number;
}

/** Whether signing in asks me for a code. */
export interface SecondFactor {
  enabled: boolean;
  /** Recovery codes that were not used yet. */
  recovery_codes: number;
  since?: Millis;
}

/** What the app on the phone needs. Shown once. */
export interface SecondFactorSecret {
  /** In base 32, to be typed. */
  secret: string;
  /** `otpauth://…`, to be scanned. */
  url: string;
}

/** A named part of my list of rooms. */
export interface Section {
  id: SectionId;
  name: string;
  /** In the order I gave them. */
  rooms: RoomId[];
}

/** A part of someone's own list of rooms. */
export type SectionId = string;

/**
 * An event's place in its room's log. The first event is 1 and there are no
 * holes; 0 is the cursor of someone who has seen nothing.
 */
export type Seq = number;

/** From one place in a log to another, both included. */
export interface SeqRange {
  from: Seq;
  to: Seq;
}

/** What a server may say. */
export type ServerFrame =
  | (Welcome & { type: 'welcome' })
  /** The command with this number was carried out. */
  | (Done & { type: 'ok' })
  /** It was not, and nothing changed. */
  | (Refused & { type: 'refused' })
  /** Something happened in a room that is followed here. */
  | (Event & { type: 'event' })
  /**
   * You are too far behind here, or on another log: load a page of this
   * room; what you hear next is after `head`.
   */
  | { type: 'reset'; head: Seq; room: RoomId }
  /** This room is yours now: you joined, made it or were added. Its events follow. */
  | (RoomState & { type: 'room' })
  /**
   * You hear nothing more of this room: you left, were removed, or it is no
   * longer for you to see.
   */
  | { type: 'gone'; room: RoomId }
  /** How far I have read here, on all my devices, and what waits for me. */
  | { type: 'read'; mentions?: number; room: RoomId; seq: Seq; unread: number }
  /** Where I stand in a thread, on all my devices. */
  | (Thread & { type: 'thread' })
  /** Who is typing here now, all of them; replaces what was said before. */
  | { type: 'typing'; room: RoomId; users: UserId[] }
  /**
   * Who is here now; replaces what was said before. Only their number when
   * they are more than [`crate::limits::PRESENCE_NAMED`].
   */
  | { type: 'presence'; away?: UserId[]; count: number; dnd?: UserId[]; room: RoomId; users?: UserId[] }
  /**
   * How far some members have read; of those not named, nothing new is said.
   * For members, and only in rooms of up to
   * [`crate::limits::RECEIPTS_SHOWN`] of them.
   */
  | { type: 'receipts'; got?: Record<string, Seq>; read: Record<string, Seq>; room: RoomId }
  /** My own settings of a room, changed on one of my devices. */
  | (Mine & { room: RoomId } & { type: 'mine' })
  /** My sections, all of them, changed on one of my devices. */
  | { type: 'sections'; sections: Section[] }
  /** Someone you know changed their name, face or about. */
  | (User & { type: 'user' })
  /** I chose something for myself, on any of my devices. */
  | (Preferences & { type: 'preferences' })
  /** A banner went up, for me among others. */
  | (Banner & { type: 'banner' })
  /** I dismissed it, on any of my devices. */
  | { type: 'banner_gone'; announcement: AnnouncementId }
  /**
   * What I have begun to write somewhere, as it is now; without text and
   * `reply` it is gone.
   */
  | (KeptDraft & { type: 'draft' })
  /** A message of mine that was to be sent later could not be. */
  | (Scheduled & { type: 'scheduled' })
  /** It is time. */
  | (Reminder & { type: 'reminder' })
  /** I changed one of the lists that I keep for myself, on any of my devices. */
  | { type: 'kept'; list: KeptList };

/** What anyone may know of this server before signing in. */
export interface ServerInfo {
  /** Whether guests may come in with just a name. */
  guests: boolean;
  name: string;
  /** Whether setting up asks for the code that the server printed. */
  needs_claim_code: boolean;
  /** Whether someone still has to make this server theirs. */
  needs_setup: boolean;
  /** Who may make an account. */
  sign_up?: SignUp;
  version: string;
}

/** What someone may do on the whole server; each includes the ones after it. */
export type ServerRole = 'owner' | 'admin' | 'member' | 'guest';

/** `GET /api/v1/admin/settings`: one setting, as it is now. */
export interface ServerSetting {
  choices?: string[];
  /** What it is while nobody chose. */
  default: string;
  /**
   * Given when the server was started: that wins, and cannot be changed
   * here.
   */
  fixed: boolean;
  /** One sentence: what it is for. */
  help: string;
  kind: SettingKind;
  max?: number;
  /** The most characters of a text. */
  max_chars?: number;
  min?: number;
  name: string;
  /** What a number counts, such as `days`. */
  unit?: string;
  value: string;
}

/** A signed-in browser or program of mine. */
export interface Session {
  /** What signed in, as it called itself (`User-Agent`, shortened). */
  agent: string;
  created_at: Millis;
  /** Whether it is the one asking. */
  current: boolean;
  expires_at: Millis;
  id: SessionId;
  /**
   * The network it signed in from: an address without its last part. Empty
   * when that was not noted.
   */
  network?: string;
  /** To within a few minutes. */
  seen_at: Millis;
}

/** A signed-in browser or program. */
export type SessionId = string;

/** `PUT /api/v1/admin/rooms/{room}/retention`: a rule for one room. */
export interface SetRetention {
  /** 0 keeps them for ever; absent or null leaves it to the server. */
  message_days?: number;
}

/**
 * What a setting's value looks like. On the wire and in the database every
 * value is text.
 */
export type SettingKind = 'text' | 'switch' | 'number' | 'choice';

/** `POST /api/v1/setup`: the first person makes the server theirs. */
export interface Setup {
  /** What the server printed; not needed from the same machine. */
  claim_code?: string;
  guests?: boolean;
  handle: string;
  name: string;
  password: string;
  server_name: string;
}

/** `POST /api/v1/sessions`: sign in. */
export interface SignIn {
  /** From the app, or a recovery code, where there is a second factor. */
  code?: string;
  handle: string;
  password: string;
  /** For programs: answer with a token and set no cookie. */
  token?: boolean;
}

/** Who may make an account. */
export type SignUp = 'invite' | 'open' | 'closed';

/** Someone is signed in now. */
export interface SignedIn {
  me: User;
  session: SessionId;
  /** Shown once. Send it as `Authorization: Bearer …` or in `hello`. */
  token?: string;
}

/** The refusal of a draft that another device has changed meanwhile. */
export interface StaleDraft extends Refusal {
  /** What is there instead. */
  newer: KeptDraft;
}

/** Where I stand after a receipt. */
export interface Standing {
  mentions?: number;
  read: Seq;
  unread: number;
}

/** A word about now: on holiday, in a meeting. */
export interface Status {
  emoji?: string;
  text?: string;
  /** When it ends by itself. Clients stop showing it then. */
  until?: Millis;
}

/** A file that is all there. */
export interface StoredFile {
  created_at: Millis;
  height?: number;
  id: FileId;
  media_type: string;
  name: string;
  size: number;
  thumbnail?: boolean;
  width?: number;
}

/** `PUT /api/v1/users/{user}/suspension`: for admins and owners. */
export interface Suspend {
  /** For the audit log. */
  reason?: string;
  /** When they may come back; within a year. */
  until: Millis;
}

/** A thread as someone stands in it. */
export interface Thread {
  /** Whether I hear of it. */
  follows: boolean;
  /** The newest reply. */
  last: Seq;
  last_at: Millis;
  /** Those of them that concern me. */
  mentions?: number;
  /** How far I have read it. */
  read: Seq;
  room: RoomId;
  /** The seq of the message it began with. */
  thread: Seq;
  /** Replies after that, tombstones not counted. */
  unread: number;
}

/** `POST /api/v1/token`: for programs. */
export type TokenGrant =
  /** Sign in. */
  | { code?: string; grant: 'password'; handle: string; password: string }
  /** Go on. The token is used up; one that is used twice ends the session. */
  | { grant: 'refresh'; refresh_token: string };

/** What a program goes on with. */
export interface Tokens {
  /** A JWT. Send it as `Authorization: Bearer …` or in `hello`. */
  access_token: string;
  /** Seconds until it is over. */
  expires_in: number;
  me: User;
  /** Good for one use. */
  refresh_token: string;
  session: SessionId;
}

/** `POST /api/v1/rooms/{room}/transfer`: to a member, who is its owner then. */
export interface TransferRoom {
  to: UserId;
}

/** A file on its way in. Bytes are taken from `offset` on. */
export interface Upload {
  /** The most bytes to send at once. */
  chunk: number;
  /** What has not arrived by then is thrown away. */
  expires_at: Millis;
  /** Once all have arrived. */
  file?: StoredFile;
  /** The file will be called the same. */
  id: FileId;
  name: string;
  /** How many bytes have arrived. */
  offset: number;
  size: number;
}

export interface User {
  about: string;
  /**
   * Names the picture at `/users/{id}/avatar`; another picture, another
   * name. Absent: no picture.
   */
  avatar?: string;
  /** A program with an account, answered for by a person. */
  bot?: boolean;
  created_at: Millis;
  deactivated: boolean;
  /** The account was erased: nobody signs in with it again. */
  erased?: boolean;
  /** Unique among accounts, without the `@`. Guests have none. */
  handle?: string;
  id: UserId;
  /** One or two letters for the face; empty to take them from the name. */
  initials: string;
  /** What is shown. Not unique. */
  name: string;
  pronouns?: string;
  role: ServerRole;
  /** What they say of now; gone once its time is over. */
  status?: Status;
  /** By its IANA name, such as `Europe/Berlin`; empty when not said. */
  time_zone?: string;
  /** What they do here. */
  title?: string;
}

/** A person, guest or bot with an account. */
export type UserId = string;

/** What a message said from one edit to the next. */
export interface Version {
  at: Millis;
  /** The event that made it say this. */
  seq: Seq;
  text: string;
}

/** One option of a poll that somebody chose. */
export interface Vote {
  count: number;
  /** Whether I chose it. */
  mine: boolean;
  option: number;
}

/** The answer to `hello`. */
export interface Welcome {
  /** The server's time now, so that clients can show theirs right. */
  at: Millis;
  /**
   * Cursors are worth something only together with this. It changes when a
   * backup is restored.
   */
  log_id: string;
  me: User;
  preferences?: Preferences;
  protocol: number;
  /** All rooms I belong to; each is followed from here on. */
  rooms: RoomState[];
  server: ServerInfo;
}

/** Why a message was not sent when it was time. */
export type WhyUnsent = 'not_signed_in' | 'not_a_member' | 'not_allowed' | 'archived' | 'missing' | 'invalid';
