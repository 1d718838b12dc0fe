import { mkdirSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { PASSWORD, Person } from '../e2e/people';
import { Server } from '../e2e/server';
import { small } from './small';
import { team } from './team';

// Not a test of anything but that every screen can be reached: it takes their pictures.
const OUT = process.env.SCREENSHOTS ?? resolve(import.meta.dirname, '../../../docs/screenshots');
const SIZES = [{ name: 'desktop', width: 1280, height: 800 }, { name: 'phone', width: 390, height: 844 }] as const;

mkdirSync(OUT, { recursive: true });
const keep = (name: string, png: Buffer) => writeFileSync(`${OUT}/${name}.png`, small(png));

async function shot(page: Page, name: string, sizes: readonly (typeof SIZES)[number][] = SIZES): Promise<void> {
  for (const scheme of ['light', 'dark'] as const) {
    for (const { name: size, width, height } of sizes) {
      await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
      await page.setViewportSize({ width, height });
      await page.evaluate(() => new Promise((r) => requestAnimationFrame(() => requestAnimationFrame(r))));
      keep(`${name}-${size}-${scheme}`, await page.screenshot({ caret: 'initial' }));
    }
  }
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize(SIZES[0]);
}

test('every screen has its picture', async ({ browser }) => {
  const server = await Server.start();
  try {
    const outside = await Person.at(browser, server.url);
    await outside.page.goto(server.url + '/');
    await outside.page.getByLabel('Team name').fill('Kestrel Works');
    await outside.page.getByLabel('Your name').fill('Mara Lindqvist');
    await outside.page.getByLabel('Password', { exact: true }).fill('correct horse battery');
    await shot(outside.page, 'setup');
    const { rooms, soak } = await team(server.url);
    await outside.page.goto(server.url + '/login');
    await expect(outside.page.getByRole('heading', { name: 'Sign in to Kestrel Works' })).toBeVisible();
    await shot(outside.page, 'sign-in');
    await outside.context.close();

    const signIn = async (handle: string) => {
      const person = await Person.at(browser, server.url);
      await person.page.goto(server.url + '/login');
      await person.page.getByLabel('Handle').fill(handle);
      await person.page.getByLabel('Password', { exact: true }).fill(PASSWORD);
      await person.page.getByRole('button', { name: 'Sign in' }).click();
      await expect(person.composer).toBeVisible();
      return person;
    };
    const mara = await signIn('mara');
    const [yuki, nadia, jonas] = [await signIn('yuki'), await signIn('nadia'), await signIn('jonas')];
    const page = mara.page;
    const release = `${server.url}/r/${rooms['release-0-9'].id}`;
    for (const it of [yuki, nadia, jonas]) await it.page.goto(release);
    await page.goto(`${server.url}/r/${rooms['web-client'].id}`);
    await mara.composer.fill('A half-written thought');
    await page.goto(`${release}/t/${soak}`);
    await expect(page.getByRole('complementary', { name: 'Thread' }).locator('.m')).toHaveCount(6);
    await mara.isIn('release-0-9');
    await yuki.composer.pressSequentially('hm');
    await expect(page.getByText('Yuki Mori is typing')).toBeVisible();
    await mara.composer.fill('Worth a line about the proxy timeout too');
    await shot(page, 'thread');
    await page.getByRole('button', { name: 'Close thread' }).click();
    await page.locator('.m').filter({ hasText: 'The retry now keeps' }).hover();
    await shot(page, 'room');
    await mara.composer.fill('');
    await page.locator('.m').filter({ hasText: 'The retry now keeps' }).hover();
    await page.locator('.m').filter({ hasText: 'The retry now keeps' }).getByRole('button', { name: 'More actions' }).click();
    await shot(page, 'message-menu', [SIZES[0]]);
    await page.keyboard.press('Escape');
    await mara.composer.fill('The new diagram is attached, thanks @yu');
    await mara.composer.press('End');
    await mara.composer.pressSequentially('k');
    await expect(page.getByRole('option', { name: /Yuki/ })).toBeVisible();
    await shot(page, 'composer');
    await mara.composer.fill('');
    await page.goto(`${release}/members`);
    await expect(page.getByRole('region', { name: 'Here now', exact: true })).toBeVisible();
    await shot(page, 'members');
    await page.goto(`${release}/pins`);
    await expect(page.getByRole('complementary', { name: 'Pinned' })).toContainText('checklist');
    await shot(page, 'pins', [SIZES[0]]);
    await page.goto(`${release}/settings`);
    await expect(page.getByLabel('Slow mode')).toBeVisible();
    await shot(page, 'room-settings');
    await page.goto(release);
    await mara.isIn('release-0-9');
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox').fill('rel');
    await expect(page.getByRole('option', { name: /Release on Thursday/ })).toBeVisible();
    await shot(page, 'palette');
    await page.keyboard.press('Escape');
    await page.locator('.m .who button').first().click();
    await expect(page.getByRole('dialog', { name: 'Profile' })).toBeVisible();
    await shot(page, 'profile');
    await page.keyboard.press('Escape');
    for (const [path, name, ready] of [
      ['/catchup', 'catch-up', 'could you confirm'], ['/threads', 'threads', 'open an issue'], ['/mentions', 'mentions', 'before lunch'], ['/saved', 'saved', 'Tick off'], ['/drafts', 'drafts', 'half-written'], ['/search?q=release', 'search', 'customer asks'], ['/rooms', 'browse', 'Everything behind'],
      ['/settings/profile', 'settings-profile', 'Who you are'], ['/settings/appearance', 'settings-appearance', 'Density'], ['/settings/notifications', 'settings-notifications', 'Keywords'], ['/settings/account', 'settings-account', 'Second factor'], ['/settings/devices', 'settings-devices', 'This one'],
      ['/admin/overview', 'admin-overview', 'Priya Nair'], ['/admin/people', 'admin-people', 'Priya Nair'], ['/admin/invites', 'admin-invites', 'Made by'], ['/admin/rooms', 'admin-rooms', 'web-client'],
      ['/admin/reports', 'admin-reports', 'advertisement'], ['/admin/announcements', 'admin-announcements', 'rests on Sunday'], ['/admin/retention', 'admin-retention', 'The next run'], ['/admin/audit', 'admin-audit', 'Details'], ['/admin/settings', 'admin-server', 'Saved'],
    ] as const) {
      await page.goto(server.url + path);
      const said = page.locator('main').getByText(ready, { exact: false }).first();
      if (ready !== 'Saved') await expect(said).toBeVisible();
      else await expect(page.locator('main .fld').first()).toBeVisible();
      if (name === 'admin-invites') {
        await page.getByRole('button', { name: 'Make a link' }).click();
        await expect(page.getByRole('img', { name: /QR/ })).toBeVisible();
      }
      await shot(page, name);
    }
    await page.setViewportSize(SIZES[1]);
    await page.goto(server.url + '/');
    await expect(page.getByRole('navigation', { name: 'Main' })).toBeVisible();
    for (const scheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme: scheme });
      keep(`rooms-phone-${scheme}`, await page.screenshot());
    }
    expect(mara.troubles).toEqual([]);
  } finally {
    await server.end();
  }
});
