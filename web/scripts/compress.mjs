// After the build: .br and .gz beside every text asset, so that the server never compresses anything itself,
// and the first-load sizes against their budgets.
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const DIST = new URL('../dist/', import.meta.url).pathname;
const TEXT = /\.(js|css|html|svg|json|webmanifest|txt)$/;
const KIB = 1024;
/** First-load budgets in KiB of brotli. */
const BUDGET = { js: 60, css: 12 };

const walk = (dir) =>
  readdirSync(dir).flatMap((name) => {
    const path = join(dir, name);
    return statSync(path).isDirectory() ? walk(path) : [path];
  });

const html = readFileSync(join(DIST, 'index.html'), 'utf8');
const first = { js: 0, css: 0 };
for (const path of walk(DIST).filter((p) => TEXT.test(p))) {
  const raw = readFileSync(path);
  const br = brotliCompressSync(raw, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: raw.length },
  });
  writeFileSync(path + '.br', br);
  writeFileSync(path + '.gz', gzipSync(raw, { level: 9 }));
  const name = path.slice(DIST.length);
  const kind = name.endsWith('.js') ? 'js' : name.endsWith('.css') ? 'css' : undefined;
  const firstLoad = kind && html.includes(name);
  if (firstLoad) first[kind] += br.length;
  console.log(`${(br.length / KIB).toFixed(1).padStart(7)} KiB br  ${(raw.length / KIB).toFixed(1).padStart(7)} KiB  ${name}${kind && !firstLoad ? '  (on demand)' : ''}`);
}
let over = false;
for (const [kind, limit] of Object.entries(BUDGET)) {
  const size = first[kind] / KIB;
  console.log(`first load ${kind}: ${size.toFixed(1)} of ${limit} KiB`);
  over ||= size > limit;
}
if (over) {
  console.error('over budget');
  process.exit(1);
}
