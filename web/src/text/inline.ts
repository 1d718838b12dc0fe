// What stands in lines: marks, code, links, words with a meaning. One pass from left to right. Whatever may open waits in a
// short stack with its place among the nodes; whatever closes takes the nodes since then and drops what was opened in between.
// When the stack is full the oldest is given up, so a source of nothing but openers costs no more than any other.

import { find, isSafe } from './address';
import { after, before, isAlphanumeric, isLetter, isSpace, mayFollowUnderscore, mayPrecedeUnderscore } from './chars';
import type { Inline, Mark } from './nodes';

const OPEN = 8;
const TICKS = 4;
const WORD = 64;

const ESCAPED = '\\`*_~[]>@#:|.)-';
const PLAIN = /[^\\`*_~[\]@#:hm]*/giy;
const HANDLE = /[A-Za-z0-9_.-]*/y;
const ROOM = /[\p{Alphabetic}\p{N}_.\-\u0300-\u036f\u0900-\u0963\u0966-\u109f]*/uy;
const EMOJI = /:[\w+-]{1,64}:/y;

interface Opener { sign: string; len: number; node: number; at: number; links: number }

/** Texts beside each other become one. */
export function joined(nodes: Inline[]): Inline[] {
  const out: Inline[] = [];
  for (const node of nodes) {
    const last = out.length - 1;
    if (typeof node === 'string' && typeof out[last] === 'string') out[last] += node;
    else out.push(node);
  }
  return out;
}

export function inline(s: string, isRef: (word: string) => boolean): Inline[] {
  const nodes: Inline[] = [];
  const open: Opener[] = [];
  const noMore = new Set<number>();
  let at = 0;
  let links = 0;
  let emojiEnd = -1;

  const match = (re: RegExp, from: number) => { re.lastIndex = from; return re.exec(s)?.[0] ?? ''; };
  const run = (sign: string, from: number) => { let n = 0; while (s[from + n] === sign) n++; return n; };
  const text = (len: number) => {
    if (len) nodes.push(s.slice(at, at + len));
    at += len;
  };
  const node = (mark: Mark, len: number) => {
    nodes.push(mark);
    at += len;
  };
  const begin = (sign: string, len: number) => {
    if (open.length === OPEN) open.shift();
    open.push({ sign, len, node: nodes.length, at, links });
    text(len);
  };
  /** The nodes since something was opened, which is no longer among them. */
  const since = (opener: Opener) => {
    const inside = joined(nodes.splice(opener.node + 1));
    nodes.pop();
    return inside;
  };
  const newest = (fits: (it: Opener) => boolean) => { let i = open.length - 1; while (i >= 0 && !fits(open[i]!)) i--; return i; };

  const code = () => {
    const ticks = run('`', at);
    if (ticks > TICKS || noMore.has(ticks)) return text(ticks);
    for (let end = at + ticks; ; ) {
      end = s.indexOf('`', end);
      if (end < 0) { noMore.add(ticks); return text(ticks); }
      const len = run('`', end);
      if (len !== ticks) { end += len; continue; }
      let inner = s.slice(at + ticks, end);
      // One space inside each end is there so that code may begin with a backtick.
      if (inner.length > 2 && inner.startsWith(' ') && inner.endsWith(' ') && [...inner].some((c) => !isSpace(c))) inner = inner.slice(1, -1);
      return node({ is: 'code', text: inner }, end + ticks - at);
    }
  };

  /** Ends what it can, and begins something with what is left. Longer rows are drawn lines and masked words. */
  const mark = (sign: string) => {
    const len = run(sign, at);
    if (sign === '*' ? len > 3 : len !== (sign === '_' ? 1 : 2)) return text(len);
    const [prev, next] = [before(s, at), after(s, at + len)];
    const plain = sign !== '_';
    const closes = prev && !isSpace(prev) && (plain || !next || mayFollowUnderscore(next));
    const opens = next && !isSpace(next) && (plain || !prev || mayPrecedeUnderscore(prev));
    let left = len;
    while (closes && left) {
      const i = newest((it) => it.sign === sign && (it.len === left || it.len === 3 || left === 3));
      if (i < 0) break;
      const opener = open[i]!;
      const used = Math.min(opener.len, left);
      const inside = since(opener);
      open.length = i;
      opener.len -= used;
      if (opener.len) {
        open.push(opener);
        nodes.push(sign.repeat(opener.len));
      }
      node(
        sign === '~' ? { is: 'del', nodes: inside }
          : used === 1 ? { is: 'em', nodes: inside }
            : { is: 'strong', nodes: used === 2 ? inside : [{ is: 'em', nodes: inside }] },
        used,
      );
      left -= used;
    }
    if (left && opens) begin(sign, left);
    else text(left);
  };

  /** A link, if its text shows something and holds no other link, and an address that may be opened follows in round brackets. */
  const link = () => {
    const i = newest((it) => it.sign === '[');
    const opener = open[i];
    if (!opener) return text(1);
    let shows = opener.at + 1;
    while (shows < at && isSpace(s[shows]!)) shows++;
    const to = s[at + 1] === '(' ? find(s, at + 2)?.whole : undefined;
    if (!to || shows === at || opener.links !== links || s[at + 2 + to.length] !== ')' || !isSafe(to)) {
      open.splice(i, 1);
      return text(1);
    }
    const inside = since(opener);
    open.length = i;
    links++;
    node({ is: 'link', to, nodes: inside }, to.length + 3);
  };

  const meant = (word: string, apart: boolean) => {
    if (apart && [...word].length <= WORD && isRef(word)) node({ is: 'ref', text: word }, word.length);
    else text(word.length);
  };

  /** `@handle` or `#room`. Whether or not it means something, no mark begins or ends within it. */
  const word = (sign: string) => {
    const prev = before(s, at);
    const first = after(s, at + 1);
    const begins = sign === '@' ? /^[A-Za-z0-9]/.test(first) : isAlphanumeric(first);
    if (!begins || isLetter(prev) || prev === sign || (prev === '&' && sign === '#')) return text(1);
    const name = match(sign === '@' ? HANDLE : ROOM, at + 1);
    const next = after(s, at + 1 + name.length);
    let len = name.length;
    while ('._-'.includes(name[len - 1]!)) len--;
    meant(sign + name.slice(0, len), !isLetter(next) && next !== sign);
  };

  /** `:name:`, also right after another. The `::` of programs is none. */
  const emoji = () => {
    const name = match(EMOJI, at);
    const prev = before(s, at);
    if (!name || isLetter(prev) || isLetter(after(s, at + name.length)) || (prev === ':' && emojiEnd !== at)) return text(1);
    meant(name, true);
    emojiEnd = at;
  };

  /** A bare address. What may not be opened is text, as a whole. */
  const address = () => {
    const found = isLetter(before(s, at)) ? undefined : find(s, at);
    if (!found) return text(1 + match(PLAIN, at + 1).length);
    const to = found.text;
    if (!isSafe(to)) return text(to.length);
    links++;
    node({ is: 'link', to, nodes: [to] }, to.length);
  };

  while (at < s.length) {
    const sign = s[at]!;
    if (sign === '\\') {
      const next = s[at + 1];
      if (next && ESCAPED.includes(next)) at++;
      text(1);
    } else if (sign === '`') code();
    else if (sign === '*' || sign === '_' || sign === '~') mark(sign);
    else if (sign === '[') begin(sign, 1);
    else if (sign === ']') link();
    else if (sign === '@' || sign === '#') word(sign);
    else if (sign === ':') emoji();
    else if (/[hm]/i.test(sign)) address();
    else text(1 + match(PLAIN, at + 1).length);
  }
  return joined(nodes);
}
