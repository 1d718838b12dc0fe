import { describe, expect, it } from 'vitest';
import raw from '../../../docs/markdown-vectors.json?raw';
import type { Block } from '../../src/text/nodes';
import { parse, plainText } from '../../src/text/parse';

interface Vector {
  name: string;
  source: string;
  refs?: string[];
  nodes: Block[];
}

describe('the vectors of the Markdown subset', () => {
  const vectors = JSON.parse(raw) as Vector[];
  expect(vectors.length).toBeGreaterThan(150);
  it.each(vectors)('$name', ({ source, refs, nodes }) => {
    expect(parse(source, (word) => refs?.includes(word) ?? false)).toEqual(nodes);
  });
});

it('reads text without its marks', () => {
  expect(plainText('**a** _b_ `c` [d](https://e.example)\n\n> f\n- g\n\n| h | i |\n| - | - |')).toBe('a b c d\nf\ng\nh i');
});

/** What a slip in the parser would make slow by the square or worse: seconds, not milliseconds. */
const HOSTILE: [name: string, part: string, times: number][] = [
  ['quotes', '> ', 10_000], ['quote signs', '>', 10_000], ['quote lines', '>\n', 8_000], ['lists', '- ', 10_000], ['stars', '*', 16_000],
  ['marks both ways', '*a_b', 4_000], ['openers', '*a _b **c ~~d ', 1_200], ['backticks', '` `` ``` ', 1_800], ['brackets', '[', 16_000],
  ['half links', '[a](https://a', 1_300], ['half links with an at sign', '[a](https://a@', 1_200], ['addresses', 'https://', 2_000],
  ['brackets in an address', 'http://[(', 1_800], ['handles', '@a_', 5_000], ['colons', ':a', 8_000], ['bars', '|', 16_000], ['tables', '|a|\n|-|\n', 2_000],
  ['fences', '```\n', 4_000], ['line breaks', '\n', 16_000], ['spaces', ' ', 16_000], ['items', '- a\n\n', 3_000], ['backslashes', '\\', 16_000],
];

it.each(HOSTILE)('reads %s at once', (_, part, times) => {
  const began = performance.now();
  parse(part.repeat(times) + 'a', () => true);
  parse(part.repeat(times) + '\n- item\n' + '\n'.repeat(8_000), () => true);
  expect(performance.now() - began).toBeLessThan(1_000);
});
