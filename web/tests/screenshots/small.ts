// A PNG of a screen with at most 256 colours: a quarter of the size, and nobody sees the difference.

import { deflateSync, inflateSync } from 'node:zlib';

const COLOURS = 256;
/** Colours nearer than this are counted as one. */
const COARSE = 0xf8f8f8;

interface Chunk {
  kind: string;
  data: Buffer;
}

function* chunks(png: Buffer): Generator<Chunk> {
  for (let at = 8; at < png.length; ) {
    const size = png.readUInt32BE(at);
    yield { kind: png.toString('latin1', at + 4, at + 8), data: png.subarray(at + 8, at + 8 + size) };
    at += size + 12;
  }
}

export function chunk(kind: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(kind, 'latin1'), data]);
  let crc = ~0;
  for (const b of body) {
    crc ^= b;
    for (let k = 0; k < 8; k++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(data.length, 0);
  body.copy(out, 4);
  out.writeUInt32BE(~crc >>> 0, body.length + 4);
  return out;
}

export const SIGNATURE = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);

/** The lines as they are, each without what was taken off it. */
function lines(raw: Buffer, width: number, height: number, per: number): Buffer {
  const out = Buffer.alloc(width * height * per);
  const row = width * per;
  for (let y = 0; y < height; y++) {
    const filter = raw[y * (row + 1)]!;
    for (let x = 0; x < row; x++) {
      const a = x >= per ? out[y * row + x - per]! : 0;
      const b = y > 0 ? out[(y - 1) * row + x]! : 0;
      const c = x >= per && y > 0 ? out[(y - 1) * row + x - per]! : 0;
      const [pa, pb, pc] = [Math.abs(b - c), Math.abs(a - c), Math.abs(a + b - 2 * c)];
      const guess = [0, a, b, (a + b) >> 1, pa <= pb && pa <= pc ? a : pb <= pc ? b : c][filter]!;
      out[y * row + x] = raw[y * (row + 1) + 1 + x]! + guess;
    }
  }
  return out;
}

export function small(png: Buffer): Buffer {
  const all = [...chunks(png)];
  const head = all.find((it) => it.kind === 'IHDR')!.data;
  const [width, height, per] = [head.readUInt32BE(0), head.readUInt32BE(4), head[9] === 6 ? 4 : 3];
  const pixels = lines(inflateSync(Buffer.concat(all.filter((it) => it.kind === 'IDAT').map((it) => it.data))), width, height, per);
  const colours = new Uint32Array(width * height);
  const counts = new Map<number, number>();
  for (let i = 0; i < colours.length; i++) {
    colours[i] = (pixels[i * per]! << 16) | (pixels[i * per + 1]! << 8) | pixels[i * per + 2]!;
    counts.set(colours[i]!, (counts.get(colours[i]!) ?? 0) + 1);
  }
  const palette = chosen(counts);
  const nearest = new Map<number, number>();
  const rows = Buffer.alloc((width + 1) * height);
  for (let i = 0; i < colours.length; i++) {
    const colour = colours[i]!;
    let index = nearest.get(colour);
    if (index === undefined) {
      index = closest(palette, colour);
      nearest.set(colour, index);
    }
    rows[Math.floor(i / width) * (width + 1) + 1 + (i % width)] = index;
  }
  const header = Buffer.from(head);
  header[9] = 3;
  const table = Buffer.from(palette.flatMap((c) => [c >> 16, (c >> 8) & 255, c & 255]));
  return Buffer.concat([SIGNATURE, chunk('IHDR', header), chunk('PLTE', table), chunk('IDAT', deflateSync(rows, { level: 9 })), chunk('IEND', Buffer.alloc(0))]);
}

/** The most used ones, of those that look alike only one. */
function chosen(counts: ReadonlyMap<number, number>): number[] {
  const byUse = [...counts].sort((a, b) => b[1] - a[1]).map(([c]) => c);
  if (byUse.length <= COLOURS) return byUse;
  const seen = new Set<number>();
  const out: number[] = [];
  for (const c of byUse) {
    if (out.length === COLOURS) break;
    // The first ones are surfaces and texts: they stay as they are.
    if (out.length > 24 && seen.has(c & COARSE)) continue;
    seen.add(c & COARSE);
    out.push(c);
  }
  return out;
}

function closest(palette: readonly number[], colour: number): number {
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  palette.forEach((it, i) => {
    const [r, g, b] = [(it >> 16) - (colour >> 16), ((it >> 8) & 255) - ((colour >> 8) & 255), (it & 255) - (colour & 255)];
    const far = r * r * 3 + g * g * 4 + b * b * 2;
    if (far < least) {
      least = far;
      best = i;
    }
  });
  return best;
}
