import type {
  Account, Announcement, AnnouncementDraft, AnnouncementId, AuditEntry, AuditId, ChangeMine, ChangePreferences, ChangeProfile, ChangeRoom,
  ChangeUser, Code, CreateInvite, CreateRoom, DraftSection, Emoji, Erase, GuestLink, GuestLinkPreview, Invite, InviteId, InvitePreview, Job,
  KeptDraft, Keywords, LinkId, Member, Message, Mine, Page, Preferences, ProveMyself, Receipt, RecoveryCodes, Refusal, Register, Remind, Reminder,
  ReminderId, Report, ReportId, ResetLink, ResetPassword, Resolve, RetentionPreview, Room, RoomBan, RoomId, RoomRole, RoomState, Scheduled,
  ScheduledId, ScheduleMessage, SearchResults, SecondFactor, SecondFactorSecret, Section, Seq, ServerInfo, ServerSetting, Session, Setup, SignedIn,
  Standing, Suspend, Thread, User, UserId, Version,
} from '../protocol';

/** The server said no. */
export class RefusedError extends Error {
  constructor(readonly refusal: Refusal) {
    super(refusal.message);
  }
  get code(): Code {
    return this.refusal.code;
  }
}

/** No word from the server. */
export class NoAnswerError extends Error {}

const TIME_LIMIT = 20_000;

/** `body` goes as JSON, or as it is when it is bytes. */
export async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  let response: Response;
  try {
    response = await fetch('/api/v1/' + path, {
      method,
      credentials: 'same-origin',
      signal: AbortSignal.timeout(TIME_LIMIT),
      ...(body === undefined ? {} : body instanceof Blob ? { headers: { 'content-type': body.type }, body } : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
  } catch {
    throw new NoAnswerError("Can't reach the server. Check your connection and try again.");
  }
  const text = await response.text().catch(() => '');
  let value: unknown;
  try {
    value = text ? JSON.parse(text) : undefined;
  } catch {
    value = undefined;
  }
  if (response.ok) return value as T;
  if (isRefusal(value)) throw new RefusedError(value);
  // A proxy in between answered, or the server is starting.
  throw new NoAnswerError(`The server could not answer (${response.status}). Try again in a moment.`);
}

function isRefusal(value: unknown): value is Refusal {
  return typeof value === 'object' && value !== null && 'code' in value && 'message' in value;
}

export const query = (params: Record<string, string | number | undefined>): string => {
  const q = new URLSearchParams();
  for (const [k, v] of Object.entries(params)) if (v !== undefined) q.set(k, String(v));
  const s = q.toString();
  return s && '?' + s;
};

export const api = {
  server: () => call<ServerInfo>('GET', 'server'),
  setup: (body: Setup) => call<SignedIn>('POST', 'setup', body),
  signIn: (handle: string, password: string, code?: string) => call<SignedIn>('POST', 'sessions', { handle, password, ...(code ? { code } : {}) }),
  guestLink: (secret: string) => call<GuestLinkPreview>('GET', `guest-links/${encodeURIComponent(secret)}`),
  enterByLink: (name: string, link: string) => call<SignedIn>('POST', 'guests', { name, link }),
  resetPassword: (body: ResetPassword) => call<void>('POST', 'reset', body),
  secondFactor: () => call<SecondFactor>('GET', 'me/second-factor'),
  beginSecondFactor: (password: string) => call<SecondFactorSecret>('POST', 'me/second-factor', { password }),
  confirmSecondFactor: (code: string) => call<RecoveryCodes>('POST', 'me/second-factor/confirm', { code }),
  endSecondFactor: (body: ProveMyself) => call<void>('POST', 'me/second-factor/end', body),
  newRecoveryCodes: (body: ProveMyself) => call<RecoveryCodes>('POST', 'me/second-factor/recovery-codes', body),
  endOtherSessions: () => call<void>('DELETE', 'sessions'),
  keywords: () => call<Keywords>('GET', 'me/keywords'),
  putKeywords: (words: string[]) => call<Keywords>('PUT', 'me/keywords', { words }),
  drafts: () => call<KeptDraft[]>('GET', 'drafts'),
  schedule: (room: RoomId, body: ScheduleMessage) => call<Scheduled>('POST', `rooms/${room}/scheduled`, body),
  unschedule: (id: ScheduledId) => call<void>('DELETE', `scheduled/${id}`),
  remind: (body: Remind) => call<Reminder>('POST', 'reminders', body),
  endReminder: (id: ReminderId) => call<void>('DELETE', `reminders/${id}`),
  dismissBanner: (id: AnnouncementId) => call<void>('POST', `announcements/${id}/dismiss`),
  report: (room: RoomId, seq: Seq, reason: string) => call<void>('POST', `rooms/${room}/messages/${seq}/reports`, { reason }),
  reports: (before?: ReportId) => call<Report[]>('GET', 'reports' + query({ before, limit: 50 })),
  resolveReport: (id: ReportId, body: Resolve) => call<Report>('POST', `reports/${id}/resolution`, body),
  removeMessage: (room: RoomId, seq: Seq) => call<unknown>('DELETE', `rooms/${room}/messages/${seq}`),
  announcements: () => call<Announcement[]>('GET', 'admin/announcements'),
  announce: (body: AnnouncementDraft) => call<Announcement>('POST', 'admin/announcements', body),
  unannounce: (id: AnnouncementId) => call<void>('DELETE', `admin/announcements/${id}`),
  suspend: (user: UserId, body: Suspend) => call<User>('PUT', `users/${user}/suspension`, body),
  unsuspend: (user: UserId) => call<User>('DELETE', `users/${user}/suspension`),
  resetLink: (user: UserId) => call<ResetLink>('POST', `users/${user}/reset`),
  removeSecondFactor: (user: UserId) => call<void>('DELETE', `users/${user}/second-factor`),
  erase: (user: UserId, body: Erase) => call<User>('POST', `users/${user}/erase`, body),
  account: (user: UserId) => call<Account>('GET', `users/${user}/account`),
  retentionPreview: () => call<RetentionPreview>('GET', 'admin/retention/preview'),
  jobs: () => call<Job[]>('GET', 'admin/jobs'),
  guestLinks: (room: RoomId) => call<GuestLink[]>('GET', `rooms/${room}/guest-links`),
  createGuestLink: (room: RoomId) => call<GuestLink>('POST', `rooms/${room}/guest-links`, {}),
  revokeGuestLink: (room: RoomId, link: LinkId) => call<void>('DELETE', `rooms/${room}/guest-links/${link}`),
  bans: (room: RoomId) => call<RoomBan[]>('GET', `rooms/${room}/bans`),
  ban: (room: RoomId, user: UserId, reason: string) => call<RoomBan>('PUT', `rooms/${room}/bans/${user}`, { reason }),
  unban: (room: RoomId, user: UserId) => call<void>('DELETE', `rooms/${room}/bans/${user}`),
  signOut: () => call<void>('DELETE', 'sessions/current'),
  register: (body: Register) => call<SignedIn>('POST', 'register', body),
  enterAsGuest: (name: string) => call<SignedIn>('POST', 'guests', { name }),
  sessions: () => call<Session[]>('GET', 'sessions'),
  endSession: (id: string) => call<void>('DELETE', `sessions/${id}`),
  changePassword: (current: string, next: string) => call<void>('POST', 'password', { current, new: next }),
  me: () => call<User>('GET', 'me'),
  changeProfile: (change: ChangeProfile) => call<User>('PATCH', 'me', change),
  putAvatar: (picture: Blob) => call<User>('PUT', 'me/avatar', picture),
  removeAvatar: () => call<User>('DELETE', 'me/avatar'),
  users: (ids: readonly UserId[]) => call<User[]>('GET', 'users' + query({ ids: ids.join(',') })),
  everyone: (after?: UserId) => call<User[]>('GET', 'users' + query({ after, limit: 200 })),
  createInvite: (body: CreateInvite = {}) => call<Invite>('POST', 'invites', body),
  invites: () => call<Invite[]>('GET', 'invites'),
  revokeInvite: (invite: InviteId) => call<void>('DELETE', `invites/${invite}`),
  changeUser: (user: UserId, change: ChangeUser) => call<User>('PATCH', `users/${user}`, change),
  putArchived: (room: RoomId, archived: boolean) => call<unknown>('PUT', `rooms/${room}/archived`, { archived }),
  putNewcomers: (room: RoomId, newcomers: boolean) => call<unknown>('PUT', `rooms/${room}/newcomers`, { newcomers }),
  takeOver: (room: RoomId) => call<unknown>('POST', `rooms/${room}/take-over`),
  serverSettings: () => call<ServerSetting[]>('GET', 'admin/settings'),
  putServerSettings: (values: Record<string, string | null>) => call<ServerSetting[]>('PATCH', 'admin/settings', values),
  audit: (how: { before?: AuditId | undefined; deed?: string | undefined; limit: number }) => call<AuditEntry[]>('GET', 'admin/audit' + query(how)),
  invitePreview: (secret: string) => call<InvitePreview>('GET', `invites/by-secret/${encodeURIComponent(secret)}`),
  room: (room: RoomId) => call<RoomState>('GET', `rooms/${encodeURIComponent(room)}`),
  openRooms: (after?: RoomId, named?: string) => call<Room[]>('GET', 'rooms/open' + query({ after, named: named || undefined, limit: 100 })),
  createRoom: (body: CreateRoom) => call<RoomState>('POST', 'rooms', body),
  openDirect: (users: UserId[]) => call<RoomState>('POST', 'directs', { users }),
  changeRoom: (room: RoomId, change: ChangeRoom) => call<unknown>('PATCH', `rooms/${room}`, change),
  join: (room: RoomId) => call<unknown>('POST', `rooms/${room}/join`),
  leave: (room: RoomId) => call<unknown>('POST', `rooms/${room}/leave`),
  members: (room: RoomId, after?: UserId) => call<Member[]>('GET', `rooms/${room}/members` + query({ after, limit: 200 })),
  putMember: (room: RoomId, user: UserId, role: RoomRole) => call<unknown>('PUT', `rooms/${room}/members/${user}`, { role }),
  removeMember: (room: RoomId, user: UserId) => call<unknown>('DELETE', `rooms/${room}/members/${user}`),
  page: (room: RoomId, at: { before?: Seq; after?: Seq; around?: Seq }, limit: number) =>
    call<Page>('GET', `rooms/${room}/messages` + query({ ...at, limit })),
  thread: (room: RoomId, root: Seq, before: Seq | undefined, limit: number) =>
    call<Page>('GET', `rooms/${room}/threads/${root}/messages` + query({ before, limit })),
  react: (room: RoomId, seq: Seq, emoji: string, on: boolean) =>
    call<unknown>(on ? 'PUT' : 'DELETE', `rooms/${room}/messages/${seq}/reactions/${encodeURIComponent(emoji)}`),
  reacted: (room: RoomId, seq: Seq, emoji: string) => call<UserId[]>('GET', `rooms/${room}/messages/${seq}/reactions/${encodeURIComponent(emoji)}`),
  vote: (room: RoomId, seq: Seq, option: number, on: boolean) => call<unknown>(on ? 'PUT' : 'DELETE', `rooms/${room}/messages/${seq}/votes/${option}`),
  pin: (room: RoomId, seq: Seq, on: boolean) => call<unknown>(on ? 'PUT' : 'DELETE', `rooms/${room}/pins/${seq}`),
  removePreview: (room: RoomId, seq: Seq) => call<unknown>('DELETE', `rooms/${room}/messages/${seq}/preview`),
  emoji: () => call<Emoji[]>('GET', 'emoji'),
  pins: (room: RoomId) => call<Message[]>('GET', `rooms/${room}/pins`),
  versions: (room: RoomId, seq: Seq) => call<Version[]>('GET', `rooms/${room}/messages/${seq}/versions`),
  unreadThreads: () => call<Thread[]>('GET', 'threads?unread=true'),
  threadPlace: (room: RoomId, root: Seq) => call<Thread>('GET', `rooms/${room}/threads/${root}`),
  followThread: (room: RoomId, root: Seq, follows: boolean) => call<Thread>('PUT', `rooms/${room}/threads/${root}`, { follows }),
  readThread: (room: RoomId, root: Seq, read: Seq) => call<unknown>('PUT', `rooms/${room}/threads/${root}`, { read }),
  receipts: (room: RoomId) => call<Receipt[]>('GET', `rooms/${room}/receipts`),
  changeMine: (room: RoomId, change: ChangeMine) => call<Mine>('PATCH', `rooms/${room}/mine`, change),
  sections: () => call<Section[]>('GET', 'me/sections'),
  putSections: (sections: DraftSection[]) => call<Section[]>('PUT', 'me/sections', { sections }),
  changePreferences: (change: ChangePreferences) => call<Preferences>('PATCH', 'me/preferences', change),
  threads: (before?: number) => call<Thread[]>('GET', 'threads' + query({ before, limit: 30 })),
  message: (room: RoomId, seq: Seq) => call<Message>('GET', `rooms/${room}/messages/${seq}`),
  search: (q: string, how: { order?: 'newest' | 'best'; cursor?: string; limit?: number; neighbours?: boolean }) =>
    call<SearchResults>('GET', 'search' + query({ q, ...how, neighbours: how.neighbours ? 'true' : undefined, zone: Intl.DateTimeFormat().resolvedOptions().timeZone })),
  putReceipt: (room: RoomId, seq: Seq) => call<Standing>('PUT', `rooms/${room}/receipt`, { seq }),
};

/** One sentence for people. */
export const sentence = (error: unknown): string =>
  error instanceof Error && error.message ? error.message : 'Something went wrong here. Nothing was lost.';
