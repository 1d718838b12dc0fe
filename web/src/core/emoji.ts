// The server's own emoji by their names, asked for when one is first seen.

import { signal } from '@preact/signals';
import type { EmojiId } from '../protocol';
import { api } from './api';

const known = signal<ReadonlyMap<string, EmojiId>>(new Map());
let asked = new Set<string>();

/** The picture of `:name:`, if there is one. */
export function emojiOf(word: string): string | undefined {
  const id = known.value.get(word);
  if (id !== undefined) return `/api/v1/emoji/${encodeURIComponent(id)}`;
  if (!asked.has(word)) {
    asked.add(word);
    api.emoji().then((list) => { known.value = new Map(list.map((it) => [`:${it.name}:`, it.id])); }, () => { asked = new Set(); });
  }
  return undefined;
}
