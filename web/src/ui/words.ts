import type { Message, RoomRole, ServerRole, User, UserId } from '../protocol';

const LOCALE = undefined; // the platform's
const DAY = 86_400_000;

const hhmm = new Intl.DateTimeFormat(LOCALE, { hour: '2-digit', minute: '2-digit' });
const full = new Intl.DateTimeFormat(LOCALE, { dateStyle: 'full', timeStyle: 'short' });
const weekday = new Intl.DateTimeFormat(LOCALE, { weekday: 'long', day: 'numeric', month: 'long' });
const withYear = new Intl.DateTimeFormat(LOCALE, { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });
const short = new Intl.DateTimeFormat(LOCALE, { day: 'numeric', month: 'long', year: 'numeric' });
const list = new Intl.ListFormat(LOCALE, { type: 'conjunction' });
const plural = new Intl.PluralRules('en');

export const time = (at: number): string => hhmm.format(at);
/** For the gutter, where there is no room for AM and PM. */
export const shortTime = (at: number): string => hhmm.formatToParts(at).filter((p) => p.type !== 'dayPeriod').map((p) => p.value).join('').trim();
export const fullTime = (at: number): string => full.format(at);
export const date = (at: number): string => short.format(at);
export const names = (all: readonly string[]): string => list.format(all);

/** "3 people", "1 message". */
export const count = (n: number, one: string, many: string): string =>
  `${n.toLocaleString(LOCALE)} ${plural.select(n) === 'one' ? one : many}`;

export const dayKey = (at: number): string => new Date(at).toDateString();

export function day(at: number, now = Date.now()): string {
  if (dayKey(at) === dayKey(now)) return 'Today';
  if (dayKey(at) === dayKey(now - DAY)) return 'Yesterday';
  return (new Date(at).getFullYear() === new Date(now).getFullYear() ? weekday : withYear).format(at);
}

export const ROLE: Record<RoomRole, string> = { owner: 'Owner', moderator: 'Moderator', member: 'Member', guest: 'Guest' };

export const SERVER_ROLE: Record<ServerRole, string> = { owner: 'Owner', admin: 'Admin', member: 'Member', guest: 'Guest' };

/** What someone says of now, while it lasts. */
export function statusLine(user: User, now = Date.now()): string {
  const s = user.status;
  if (!s || (s.until !== undefined && s.until <= now)) return '';
  return [s.emoji, s.text].filter(Boolean).join(' ');
}

const HOURS_APART = 2;

/** The time where someone is, when it is another one than here by two hours or more. */
export function localTime(zone: string, now = Date.now()): string {
  try {
    const there = (z?: string) => new Intl.DateTimeFormat('en', { hour: 'numeric', minute: 'numeric', day: 'numeric', hourCycle: 'h23', ...(z ? { timeZone: z } : {}) }).formatToParts(now);
    const minutes = (p: Intl.DateTimeFormatPart[]) => { const n = (type: string) => Number(p.find((it) => it.type === type)?.value); return (n('day') * 24 + n('hour')) * 60 + n('minute'); };
    const apart = Math.abs(minutes(there(zone)) - minutes(there()));
    return apart >= HOURS_APART * 60 ? `${new Intl.DateTimeFormat(LOCALE, { hour: '2-digit', minute: '2-digit', timeZone: zone }).format(now)} there` : '';
  } catch {
    // A zone this browser does not know.
    return '';
  }
}

/** A moment in a list: the time today, else the day. */
export const moment = (at: number, now = Date.now()): string => (dayKey(at) === dayKey(now) ? time(at) : date(at));

/** A system line. `who` are its people when several lines became one. */
export function systemLine(m: Message, nameOf: (u: UserId) => string, who: readonly UserId[]): string {
  const author = nameOf(m.author);
  switch (m.kind) {
    case 'created':
      return m.access === 'direct' ? 'This is the beginning of your conversation' : `${author} made the room ${m.name}`;
    case 'joined':
      return m.user === m.author ? `${names(who.map(nameOf))} joined` : `${author} added ${names(who.map(nameOf))}`;
    case 'left':
      return m.user === m.author ? `${names(who.map(nameOf))} left` : `${author} removed ${names(who.map(nameOf))}`;
    case 'role_changed':
      return `${author} made ${nameOf(m.user)} ${({ owner: 'an owner', moderator: 'a moderator', member: 'a member', guest: 'a guest' } as const)[m.role]}`;
    case 'renamed':
      return `${author} renamed the room to ${m.name}`;
    case 'topic_changed':
      return m.topic ? `${author} set the topic: ${m.topic}` : `${author} removed the topic`;
    case 'rules_changed':
      return `${author} changed who may do what here`;
    case 'access_changed':
      return m.access === 'open' ? `${author} opened the room to everyone` : `${author} closed the room`;
    case 'converted':
      return `${author} made this conversation the room ${m.name}`;
    case 'archived':
      return `${author} archived the room`;
    case 'restored':
      return `${author} reopened the room`;
    case 'pinned':
      return `${author} pinned a message`;
    default:
      return 'Something happened that this page is too old to show';
  }
}

export function typingLine(who: readonly string[]): string {
  const [a, b, c] = who;
  if (c !== undefined) return `${a}, ${b} and ${count(who.length - 2, 'other', 'others')} are typing`;
  return b === undefined ? `${a} is typing` : `${a} and ${b} are typing`;
}
