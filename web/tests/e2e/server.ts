import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const WEB = resolve(import.meta.dirname, '../..');

/** The binary under test: $CHATTER_BIN, or what was built last. */
function binary(): string {
  const found = [process.env.CHATTER_BIN, '../target/quick/chatter', '../target/debug/chatter'].flatMap((p) => {
    const path = p && resolve(WEB, p);
    return path && existsSync(path) ? [path] : [];
  });
  if (!found[0]) throw new Error('no chatter binary: build it, or set CHATTER_BIN');
  return found[0];
}

function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const probe = createServer().once('error', fail).listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => done(port));
    });
  });
}

/** A real server on its own data, which can be killed and brought back. */
export class Server {
  #process: ChildProcess | undefined;
  #said = '';

  private constructor(readonly port: number, private readonly data: string, private readonly env: Record<string, string>) {}

  static async start(env: Record<string, string> = {}): Promise<Server> {
    const server = new Server(await freePort(), mkdtempSync(join(tmpdir(), 'chatter-e2e-')), env);
    await server.up();
    return server;
  }

  get url(): string {
    // Not "localhost": it may resolve to an address that the server does not listen on.
    return `http://127.0.0.1:${this.port}`;
  }

  async up(): Promise<void> {
    // Settings of whoever runs the tests are not the tests', and the server
    // refuses variables that are meant for us, such as CHATTER_BIN.
    const isSetting = (name: string) => name.startsWith('CHATTER_') || name === 'DATABASE_URL' || name === 'PORT';
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !isSetting(name)));
    const child = spawn(binary(), ['serve', '--port', String(this.port), '--data', this.data], {
      stdio: ['ignore', 'pipe', 'pipe'],
      // Tests write faster than people.
      env: { ...env, CHATTER_LIMIT_POSTS_PER_MINUTE: '0', ...this.env },
    });
    this.#process = child;
    const hear = (chunk: Buffer) => {
      this.#said = (this.#said + chunk).slice(-20_000);
    };
    child.stdout!.on('data', hear);
    child.stderr!.on('data', hear);
    for (;;) {
      if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}:\n${this.#said}`);
      const ready = await fetch(this.url + '/health/ready').then((r) => r.ok, () => false);
      if (ready) return this.#servesThisClient();
      await new Promise((r) => setTimeout(r, 50));
    }
  }

  /** A binary built before the client was would test something else. */
  async #servesThisClient(): Promise<void> {
    const served = await fetch(this.url + '/').then((r) => r.text());
    if (served !== readFileSync(join(WEB, 'dist/index.html'), 'utf8')) {
      throw new Error('this binary has another client in it than web/dist: build it again, or set CHATTER_BIN to a debug build');
    }
  }

  /** As when the power goes: no goodbye. */
  async kill(): Promise<void> {
    const child = this.#process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((r) => child.once('exit', r));
    child.kill('SIGKILL');
    await ended;
  }

  /** The last of what the server printed, for when a test fails. */
  get said(): string {
    return this.#said;
  }

  async end(): Promise<void> {
    await this.kill();
    rmSync(this.data, { recursive: true, force: true });
  }
}
