// How well a name answers what is typed: by the beginnings of its words, by initials, or with one typo.

/** Places in the name, from and to. */
export type Marks = readonly (readonly [number, number])[];
export interface Match {
  /** Higher is better. */
  score: number;
  marks: Marks;
}

const START = 100;
const WORD = 80;
const INITIALS = 60;
const INSIDE = 40;
const TYPO = 20;

/** Without case and accents, as long as the text itself, so that places in it stay right. */
export const folded = (text: string): string => [...text].map((c) => c.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().slice(0, c.length).padEnd(c.length)).join('');

export function match(name: string, query: string): Match | undefined {
  const q = folded(query.trim());
  if (!q) return { score: 0, marks: [] };
  const n = folded(name);
  const short = 1 / (1 + n.length);
  const at = n.indexOf(q);
  if (at === 0) return { score: START + short, marks: [[0, q.length]] };
  const starts = wordStarts(n);
  const word = starts.find((s) => n.startsWith(q, s));
  if (word !== undefined) return { score: WORD + short, marks: [[word, word + q.length]] };
  const words = q.split(/\s+/);
  if (words.length > 1) {
    const marks = words.map((w) => { const s = starts.find((it) => n.startsWith(w, it)); return s === undefined ? undefined : ([s, s + w.length] as const); });
    if (marks.every((m) => m !== undefined)) return { score: WORD - 1 + short, marks: [...marks].sort((a, b) => a[0] - b[0]) };
  }
  if (q.length > 1 && starts.map((s) => n[s]).join('').startsWith(q)) return { score: INITIALS + short, marks: starts.slice(0, q.length).map((s) => [s, s + 1] as const) };
  if (at > 0) return { score: INSIDE + short, marks: [[at, at + q.length]] };
  if (q.length > 3 && starts.some((s) => nearly(n.slice(s, s + q.length + 1), q))) return { score: TYPO + short, marks: [] };
  return undefined;
}

function wordStarts(n: string): number[] {
  const out: number[] = [];
  for (let i = 0; i < n.length; i++) if (/[\p{L}\p{N}]/u.test(n[i]!) && (i === 0 || !/[\p{L}\p{N}]/u.test(n[i - 1]!))) out.push(i);
  return out;
}

/** Whether the text begins with the query but for one letter: another, missing, too many, or two changed over. */
function nearly(text: string, q: string): boolean {
  let i = 0;
  while (i < q.length && text[i] === q[i]) i++;
  const rest = (a: number, b: number) => text.slice(a).startsWith(q.slice(b));
  return rest(i + 1, i + 1) || rest(i, i + 1) || rest(i + 1, i) || (text[i] === q[i + 1] && text[i + 1] === q[i] && rest(i + 2, i + 2));
}
