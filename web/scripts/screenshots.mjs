// Pictures of the main screens against a running server with an empty data directory:
//   node scripts/screenshots.mjs http://127.0.0.1:8090 out/
import { existsSync, mkdirSync } from 'node:fs';
import { chromium } from '@playwright/test';

const [url = 'http://127.0.0.1:8080', out = 'screenshots'] = process.argv.slice(2);
mkdirSync(out, { recursive: true });
const executablePath = process.env.CHROMIUM ?? (process.env.PATH ?? '').split(':').map((d) => d + '/chromium').find((f) => existsSync(f));
const browser = await chromium.launch({ ...(executablePath ? { executablePath } : {}), args: ['--no-sandbox', '--disable-gpu'] });
const PASSWORD = 'a long enough one, really';
const open = async () => (await browser.newContext({ viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce' })).newPage();
const shot = async (page, name, { widths = [1280, 390], schemes = ['light', 'dark'] } = {}) => {
  for (const scheme of schemes) {
    for (const width of widths) {
      await page.emulateMedia({ colorScheme: scheme });
      await page.setViewportSize({ width, height: width < 720 ? 844 : 800 });
      await page.evaluate(() => new Promise((r) => requestAnimationFrame(() => requestAnimationFrame(r))));
      await page.screenshot({ path: `${out}/${name}-${width}-${scheme}.png` });
    }
  }
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize({ width: 1280, height: 800 });
};
const say = async (page, ...lines) => {
  for (const line of lines) {
    await page.locator('#composer').fill(line);
    await page.locator('#composer').press('Enter');
  }
};

const mara = await open();
await mara.goto(url + '/');
await mara.getByLabel('Team name').fill('Kestrel Works');
await mara.getByLabel('Your name').fill('Mara Lindqvist');
await mara.getByLabel('Password', { exact: true }).fill(PASSWORD);
await shot(mara, 'setup');
await mara.getByRole('button', { name: 'Create the server' }).click();
await mara.waitForFunction(() => document.querySelector('#invite-link')?.value);
await shot(mara, 'setup-invite', { schemes: ['light'] });
const invite = await mara.locator('#invite-link').inputValue();
await mara.getByRole('button', { name: 'Go to the lobby' }).click();
await mara.locator('#composer').waitFor();

const people = {};
for (const name of ['Nadia Okafor', 'Tomás Rivera', 'Yuki Mori']) {
  const page = await open();
  await page.goto(invite);
  await page.getByLabel('Your name').fill(name);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  if (name.startsWith('Nadia')) await shot(page, 'join', { schemes: ['light'] });
  await page.getByRole('button', { name: 'Join', exact: true }).click();
  await page.locator('#composer').waitFor();
  people[name.split(' ')[0]] = page;
}
const { Nadia, Tomás, Yuki } = people;
await say(Nadia, 'Morning! The checklist for 0.9 is pinned. Two items left: the overnight soak and the upgrade notes.');
await say(Tomás, 'Soak is done: 14 hours, 2,000 clients. **No gaps, no duplicates.**', 'Numbers are at https://example.org/soak/0.9 if you want to look.');
await say(Yuki, 'p99 under 400 ms on a phone network, lovely. What’s the bump around 03:00?');
await say(Tomás, 'Nightly backup. Writes pause for about a second, clients wait it out.');
await say(Yuki, 'The retry now keeps the client’s id, so a lost reply can’t post twice:\n```rust\nlet sent = outbox.push(client_id, text);\nmatch link.post(&sent).await {\n    Ok(seq) => outbox.confirm(seq),\n    Err(_) => outbox.retry(sent.id), // same id, never twice\n}\n```');
await say(mara, 'On it. Draft by 11:30', 'I’ll add the way back to 0.8 as well, people will ask.');
for (const room of ['announcements', 'server', 'support', 'web-client']) {
  await mara.getByRole('button', { name: 'Add a room' }).click();
  await mara.getByLabel('Name', { exact: true }).fill(room);
  await mara.getByLabel('Topic').fill('Ships Thursday. Checklist is pinned.');
  await mara.getByRole('button', { name: 'Add the room' }).click();
  await mara.getByRole('heading', { level: 1, name: room }).waitFor();
}
await shot(mara, 'empty-room', { schemes: ['light'] });
await mara.getByRole('button', { name: 'Start a conversation' }).click();
await shot(mara, 'converse', { schemes: ['light'] });
await mara.getByRole('button', { name: /Nadia/ }).click();
await mara.getByRole('button', { name: 'Start', exact: true }).click();
await mara.getByRole('heading', { level: 1, name: 'Nadia Okafor' }).waitFor();
await mara.getByRole('link', { name: /^lobby/ }).click();
await mara.getByRole('heading', { level: 1, name: 'lobby' }).waitFor();
await Nadia.getByRole('link', { name: 'Mara Lindqvist' }).click();
await say(Nadia, 'Lunch at one?');
await mara.locator('.cnt').first().waitFor();
await mara.locator('#composer').fill('Worth a line about the proxy timeout too');
await Yuki.locator('#composer').pressSequentially('hm');
await mara.getByText('Yuki Mori is typing').waitFor();
await shot(mara, 'room');
await mara.locator('.m').nth(2).hover();
await shot(mara, 'room-hover', { widths: [1280] });
await mara.getByRole('button', { name: /members/ }).click();
await shot(mara, 'members', { widths: [1280, 834, 390] });
await mara.getByRole('button', { name: 'Close members' }).click();
await mara.getByRole('button', { name: 'Room menu' }).click();
await shot(mara, 'menu', { widths: [1280], schemes: ['light'] });
await mara.keyboard.press('Escape');
await mara.getByRole('button', { name: 'Settings' }).click();
await mara.getByText('This one').waitFor();
await shot(mara, 'settings');
await mara.keyboard.press('Escape');
await mara.goto(url + '/rooms');
await mara.getByRole('heading', { name: 'Browse rooms' }).waitFor();
await mara.locator('.page .rows li').first().waitFor();
await shot(mara, 'browse', { schemes: ['light'] });
await mara.setViewportSize({ width: 390, height: 844 });
await mara.goto(url + '/');
await mara.getByRole('link', { name: /^lobby/ }).waitFor();
await shot(mara, 'rooms', { widths: [390] });
await browser.close();
