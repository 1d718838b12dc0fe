// Moments to choose from, for what is to happen later.

const HOUR = 3_600_000;
const MORNING = 9;

export const LATER: readonly (readonly [name: string, at: (now: Date) => Date])[] = [
  ['In an hour', (now) => new Date(now.getTime() + HOUR)],
  ['In 3 hours', (now) => new Date(now.getTime() + 3 * HOUR)],
  ['Tomorrow morning', (now) => new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1, MORNING)],
  ['Monday morning', (now) => new Date(now.getFullYear(), now.getMonth(), now.getDate() + ((8 - now.getDay()) % 7 || 7), MORNING)],
];

/** As a field for date and time wants it, in the time of this place. */
export function asLocal(at: Date): string {
  const two = (n: number) => String(n).padStart(2, '0');
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${two(at.getHours())}:${two(at.getMinutes())}`;
}
