import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { backoff } from '../../src/core/backoff';
import { HEALTHY_AFTER, Link, type LinkPorts, PING_AFTER, PING_LIMIT, type Socket } from '../../src/core/link';

class FakeSocket implements Socket {
  onopen: Socket['onopen'] = null;
  onmessage: Socket['onmessage'] = null;
  onclose: Socket['onclose'] = null;
  said: string[] = [];
  closed = false;
  send(text: string) {
    this.said.push(text);
  }
  close() {
    this.closed = true;
  }
  opens() {
    this.onopen?.(new Event('open'));
  }
  says(data: string) {
    this.onmessage?.({ data } as MessageEvent);
  }
  ends(code: number) {
    this.onclose?.({ code } as CloseEvent);
  }
}

function setUp(over: Partial<LinkPorts> = {}) {
  const sockets: FakeSocket[] = [];
  let pings = 0;
  const link = new Link({
    open: () => {
      const s = new FakeSocket();
      sockets.push(s);
      return s;
    },
    hello: () => 'hello',
    frame: (data) => data === 'welcome',
    ping: () => void pings++,
    changed: () => {},
    online: () => true,
    diagnose: async () => undefined,
    random: () => 1,
    ...over,
  });
  return {
    link, sockets,
    pings: () => pings,
    last: () => sockets.at(-1)!,
    goLive() {
      link.start();
      sockets.at(-1)!.opens();
      sockets.at(-1)!.says('welcome');
    },
  };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

describe('backoff', () => {
  it('doubles, is random between half and all, and ends at 20 s', () => {
    expect([0, 1, 2, 3].map((n) => backoff(n, () => 1))).toEqual([400, 800, 1600, 3200]);
    expect(backoff(0, () => 0)).toBe(200);
    expect(backoff(50, () => 1)).toBe(20_000);
  });
});

describe('the link', () => {
  it('says hello first and is live with the welcome', () => {
    const t = setUp();
    t.link.start();
    expect(t.link.state.state).toBe('connecting');
    t.last().opens();
    expect(t.last().said).toEqual(['hello']);
    expect(t.link.send('x')).toBe(false);
    t.last().says('welcome');
    expect(t.link.state.state).toBe('live');
    expect(t.link.send('x')).toBe(true);
  });

  it('comes back by itself, each time later, and from the start after 30 s of health', async () => {
    const t = setUp();
    t.goLive();
    t.last().ends(1006);
    expect(t.link.state).toMatchObject({ state: 'waiting', retryAt: Date.now() + 400 });
    await pass(400);
    t.last().ends(1006);
    expect(t.link.state).toMatchObject({ retryAt: Date.now() + 800 });
    await pass(800);
    t.last().opens();
    t.last().says('welcome');
    await pass(HEALTHY_AFTER);
    t.last().ends(1006);
    expect(t.link.state).toMatchObject({ retryAt: Date.now() + 400 });
  });

  it('spreads the return after a restart', () => {
    const t = setUp();
    t.goLive();
    t.last().ends(1012);
    expect(t.link.state).toMatchObject({ retryAt: Date.now() + 400 + 5000 });
  });

  it('asks after 25 s of silence and is dead after 10 more', async () => {
    const t = setUp();
    t.goLive();
    await pass(PING_AFTER - 1);
    t.last().says('anything');
    await pass(PING_AFTER);
    expect(t.pings()).toBe(1);
    t.last().says('pong');
    await pass(PING_AFTER);
    expect(t.pings()).toBe(2);
    const old = t.last();
    await pass(PING_LIMIT);
    expect([t.link.state.state, old.closed]).toEqual(['waiting', true]);
  });

  it('checks at once on waking, and connects at once when it was waiting', async () => {
    const t = setUp();
    t.goLive();
    t.link.wake();
    expect(t.pings()).toBe(1);
    await pass(3000);
    expect(t.link.state.state).toBe('waiting');
    t.link.wake();
    expect(t.link.state.state).toBe('connecting');
  });

  it('does not come back when signed out or too old', async () => {
    for (const [code, reason] of [[4001, 'signed_out'], [4006, 'too_old']] as const) {
      const t = setUp();
      t.goLive();
      t.last().ends(code);
      await pass(60_000);
      expect(t.link.state).toEqual({ state: 'refused', reason });
      expect(t.sockets.length).toBe(1);
    }
  });

  it('finds out that the session ended when the socket will not even open', async () => {
    const t = setUp({ diagnose: async () => 'signed_out' });
    t.link.start();
    t.last().ends(1006);
    await pass(0);
    expect(t.link.state).toEqual({ state: 'refused', reason: 'signed_out' });
  });

  it('does not try while the device says offline, but does when asked', async () => {
    const t = setUp({ online: () => false });
    t.goLive();
    t.last().ends(1006);
    await pass(60_000);
    expect([t.link.state.state, t.sockets.length]).toEqual(['offline', 1]);
    t.link.tryNow();
    expect(t.sockets.length).toBe(2);
  });

  it('gives up on a socket that never welcomes', async () => {
    const t = setUp();
    t.link.start();
    t.last().opens();
    await pass(10_000);
    expect(t.link.state.state).toBe('waiting');
  });
});
