import { expect, it } from 'vitest';
import { qrCode } from '../../src/core/qr';

const text = (length: number) => 'https://a.example/join/'.padEnd(length, 'Xy7-').slice(0, length);
const hashed = async (of: string) => [...new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(of)))].slice(0, 8).map((b) => b.toString(16).padStart(2, '0')).join('');
const printed = (length: number) => qrCode(text(length))!.map((row) => row.map(Number).join('')).join('\n');

// Each was compared, dot by dot, with what an independent encoder (python-qrcode 8) makes of the same text and mask.
it.each([
  [1, 21, '848f621f7ecfca7e'], [14, 21, '373babe76d962d23'], [15, 25, '502ad7c930198d9d'], [26, 25, 'bc89fb597dfa6e6a'], [40, 29, 'a2dd04dbe9caa625'], [60, 33, 'b0a43a047cc17789'],
  [84, 37, '4b5bb3ef7b5c6c45'], [100, 41, 'ad1d671d23abd252'], [120, 45, '13ffcd536ca1c098'], [150, 49, 'b1a82defbc6c7b57'], [180, 53, '52e072536391f66a'], [213, 57, 'f29ffe7d89a5135e'],
])('draws %i characters as others do', async (length, size, hash) => {
  expect(printed(length).indexOf('\n')).toBe(size);
  expect(await hashed(printed(length))).toBe(hash);
});

it('draws nothing of what does not fit', () => {
  expect(qrCode(text(214))).toBeUndefined();
});
