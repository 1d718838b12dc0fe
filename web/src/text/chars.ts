// Kinds of characters: the same sets as the server's.

const ALPHANUMERIC = /[\p{Alphabetic}\p{N}]/u;
/** Scripts written without spaces: what stands beside a mark there is nearly always a letter. */
const SPACELESS = /[\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u2e80-\ua4cf\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\uff00-\uffef\u{1aff0}-\u{1b16f}\u{20000}-\u{3ffff}]/u;
const SPACE = /\p{White_Space}/u;

export const isAlphanumeric = (c: string) => ALPHANUMERIC.test(c);
export const isSpace = (c: string) => SPACE.test(c);
export const isLetter = (c: string) => ALPHANUMERIC.test(c) && !SPACELESS.test(c);
/** Not within snake_case, and not within ^_^ or >_<. */
export const mayPrecedeUnderscore = (c: string) => (c < '\x80' ? /[\s*~([{"']/.test(c) : !isLetter(c));
export const mayFollowUnderscore = (c: string) => (c < '\x80' ? /[\s*~)\]}"'.,;:!?]/.test(c) : !isLetter(c));

/** The characters around a place, whole ones. */
export function before(s: string, at: number): string {
  const last = s.charCodeAt(at - 1);
  return s.slice(last >= 0xdc00 && last < 0xe000 ? at - 2 : at - 1, at);
}
export const after = (s: string, at: number) => (at < s.length ? String.fromCodePoint(s.codePointAt(at)!) : '');

export function trim(s: string): string {
  let from = 0;
  let to = s.length;
  while (from < to && isSpace(s[from]!)) from++;
  while (to > from && isSpace(s[to - 1]!)) to--;
  return s.slice(from, to);
}
