// Filters within the words of a search. The words are the truth; chips only show what stands in them.

const FILTER = /(?<![^\s])(?:from|in|has|is|before|after|on):\S+/g;
const QUOTED = /"(?:\\.|[^"\\])*"?/g;

/** What stands in quotes is text, not a filter. */
const outside = (q: string): string => q.replace(QUOTED, (it) => ' '.repeat(it.length));

export const filtersOf = (q: string): string[] => [...outside(q).matchAll(FILTER)].map((it) => it[0]);

export function addFilter(q: string, filter: string): string {
  return filtersOf(q).includes(filter) ? q : `${q.trim()} ${filter}`.trim();
}

export function removeFilter(q: string, filter: string): string {
  const at = [...outside(q).matchAll(FILTER)].find((it) => it[0] === filter)?.index;
  return at === undefined ? q : (q.slice(0, at) + q.slice(at + filter.length)).replace(/\s+/g, ' ').trim();
}

/** The filter being written at the end, where its values can be named. */
export function filterBegun(q: string): { name: 'from' | 'in' | 'has' | 'is'; value: string; at: number } | undefined {
  const found = /(?:^|\s)((from|in|has|is):(\S*))$/.exec(outside(q));
  return found ? { name: found[2] as 'from', value: found[3]!, at: q.length - found[1]!.length } : undefined;
}
