// A text as a QR code: bytes, medium error correction, up to version 10 (213 bytes). ISO/IEC 18004.

/** Per version from 1: error correction words per block, blocks of the first kind, data words in each, blocks of the second kind (one word more). */
const BLOCKS: readonly (readonly [ec: number, first: number, words: number, second: number])[] = [
  [10, 1, 16, 0], [16, 1, 28, 0], [26, 1, 44, 0], [18, 2, 32, 0], [24, 2, 43, 0], [16, 4, 27, 0], [18, 4, 31, 0], [22, 2, 38, 2], [22, 3, 36, 2], [26, 4, 43, 1],
];
const ALIGNMENT: readonly (readonly number[])[] = [[], [6, 18], [6, 22], [6, 26], [6, 30], [6, 34], [6, 22, 38], [6, 24, 42], [6, 26, 46], [6, 28, 50]];

/** Rows of dark and light, without the quiet zone; nothing when the text is too long. */
export function qrCode(text: string): boolean[][] | undefined {
  const bytes = new TextEncoder().encode(text);
  const version = BLOCKS.findIndex(([, first, words, second], i) => bytes.length + (i + 1 < 10 ? 2 : 3) <= first * words + second * (words + 1)) + 1;
  if (version === 0) return undefined;
  const words = interleaved(data(bytes, version), BLOCKS[version - 1]!);
  let best: { grid: boolean[][]; cost: number } | undefined;
  for (let mask = 0; mask < 8; mask++) {
    const grid = drawn(words, version, mask);
    const cost = penalty(grid);
    if (!best || cost < best.cost) best = { grid, cost };
  }
  return best!.grid;
}

function data(bytes: Uint8Array, version: number): number[] {
  const [, first, words, second] = BLOCKS[version - 1]!;
  const total = first * words + second * (words + 1);
  const bits: number[] = [];
  const put = (value: number, count: number) => { for (let i = count - 1; i >= 0; i--) bits.push((value >> i) & 1); };
  put(4, 4);
  put(bytes.length, version < 10 ? 8 : 16);
  for (const b of bytes) put(b, 8);
  put(0, Math.min(4, total * 8 - bits.length));
  while (bits.length % 8) bits.push(0);
  const out: number[] = [];
  for (let i = 0; i < bits.length; i += 8) out.push(Number.parseInt(bits.slice(i, i + 8).join(''), 2));
  for (let pad = 0xec; out.length < total; pad ^= 0xec ^ 0x11) out.push(pad);
  return out;
}

const EXP: number[] = [];
const LOG: number[] = [];
for (let i = 0, x = 1; i < 255; i++, x = (x << 1) ^ (x & 128 ? 0x11d : 0)) {
  EXP[i] = x;
  LOG[x] = i;
}
const times = (a: number, b: number): number => (a && b ? EXP[(LOG[a]! + LOG[b]!) % 255]! : 0);

/** What is left of the division by the generator: the words that mend errors. */
function correction(block: readonly number[], count: number): number[] {
  let generator = [1];
  for (let i = 0; i < count; i++) {
    const next = [...generator, 0];
    generator.forEach((g, j) => { next[j + 1]! ^= times(g, EXP[i]!); });
    generator = next;
  }
  const rest = [...block, ...Array<number>(count).fill(0)];
  for (let i = 0; i < block.length; i++) {
    const lead = rest[i]!;
    generator.forEach((g, j) => { rest[i + j]! ^= times(g, lead); });
  }
  return rest.slice(block.length);
}

function interleaved(all: readonly number[], [ec, first, words, second]: readonly [number, number, number, number]): number[] {
  const blocks: number[][] = [];
  let at = 0;
  for (let i = 0; i < first + second; i++) {
    const size = i < first ? words : words + 1;
    blocks.push(all.slice(at, at + size));
    at += size;
  }
  const mends = blocks.map((b) => correction(b, ec));
  const column = (lists: number[][], i: number) => lists.flatMap((b) => b[i] ?? []);
  return [...Array.from({ length: words + 1 }, (_, i) => column(blocks, i)).flat(), ...Array.from({ length: ec }, (_, i) => column(mends, i)).flat()];
}

const MASKS: readonly ((r: number, c: number) => boolean)[] = [
  (r, c) => (r + c) % 2 === 0, (r) => r % 2 === 0, (_, c) => c % 3 === 0, (r, c) => (r + c) % 3 === 0,
  (r, c) => (Math.floor(r / 2) + Math.floor(c / 3)) % 2 === 0, (r, c) => ((r * c) % 2) + ((r * c) % 3) === 0,
  (r, c) => (((r * c) % 2) + ((r * c) % 3)) % 2 === 0, (r, c) => (((r + c) % 2) + ((r * c) % 3)) % 2 === 0,
];

function drawn(words: readonly number[], version: number, mask: number): boolean[][] {
  const size = version * 4 + 17;
  const grid: (boolean | undefined)[][] = Array.from({ length: size }, () => Array<boolean | undefined>(size).fill(undefined));
  const set = (r: number, c: number, dark: boolean) => { if (r >= 0 && c >= 0 && r < size && c < size) grid[r]![c] = dark; };
  const ring = (r: number, c: number, reach: number, light: number) => {
    for (let y = -reach; y <= reach; y++) for (let x = -reach; x <= reach; x++) set(r + y, c + x, Math.max(Math.abs(x), Math.abs(y)) !== light && Math.max(Math.abs(x), Math.abs(y)) !== 4);
  };
  for (const [r, c] of [[3, 3], [3, size - 4], [size - 4, 3]] as const) ring(r, c, 4, 2);
  const marks = ALIGNMENT[version - 1]!;
  const last = marks.length - 1;
  for (const [i, r] of marks.entries()) {
    for (const [j, c] of marks.entries()) if (!((i === 0 && (j === 0 || j === last)) || (i === last && j === 0))) ring(r, c, 2, 1);
  }
  for (let i = 8; i < size - 8; i++) {
    grid[6]![i] ??= i % 2 === 0;
    grid[i]![6] ??= i % 2 === 0;
  }
  about(set, size, version, mask);
  let bit = 0;
  for (let right = size - 1; right > 0; right -= 2) {
    const left = right <= 6 ? right - 1 : right;
    for (let i = 0; i < size; i++) {
      const r = ((left + 1) & 2) === 0 ? size - 1 - i : i;
      for (const c of [left, left - 1]) {
        if (grid[r]![c] !== undefined) continue;
        const dark = (((words[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1) === 1;
        bit++;
        grid[r]![c] = dark !== MASKS[mask]!(r, c);
      }
    }
  }
  return grid as boolean[][];
}

/** Which mask and version it has, twice each. */
function about(set: (r: number, c: number, dark: boolean) => void, size: number, version: number, mask: number): void {
  const coded = (value: number, bits: number, generator: number, by: number) => {
    let rest = value;
    for (let i = 0; i < bits; i++) rest = (rest << 1) ^ ((rest >> (bits - 1)) * generator);
    return (value << by) | rest;
  };
  // Medium error correction is 0.
  const format = coded(mask, 10, 0x537, 10) ^ 0x5412;
  for (let i = 0; i < 15; i++) {
    const dark = ((format >> i) & 1) === 1;
    if (i < 6) set(i, 8, dark);
    else if (i < 8) set(i + 1, 8, dark);
    else set(8, i === 8 ? 7 : 14 - i, dark);
    if (i < 8) set(8, size - 1 - i, dark);
    else set(size - 15 + i, 8, dark);
  }
  set(size - 8, 8, true);
  if (version < 7) return;
  const info = coded(version, 12, 0x1f25, 12);
  for (let i = 0; i < 18; i++) {
    const [a, b] = [size - 11 + (i % 3), Math.floor(i / 3)];
    set(a, b, ((info >> i) & 1) === 1);
    set(b, a, ((info >> i) & 1) === 1);
  }
}

/** How hard it is to read: long runs, blocks, what looks like a corner, too much of one shade. */
function penalty(grid: readonly (readonly boolean[])[]): number {
  const size = grid.length;
  const columns = grid.map((_, c) => grid.map((row) => row[c]!));
  let cost = 0;
  for (const line of [...grid, ...columns]) {
    for (const run of line.map(Number).join('').match(/0{5,}|1{5,}/g) ?? []) cost += run.length - 2;
    const text = line.map(Number).join('');
    for (const corner of ['10111010000', '00001011101']) for (let at = text.indexOf(corner); at >= 0; at = text.indexOf(corner, at + 1)) cost += 40;
  }
  for (let r = 1; r < size; r++) for (let c = 1; c < size; c++) if (grid[r]![c] === grid[r - 1]![c] && grid[r]![c] === grid[r]![c - 1] && grid[r]![c] === grid[r - 1]![c - 1]) cost += 3;
  const dark = grid.flat().filter(Boolean).length;
  return cost + Math.floor(Math.abs((dark * 100) / (size * size) - 50) / 5) * 10;
}
