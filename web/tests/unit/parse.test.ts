import { expect, it } from 'vitest';
import { parse, safeHref } from '../../src/text/parse';

const link = (href: string, text = href) => ({ t: 'a', href, text });

it('leaves text exactly as typed', () => {
  for (const text of ["it's <b> & 1 < 2", 'a\n\n  b', '<script>alert(1)</script>', '&amp;']) expect(parse(text)).toEqual([text]);
});

it('links bare addresses without the punctuation after them', () => {
  expect(parse('see https://a.example/x).')).toEqual(['see ', link('https://a.example/x'), ').']);
  expect(parse('(https://a.example/w_(x))')).toEqual(['(', link('https://a.example/w_(x)'), ')']);
  expect(parse('HTTP://A.example')).toEqual([link('http://a.example/', 'HTTP://A.example')]);
  expect(parse('xhttps://a.example')).toEqual(['xhttps://a.example']);
});

it('never links anything but http, https and mailto', () => {
  expect(parse('javascript:alert(1) data:text/html,x file:///etc')).toEqual(['javascript:alert(1) data:text/html,x file:///etc']);
  expect(safeHref('javascript:alert(1)')).toBeUndefined();
  expect(safeHref('mailto:a@b.example')).toBe('mailto:a@b.example');
});

it('is total and quick on hostile input', () => {
  for (const bad of ['https://x' + ')'.repeat(16_000), 'https://x' + '.'.repeat(16_000) + 'a', 'https://'.repeat(2000), '('.repeat(16_000)]) {
    const t = performance.now();
    expect(parse(bad).map((n) => (typeof n === 'string' ? n : n.text)).join('')).toBe(bad);
    expect(performance.now() - t).toBeLessThan(200);
  }
});
