import { createServer, type Server as Site } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@playwright/test';
import { HOSTILE, wrongs } from '../hostile';
import { PASSWORD, Person } from './people';
import { Server } from './server';

// Everything people can type has been made hostile, and someone looks at all of it: nothing runs, nothing is loaded from
// elsewhere, nothing leads anywhere but where links may, and the content policy never had to step in.

/** Texts of one of so many, so that the few fields of a kind get them all in turn. */
const part = (n: number, of: number): string[] => HOSTILE.filter((_, i) => i % of === n);

const escaped = (text: string): string => text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

/** A page elsewhere that says hostile things of itself. */
async function site(): Promise<Site & { port: number }> {
  const server = createServer((asked, answer) => {
    const text = escaped(HOSTILE[Number(asked.url?.slice(1)) || 0]!);
    const html = `<title>page ${text}</title><meta name=description content="${text}"><meta property="og:site_name" content="${text}">`;
    answer.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(html);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.2', done));
  return Object.assign(server, { port: (server.address() as AddressInfo).port });
}

const send = (url: string, path: string, body: object): Promise<Response> =>
  fetch(`${url}/api/v1/${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });

/** Somebody with a token, who needs no browser. */
class Typist {
  private constructor(readonly url: string, readonly token: string) {}

  static async at(url: string, path: string, body: object): Promise<Typist | undefined> {
    const answer = await send(url, path, { ...body, token: true });
    return answer.ok ? new Typist(url, ((await answer.json()) as { token: string }).token) : undefined;
  }

  /** What the server takes, answered; what it refuses, nothing. */
  async asks<T = { id: string; seq: number }>(method: string, path: string, body?: object | string): Promise<T | undefined> {
    const isBytes = typeof body === 'string';
    const answer = await fetch(`${this.url}/api/v1/${path}`, {
      method,
      headers: { authorization: `Bearer ${this.token}`, ...(body === undefined || isBytes ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: isBytes ? body : JSON.stringify(body) }),
    });
    const text = await answer.text();
    expect(answer.status, text).toBeLessThan(500);
    return answer.ok ? (text ? (JSON.parse(text) as T) : ({} as T)) : undefined;
  }
}

/** Pages around the rooms, and what is there once they have what they ask for. */
const PAGES = [
  ['search?q=alert', 'main mark'], ['catchup', 'main li'], ['threads', 'main li'], ['mentions', 'main li'],
  ['settings/profile', 'main'], ['settings/notifications', 'main'], ['settings/appearance', 'main'], ['settings/devices', 'main'], ['settings/account', 'main'],
  ['admin/overview', 'main'], ['admin/people', 'main table'], ['admin/invites', 'main'], ['admin/rooms', 'main'], ['admin/settings', 'main'], ['admin/audit', 'main'],
] as const;

interface Filled { room: string; author: string; first: number; thread: number; edited: number; said: number[] }

/** A room in which everything is hostile, among rooms and people that are. */
async function fill(server: Server, port: number): Promise<Filled> {
  const alice = (await Typist.at(server.url, 'sessions', { handle: 'alice', password: PASSWORD }))!;
  const name = HOSTILE[0]!;
  await alice.asks('PATCH', 'me', { name, about: name, title: name, pronouns: name, status: { text: name, emoji: '👀' } });
  await alice.asks('PATCH', 'admin/settings', { server_name: name, sign_up: 'open' });
  const { id: room } = (await alice.asks('POST', 'rooms', { name, topic: name, kind: 'open' }))!;
  for (const text of part(1, 12)) await alice.asks('POST', 'rooms', { name: text, topic: text, kind: 'open' });
  const cast = [alice];
  for (const [n, name] of part(2, 12).entries()) {
    const person = await Typist.at(server.url, 'register', { name, handle: `person${n}`, password: PASSWORD });
    if (!person) continue;
    await person.asks('PATCH', 'me', { about: name });
    await person.asks('POST', `rooms/${room}/join`);
    cast.push(person);
  }
  expect(cast.length, 'people with hostile names').toBeGreaterThan(8);

  const post = async (n: number, body: object) => (await cast[n % cast.length]!.asks('POST', `rooms/${room}/messages`, { key: `k${n}`, text: '', ...body }))?.seq;
  const said: number[] = [];
  for (const [n, text] of HOSTILE.entries()) {
    const seq = await post(n, { text, ...(n % 9 === 1 ? { reply: said[said.length - 1] } : {}) });
    if (seq) said.push(seq);
  }
  expect(said.length, 'hostile messages').toBeGreaterThan(HOSTILE.length * 0.9);

  const [first, thread, edited] = [said[0]!, said[1]!, said[2]!];
  let n = 1000;
  for (const text of part(3, 12)) await post(n++, { text, thread });
  for (const text of part(4, 12)) {
    const seq = await post(n++, { text, poll: { options: [text, `2 ${text}`] } });
    if (seq) said.push(seq);
  }
  for (const text of part(5, 12)) {
    const file = await alice.asks('POST', `files?name=${encodeURIComponent(`${text}.html`)}`, `<script>alert(1)</script>${text}`);
    const message = file && (await alice.asks('POST', `rooms/${room}/messages`, { key: `f${n++}`, text, files: [{ file: file.id, alt: text }] }));
    if (message) said.push(message.seq);
  }
  for (let i = 0; i < 12; i++) said.push((await post(n++, { text: `http://127.0.0.2:${port}/${i * 23}` }))!);
  for (const text of part(6, 40)) await alice.asks('PATCH', `rooms/${room}`, { topic: text });
  for (const text of part(7, 40)) await alice.asks('PATCH', `rooms/${room}`, { name: text });
  const author = cast[HOSTILE.indexOf(HOSTILE[2]!) % cast.length]!;
  for (const text of part(8, 40)) await author.asks('PATCH', `rooms/${room}/messages/${edited}`, { text });
  for (const text of part(9, 12)) await cast[1]!.asks('POST', `rooms/${room}/messages`, { key: `m${n++}`, text: `@alice ${text}` });
  await alice.asks('PUT', 'me/sections', { sections: part(10, 40).flatMap((name) => (/^[ -~]{1,40}$/.test(name) ? [{ name, rooms: [] }] : [])) });
  for (const seq of [first, thread, edited]) await alice.asks('PUT', `rooms/${room}/pins/${seq}`);
  await alice.asks('PUT', `rooms/${room}/threads/${thread}`, { follows: true });
  await alice.asks('POST', 'invites', {});
  await alice.asks('PUT', `rooms/${room}/messages/${first}/reactions/${encodeURIComponent('👍')}`);
  await alice.asks('PATCH', `rooms/${room}`, { name: '"><img src=x onerror=alert(1)>', topic: '<svg onload=alert(1)>' });
  return { room, author: (await author.asks<{ id: string }>('GET', 'me'))!.id, first, thread, edited, said };
}

test('whatever people type, nothing of it runs, loads or leads astray', async ({ browser }) => {
  test.slow();
  const pages = await site();
  const server = await Server.start({
    CHATTER_LINK_PREVIEWS: 'on', CHATTER_OUTBOUND_PRIVATE: '127.0.0.2', CHATTER_OUTBOUND_PORTS: String(pages.port),
    CHATTER_LIMIT_SIGN_UPS_PER_HOUR: '0', CHATTER_LIMIT_WRITES_PER_MINUTE: '0', CHATTER_LIMIT_UPLOADS_PER_MINUTE: '0',
  });
  try {
    expect((await send(server.url, 'setup', { server_name: 'Den', name: 'Alice', handle: 'alice', password: PASSWORD })).ok).toBe(true);
    const { room, author, first, thread, edited, said } = await fill(server, pages.port);

    const alice = await Person.at(browser, server.url);
    const { page } = alice;
    const told: string[] = [];
    const foreign: string[] = [];
    page.on('dialog', (it) => { told.push(`dialog ${it.message()}`); void it.dismiss(); });
    page.on('request', (it) => { if (!/^(blob|data):/.test(it.url()) && !it.url().startsWith(server.url + '/')) foreign.push(it.url()); });
    alice.context.on('page', (it) => { told.push(`page ${it.url()}`); });
    page.on('download', (it) => { told.push(`download ${it.url()}`); });
    await page.exposeFunction('tell', (what: string) => { told.push(what); });
    await page.addInitScript(() => {
      const tell = (what: string) => (globalThis as unknown as { tell(what: string): void }).tell(what);
      for (const name of ['alert', 'confirm', 'prompt', 'print']) Object.assign(globalThis, { [name]: () => tell(`ran ${name}`) });
      addEventListener('securitypolicyviolation', (e) => tell(`stopped ${e.violatedDirective} ${e.blockedURI} ${e.sample}`));
    });
    const clean = async (where: string) => {
      expect(await page.evaluate(`(${wrongs.toString()})(document.body)`), where).toEqual([]);
      expect(told, where).toEqual([]);
      expect(foreign, where).toEqual([]);
      expect(page.url(), where).toContain(server.url);
    };

    await page.goto(server.url + '/login');
    await page.getByLabel('Handle').fill('alice');
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await expect(alice.composer).toBeVisible();

    // All of the room, a window at a time.
    const seen = new Set<number>();
    for (let at = 0; at < said.length; at += 25) {
      await page.goto(`${server.url}/r/${room}/m/${said[at]}`);
      await expect(page.locator(`[data-seq="${said[at]}"]`)).toBeVisible();
      for (const seq of await page.locator('.m[data-seq]').evaluateAll((all) => all.map((it) => Number(it.getAttribute('data-seq'))))) seen.add(seq);
      await clean(`around message ${said[at]}`);
    }
    expect(said.filter((seq) => !seen.has(seq)), 'messages that were not looked at').toEqual([]);
    await expect(page.locator('.prev').first()).toBeVisible();
    await expect(page.locator('.poll').first()).toBeVisible();

    await page.goto(`${server.url}/r/${room}/t/${thread}`);
    await expect(page.getByRole('complementary', { name: 'Thread' }).locator('.m').nth(20)).toBeVisible();
    await clean('a thread');
    await page.goto(`${server.url}/r/${room}/members`);
    await expect(page.getByRole('complementary', { name: 'Members' }).getByRole('listitem').nth(8)).toBeVisible();
    await clean('members');
    await page.goto(`${server.url}/rooms`);
    await expect(page.locator('main').getByRole('listitem').nth(8)).toBeVisible();
    await clean('all rooms');

    await page.goto(`${server.url}/r/${room}/m/${edited}`);
    await page.locator(`[data-seq="${edited}"]`).getByRole('button', { name: 'Edited: show what it said' }).click();
    await expect(page.getByRole('dialog', { name: 'Edit history' }).locator('.b').nth(2)).toBeVisible();
    await clean('versions');
    await page.keyboard.press('Escape');

    for (const [path, shows] of [...PAGES, [`r/${room}/pins`, '.panel .b'], [`r/${room}/settings`, '.panel input'], [`u/${author}`, 'main, [role=dialog]']] as const) {
      await page.goto(`${server.url}/${path}`, { waitUntil: 'networkidle' });
      await expect(page.locator(shows).first(), path).toBeVisible();
      await clean(path);
    }
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: 'Jump or search' }).fill('alert');
    await expect(page.locator('.pal').getByRole('option').nth(3)).toBeVisible();
    await clean('the palette');
    await page.keyboard.press('Escape');

    // Written here, before the server has seen it.
    await page.goto(`${server.url}/r/${room}/m/${first}`);
    await alice.composer.fill(HOSTILE.join('\n').replaceAll('\0', ''));
    await clean('what is being written');
    await alice.composer.press('Enter');
    await expect(alice.composer).toHaveValue('');
    await clean('what was written');
    await alice.composer.pressSequentially('@');
    await clean('what is offered');

    // Addresses are typed, too.
    for (const path of ['/join/', '/r/', '/setup?code=', '/login?next=', '/r/1/m/', '/#']) {
      await page.goto(`${server.url}${path}${encodeURIComponent('"><img src=x onerror=alert(1)>javascript:alert(1)')}`);
      await expect(page.locator('#app > *').first()).toBeVisible();
      await clean(path);
    }
    expect(alice.troubles).toEqual([]);

    // The watch is awake: it sees what runs, and what the policy stops.
    await page.evaluate(() => { alert(1); });
    await expect.poll(() => told).toEqual(['ran alert']);
    await page.evaluate(() => { try { document.body.innerHTML = '<b>x'; } catch { /* that is the point */ } });
    await expect.poll(() => told.length).toBe(2);
    expect(told[1]).toContain('require-trusted-types-for');
    await alice.context.close();
  } finally {
    pages.close();
    pages.closeAllConnections();
    await server.end();
  }
});
