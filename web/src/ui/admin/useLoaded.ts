import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { sentence } from '../../core/api';

/** What the server answers, or why it does not. */
export function useLoaded<T>(load: () => Promise<T>) {
  const value = useSignal<T | undefined>(undefined);
  const wrong = useSignal('');
  const again = () => load().then((found) => { value.value = found; wrong.value = ''; }, (e: unknown) => { wrong.value = sentence(e); });
  useEffect(() => void again(), []);
  return { value, wrong, again };
}

/** Everything of a list that comes in pages, up to so many. */
export async function pages<T extends { id: string }>(load: (after?: string) => Promise<T[]>, size: number, most: number): Promise<T[]> {
  const out: T[] = [];
  while (out.length < most) {
    const page = await load(out.at(-1)?.id);
    out.push(...page);
    if (page.length < size) break;
  }
  return out;
}
