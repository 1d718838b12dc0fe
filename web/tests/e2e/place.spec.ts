import { expect, test } from '@playwright/test';
import { Person } from './people';
import { Server } from './server';

// Never move what someone is reading. alice writes, bob reads.
test.describe.configure({ mode: 'serial' });

let server: Server;
let alice: Person;
let bob: Person;
const MANY = 500;

test.beforeAll(async ({ browser }) => {
  server = await Server.start();
  [alice, bob] = [await Person.at(browser, server.url), await Person.at(browser, server.url)];
  const invite = await alice.setsUp('Kestrel Works', 'Alice Archer');
  await bob.joins(invite, 'Bob Baker');
  await alice.page.evaluate(async (many) => {
    const room = location.pathname.split('/')[2];
    for (let i = 1; i <= many; i++) {
      const text = `line ${i} ${'word '.repeat((i * 7) % 40)}`;
      const r = await fetch(`/api/v1/rooms/${room}/messages`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ key: 'k' + i, text }) });
      if (!r.ok) throw new Error(await r.text());
    }
  }, MANY);
  await expect(bob.page.locator('.m').getByText(`line ${MANY} `)).toBeVisible();
});

test.afterAll(async () => {
  for (const p of [alice, bob]) await p?.context.close();
  await server?.end();
});

/** The message in the middle of the screen, and where it is. */
const middle = () => bob.page.evaluate(() => {
  const row = document.elementFromPoint(700, 400)!.closest<HTMLElement>('.m')!;
  return { seq: row.dataset.seq!, top: row.getBoundingClientRect().top };
});
const topOf = (seq: string) => bob.page.evaluate((s) => document.querySelector(`[data-seq="${s}"]`)?.getBoundingClientRect().top, seq);

test('paging up through history moves it exactly as far as the reader scrolled', async () => {
  // They went by too fast to be read; Escape says that will do.
  await bob.composer.press('Escape');
  await expect(bob.page.getByRole('link', { name: /^lobby/ })).not.toHaveAccessibleName(/unread/);
  // Back to the newest, in a fresh page: nothing but the first window is in memory.
  await bob.page.reload();
  await expect(bob.page.locator('.m').getByText(`line ${MANY} `)).toBeVisible();
  const worst = await bob.page.evaluate(async () => {
    const sc = document.querySelector<HTMLElement>('.sc')!;
    const frame = () => new Promise((r) => requestAnimationFrame(r));
    let worst = 0;
    for (let step = 0; step < 400; step++) {
      const row = document.elementFromPoint(700, 300)!.closest<HTMLElement>('.m');
      const before = row?.getBoundingClientRect().top;
      const from = sc.scrollTop;
      sc.scrollTop -= 180;
      const moved = from - sc.scrollTop;
      await frame();
      await frame();
      if (row?.isConnected && before !== undefined && moved > 0) worst = Math.max(worst, Math.abs(row.getBoundingClientRect().top - before - moved));
      if (document.querySelector('.intro')) break;
    }
    return worst;
  });
  expect(worst).toBeLessThanOrEqual(1);
  await expect(bob.page.locator('.intro')).toBeAttached();
  expect(await bob.page.locator('.m').count()).toBeLessThanOrEqual(400);
});

test('what others do while someone reads does not move it', async () => {
  await bob.page.locator('.sc').evaluate((sc) => { sc.scrollTop += 900; });
  await expect.poll(async () => (await middle()).seq).toBeTruthy();
  // The window has been trimmed and measured when scrolling has stopped.
  await expect.poll(() => bob.page.locator('.m').count()).toBeLessThanOrEqual(160);
  const at = await middle();
  const seq = Number(at.seq);
  const change = (target: number, text: string) => alice.page.evaluate(async ([t, s]) => {
    const room = location.pathname.split('/')[2];
    const r = await fetch(`/api/v1/rooms/${room}/messages/${t}`, { method: 'PATCH', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ text: s }) });
    if (!r.ok) throw new Error(await r.text());
  }, [target, text] as const);
  const tall = 'tall\n'.repeat(12);
  await change(seq - 2, `above ${tall}`);
  await expect(bob.page.locator(`[data-seq="${seq - 2}"] .edited`)).toBeVisible();
  expect(Math.abs((await topOf(at.seq))! - at.top), 'an edit above').toBeLessThanOrEqual(1);
  await change(seq + 2, `below ${tall}`);
  await expect(bob.page.locator(`[data-seq="${seq + 2}"] .edited`)).toHaveCount(1);
  expect(Math.abs((await topOf(at.seq))! - at.top), 'an edit below').toBeLessThanOrEqual(1);
  await alice.says('news');
  await expect(bob.page.getByRole('button', { name: /new message|Jump to latest/ })).toBeVisible();
  expect(Math.abs((await topOf(at.seq))! - at.top), 'a new message').toBeLessThanOrEqual(1);
  await bob.page.getByRole('button', { name: /new message|Jump to latest/ }).click();
  await expect(bob.message('news')).toBeInViewport();
});

test('at the newest one stays there, whatever grows', async () => {
  const atNewest = () => bob.page.locator('.sc').evaluate((sc) => Math.abs(sc.scrollTop) <= 1);
  await bob.composer.fill('a\nb\nc\nd\ne\nf');
  expect(await atNewest()).toBe(true);
  await expect(bob.message('news')).toBeInViewport();
  for (let i = 0; i < 5; i++) await alice.says(`more ${i}`);
  await expect(bob.message('more 4')).toBeInViewport();
  expect(await atNewest()).toBe(true);
  await bob.page.setViewportSize({ width: 700, height: 500 });
  await expect(bob.message('more 4')).toBeInViewport();
  await bob.page.setViewportSize({ width: 1280, height: 800 });
  await expect(bob.message('more 4')).toBeInViewport();
});

test('a link to a message opens the room there', async () => {
  const room = new URL(bob.page.url()).pathname;
  await bob.page.goto(`${server.url}${room}/m/100`);
  await expect(bob.page.locator('[data-seq="100"]')).toBeInViewport();
  const box = (await bob.page.locator('[data-seq="100"]').boundingBox())!;
  expect(box.y).toBeGreaterThan(150);
  expect(box.y).toBeLessThan(650);
  // And down again to the newest, page by page.
  await bob.page.locator('.sc').hover();
  await expect(async () => {
    await bob.page.mouse.wheel(0, 4000);
    await expect(bob.message('more 4')).toBeInViewport({ timeout: 100 });
  }).toPass({ timeout: 60_000 });
});
