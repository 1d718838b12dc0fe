import { expect, it } from 'vitest';
import { coloured } from '../../src/text/colour';
import hostile from '../hostile.json';

const RUST = 'let sent = outbox.push(client_id, "a \\" b"); // same id\nfn f<\'a>() -> u32 { 42 }';

it('tells words, calls, strings, numbers and comments apart', () => {
  const tones = coloured(RUST, 'rust').filter((p) => p.tone).map((p) => p.tone + ':' + p.text);
  expect(tones).toEqual(['k:let', 'f:push', 's:"a \\" b"', 'c:// same id', 'k:fn', 's:42']);
  expect(coloured('select 1 -- all\nFROM t', 'sql').filter((p) => p.tone).map((p) => p.text)).toEqual(['select', '1', '-- all', 'FROM']);
  expect(coloured('x = 1 # one', 'python').at(-1)).toEqual({ tone: 'c', text: '# one' });
});

it('gives back exactly what it was given, whatever that is', () => {
  const strings = JSON.stringify(hostile).match(/"(?:\\.|[^"\\])*"/g)!.map((s) => JSON.parse(s) as string);
  for (const source of [RUST, '"', "'", '`', '/*', '<!--', '\\', '', ...strings]) for (const language of ['rust', 'js', 'sql', '', 'x']) {
    expect(coloured(source, language).map((p) => p.text).join('')).toBe(source);
  }
});

it('stays quick on what is made to be slow', () => {
  const began = performance.now();
  for (const bad of ['"', '/*', '`\\', 'a(', '-', '<!-', "'\\"]) coloured(bad.repeat(19_000 / bad.length), 'js');
  expect(performance.now() - began).toBeLessThan(1_000);
});
