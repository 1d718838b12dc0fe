import { cleanup, render } from '@testing-library/preact';
import { afterEach, expect, it } from 'vitest';
import { me } from '../../src/core/store';
import type { Reference } from '../../src/protocol';
import { safeHref, Text } from '../../src/text/Text';

const bob = { id: '2', handle: 'bob', name: 'Bob Baker', initials: '', about: '', role: 'member' as const, deactivated: false, created_at: 0 };
const REFS: Reference[] = [
  { text: '@bob', is: 'user', id: '2' }, { text: '@alice', is: 'user', id: '1' }, { text: '@here', is: 'here' },
  { text: '#kitchen', is: 'room', id: '9' }, { text: ':party:', is: 'emoji', id: '7' }, { text: 'rs', is: 'language', name: 'rust' },
];
const draw = (source: string) => render(<div class="b"><Text source={source} refs={REFS} /></div>).container.firstElementChild as HTMLElement;
afterEach(cleanup);

it('draws markup as text', () => {
  for (const source of ['<script>alert(1)</script>', '<img src=x onerror=alert(1)>', '&lt;b&gt;', '**<b>x</b>**'.slice(2, -2)]) {
    const at = draw(source);
    expect(at.children.length).toBe(0);
    expect(at.textContent).toBe(source);
  }
});

it('opens links elsewhere, and only such as may be opened', () => {
  const a = draw('[a](https://example.org)').querySelector('a')!;
  expect([a.href, a.target, a.rel]).toEqual(['https://example.org/', '_blank', 'noopener noreferrer']);
  expect(draw('[a](javascript:alert(1)) [b](data:text/html,x)').querySelector('a')).toBeNull();
  // An address by its looks, and none to a browser.
  expect(draw('https://[a]b').querySelector('a')).toBeNull();
  for (const bad of ['javascript:alert(1)', 'data:text/html,x', 'file:///etc', '/r/1', '//a.example', 'x']) expect(safeHref(bad)).toBeUndefined();
});

it('tells a mention of me from one of somebody else', () => {
  me.value = bob;
  const at = draw('@bob @alice @here @nobody');
  expect([...at.querySelectorAll('.at')].map((it) => [it.textContent, it.classList.contains('you')])).toEqual([['@bob', true], ['@alice', false], ['@here', true]]);
});

it('leads to a room, and shows an emoji', () => {
  expect(draw('#kitchen').querySelector('a')!.getAttribute('href')).toBe('/r/9');
  const img = draw('hi :party:').querySelector('img')!;
  expect([img.getAttribute('src'), img.alt]).toEqual(['/api/v1/emoji/7', ':party:']);
});

it('puts no link into a link', () => {
  expect(draw('[see #kitchen](https://example.org)').querySelectorAll('a').length).toBe(1);
});

it('draws up to three emoji alone large', () => {
  for (const large of ['👍', '👩‍👩‍👧 🇩🇪', ':party: 🎉 1️⃣']) expect(draw(large).querySelector('.large'), large).toBeTruthy();
  for (const usual of ['👍👍👍👍', '👍 yes', '1', '#', '**👍** x', '']) expect(draw(usual).querySelector('.large'), usual).toBeNull();
});

it('draws code with its language, lists with their numbers, tables with their sides', () => {
  const code = draw('```rs\nlet a = "<b>";\n```');
  expect(code.querySelector('.bar span')!.textContent).toBe('rust');
  expect(code.querySelector('pre')!.textContent).toBe('let a = "<b>";');
  expect(draw('3. a\n4. b').querySelector('ol')!.start).toBe(3);
  const table = draw('| a | b |\n| :-: | - |\n| c | d |');
  expect([...table.querySelectorAll('th, td')].map((it) => it.className)).toEqual(['center', '', 'center', '']);
});
