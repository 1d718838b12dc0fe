// Colours for code: words that most languages share, strings, numbers, comments and calls. It looks at each character once or twice,
// knows no language by heart, and gives back exactly the text it was given. Loaded when a message with code is first seen.

export type Tone = 'k' | 's' | 'c' | 'f' | undefined;
export interface Piece {
  tone: Tone;
  text: string;
}

/** Longer code stays as it is. */
const LONGEST = 20_000;

const KEYWORDS = new Set((
  'abstract and as assert async await base begin bool boolean break byte case catch char class const constexpr continue crate def default defer del do double dyn elif else end enum '
  + 'except export extends extern false False fi final finally float fn for foreach from func function global go goto if impl implements import in inline instanceof int interface internal is '
  + 'lambda let local long loop match mod module move mut namespace new nil none None not null object of operator or override package pass priv private protected pub public raise readonly ref '
  + 'require return sealed self Self short signed sizeof static struct super switch then this throw throws trait true True try type typedef typeof undefined union unsafe unsigned until use using '
  + 'val var virtual void volatile when where while with yield select insert update delete from where join order group by into values create table alter drop set'
).split(' '));
const SQL = new Set(['sql', 'pgsql', 'sqlite', 'postgresql', 'mysql']);
const HASH = new Set(['python', 'py', 'sh', 'bash', 'shell', 'zsh', 'ruby', 'rb', 'yaml', 'yml', 'toml', 'perl', 'r', 'dockerfile', 'make', 'makefile', 'ini', 'elixir', 'nix', 'conf']);
const DASHES = new Set([...SQL, 'lua', 'haskell', 'hs', 'elm', 'ada']);
/** Where `'` is not always a pair. */
const LIFETIMES = new Set(['rust', 'rs', 'lisp', 'clojure', 'scheme', 'ocaml', 'haskell']);
const PLAIN = new Set(['', 'text', 'txt', 'plain', 'plaintext', 'log', 'console', 'markdown', 'md', 'diff']);

export function coloured(source: string, language: string): Piece[] {
  const name = language.toLowerCase();
  if (PLAIN.has(name) || source.length > LONGEST) return [{ tone: undefined, text: source }];
  const out: Piece[] = [];
  const put = (tone: Tone, text: string) => {
    const last = out.at(-1);
    if (last && last.tone === tone) last.text += text;
    else if (text) out.push({ tone, text });
  };
  let at = 0;
  while (at < source.length) {
    const [tone, end] = piece(source, at, name);
    put(tone, source.slice(at, end));
    at = end;
  }
  return out;
}

/** What begins here, and where it ends: always further on. */
function piece(source: string, at: number, language: string): [Tone, number] {
  const c = source[at]!;
  const two = source.slice(at, at + 2);
  if ((two === '//' && !HASH.has(language) && !SQL.has(language)) || (c === '#' && HASH.has(language)) || (two === '--' && DASHES.has(language))) return ['c', lineEnd(source, at)];
  if (two === '/*') return ['c', after(source, '*/', at + 2)];
  if (source.startsWith('<!--', at)) return ['c', after(source, '-->', at + 4)];
  if (c === '"' || c === '`' || (c === "'" && !LIFETIMES.has(language))) return ['s', stringEnd(source, at, c)];
  if (/[0-9]/.test(c)) return ['s', run(source, at, /[0-9a-zA-Z_.]/)];
  if (/[\p{L}_$]/u.test(c)) {
    const end = run(source, at, /[\p{L}\p{N}_$]/u);
    const word = source.slice(at, end);
    if (KEYWORDS.has(SQL.has(language) ? word.toLowerCase() : word)) return ['k', end];
    return [source[end] === '(' || source.startsWith('!(', end) ? 'f' : undefined, end];
  }
  return [undefined, at + 1];
}

function run(source: string, at: number, part: RegExp): number {
  let end = at + 1;
  while (end < source.length && part.test(source[end]!)) end++;
  return end;
}

function lineEnd(source: string, at: number): number {
  const end = source.indexOf('\n', at);
  return end < 0 ? source.length : end;
}

function after(source: string, sign: string, at: number): number {
  const end = source.indexOf(sign, at);
  return end < 0 ? source.length : end + sign.length;
}

/** To the same sign; but for templates, a string ends with its line. */
function stringEnd(source: string, at: number, sign: string): number {
  for (let i = at + 1; i < source.length; i++) {
    if (source[i] === '\\') i++;
    else if (source[i] === sign) return i + 1;
    else if (source[i] === '\n' && sign !== '`') return i;
  }
  return source.length;
}
