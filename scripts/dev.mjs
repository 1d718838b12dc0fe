// `make dev`: the server and the web client, both rebuilt as you save.
//
// The server is a debug build, rebuilt and restarted when something under
// crates/ changes; if the build fails, the old one goes on. The web client is
// served by Vite, which hands /api to the server. Ctrl-C ends both.
import { spawn } from 'node:child_process';
import { watch } from 'node:fs';
import { join } from 'node:path';

const root = new URL('..', import.meta.url).pathname;
const target = process.env.CARGO_TARGET_DIR ?? join(root, 'target');
/** Editors write a file in several steps, and people save several files. */
const QUIET_MS = 200;

const say = (text) => console.log(`\x1b[36m[dev]\x1b[0m ${text}`);
// A group of its own for each child, so that ending it ends its children too.
const start = (command, args, cwd = root, env = process.env) =>
  spawn(command, args, { cwd, env, stdio: ['ignore', 'inherit', 'inherit'], detached: true });
const ended = (child) =>
  new Promise((done) => {
    if (child.exitCode !== null || child.signalCode !== null) done(child.exitCode);
    child.once('exit', done).once('error', (error) => done(say(error.message) ?? 1));
  });
const end = async (child) => {
  if (!child || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, 'SIGTERM');
  } catch {
    // It has gone meanwhile.
  }
  await ended(child);
};

let server;
let building;
let changed = true;

async function rebuild() {
  if (building) return; // it looks at `changed` when it is done
  while (changed && !stopping) {
    changed = false;
    building = start('cargo', ['build', '-p', 'chatter']);
    const code = await ended(building);
    building = undefined;
    if (stopping || changed) continue;
    if (code !== 0) {
      say(server ? 'the build failed; the old server goes on' : 'the build failed; save to try again');
      continue;
    }
    await end(server);
    server = start(join(target, 'debug/chatter'), ['serve', ...process.argv.slice(2)]);
    say('the server runs; the page is at http://localhost:5173');
  }
}

let stopping = false;
async function stop() {
  if (stopping) return;
  stopping = true;
  await Promise.all([end(building), end(server), end(vite)]);
  process.exit(0);
}
process.on('SIGINT', stop).on('SIGTERM', stop);

let timer;
watch(join(root, 'crates'), { recursive: true }, (_, name) => {
  if (!/\.(rs|toml|sql|html|css|js|txt)$/.test(name ?? '')) return;
  clearTimeout(timer);
  timer = setTimeout(() => {
    changed = true;
    rebuild();
  }, QUIET_MS);
});

const port = process.env.CHATTER_PORT ?? process.env.PORT ?? '8080';
const vite = start('npm', ['run', '--silent', 'dev'], join(root, 'web'), {
  ...process.env,
  VITE_SERVER: `http://127.0.0.1:${port}`,
});
vite.once('exit', stop);
rebuild();
