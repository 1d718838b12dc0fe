import type { Marks } from '../core/match';

/** A text with the places in it that were looked for. */
export function Marked({ text, marks }: { text: string; marks: Marks }) {
  if (marks.length === 0) return <>{text}</>;
  const parts = [];
  let at = 0;
  for (const [from, to] of marks) {
    if (from > at) parts.push(text.slice(at, from));
    parts.push(<mark key={from}>{text.slice(Math.max(from, at), to)}</mark>);
    at = Math.max(at, to);
  }
  parts.push(text.slice(at));
  return <>{parts}</>;
}

/** Places counted in characters, as the server counts them, as places in the text. */
export function inUnits(text: string, marks: readonly number[][]): Marks {
  const starts: number[] = [];
  let at = 0;
  for (const c of text) {
    starts.push(at);
    at += c.length;
  }
  starts.push(at);
  return marks.flatMap(([from, to]) => { const a = starts[from ?? -1]; const b = starts[to ?? -1]; return a === undefined || b === undefined ? [] : [[a, b] as const]; });
}
