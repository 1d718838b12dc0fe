// Which addresses are links: http, https and mailto, and only such as go where they seem to.

import { isAlphanumeric } from './chars';

const LENGTH = 2048;
const SCHEME = /https?:\/\/|mailto:/iy;
/** Space of any kind, what quotes or delimits, and what cannot be seen or turns the direction of what can. */
const ENDS = /[\0- "<>\\^`|\x7f-\xa0\xab\xad\xbb\u061c\u1680\u2000-\u206f\u3000-\u303f\ufeff\uff00-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65\u{e0000}-\u{e007f}]/u;

function scheme(s: string, at: number): number {
  SCHEME.lastIndex = at;
  return SCHEME.exec(s)?.[0].length ?? 0;
}

/** The address at a place. A closing bracket ends it unless the address has opened it; punctuation after it is the sentence's. */
export function find(s: string, at: number): { text: string; whole: string } | undefined {
  const from = at + scheme(s, at);
  if (from === at) return undefined;
  let [round, square, end] = [0, 0, from];
  for (; end < s.length; end++) {
    const c = String.fromCodePoint(s.codePointAt(end)!);
    if (c === '(') round++;
    else if (c === '[') square++;
    else if ((c === ')' && round-- === 0) || (c === ']' && square-- === 0) || ENDS.test(c)) break;
    end += c.length - 1;
  }
  let last = end;
  while (last > from && ".,;:!?'*_~([".includes(s[last - 1]!)) last--;
  return { text: s.slice(at, last), whole: s.slice(at, end) };
}

/** Whether it may be opened: it names a host that no `user@` before it can disguise, or someone to write to. */
export function isSafe(address: string): boolean {
  const from = scheme(address, 0);
  if (!from || [...address].length > LENGTH) return false;
  const rest = address.slice(from);
  if (/^m/i.test(address)) return rest.indexOf('@') > 0 && rest.indexOf('@') + 1 < rest.length;
  const host = /^[^/?#]*/.exec(rest)![0];
  return (host[0] === '[' || isAlphanumeric(String.fromCodePoint(host.codePointAt(0) ?? 0))) && !host.includes('@');
}
