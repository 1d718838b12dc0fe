import { expect, test } from '@playwright/test';
import { noViolations } from './axe';
import { Person } from './people';
import { Server } from './server';

// The pages around the rooms: jumping, searching, catching up, one's own settings and list. alice owns, bob is a member.
test.describe.configure({ mode: 'serial' });

let server: Server;
let alice: Person;
let bob: Person;

const openPalette = async (p: Person, text: string) => {
  await p.page.keyboard.press('Control+k');
  const field = p.page.getByRole('combobox', { name: 'Jump or search' });
  await field.fill(text);
  return field;
};
const menu = async (p: Person, item: string) => {
  await p.page.getByRole('button', { name: 'Room menu' }).click();
  await p.page.getByRole('menuitem', { name: item, exact: true }).click();
};
const inList = (p: Person, name: RegExp) => p.page.getByRole('navigation', { name: 'Rooms' }).getByRole('link', { name });
const foreign: string[] = [];

test.beforeAll(async ({ browser }) => {
  server = await Server.start();
  alice = await Person.at(browser, server.url);
  bob = await Person.at(browser, server.url);
  for (const p of [alice, bob]) p.page.on('request', (r) => { if (new URL(r.url()).host !== new URL(server.url).host && !r.url().startsWith('data:')) foreign.push(r.url()); });
  const invite = await alice.setsUp('Kestrel Works', 'Alice Archer');
  await bob.joins(invite, 'Bob Baker');
  await alice.page.evaluate(async () => {
    const room = (name: string) => fetch('/api/v1/rooms', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ name, kind: 'open', topic: `All about the ${name}` }) });
    for (const name of ['kitchen', 'garden', 'release-0-9']) await room(name);
  });
  await alice.opens('kitchen');
  await alice.says('the kettle is on');
  await alice.says('bring cups and the teapot');
  await alice.sent('bring cups and the teapot');
});

test.afterAll(async () => {
  for (const p of [alice, bob]) await p?.context.close();
  await server?.end();
});

test.afterEach(async () => {
  if (test.info().status !== test.info().expectedStatus) console.log(server.said.slice(-3000));
});

test('the palette jumps by the beginning of a word, by keys alone', async () => {
  const field = await openPalette(alice, 'rel');
  await expect(alice.page.getByRole('option', { name: /release-0-9/ })).toHaveAttribute('aria-selected', 'true');
  await noViolations(alice.page);
  await field.press('Enter');
  await alice.isIn('release-0-9');
  await expect(alice.page.getByRole('dialog')).toHaveCount(0);
});

test('the palette finds messages, people and actions, and gives the focus back', async () => {
  await alice.composer.focus();
  await openPalette(alice, 'teapot');
  await expect(alice.page.getByRole('option', { name: /bring cups/ })).toBeVisible();
  await alice.page.keyboard.press('Escape');
  await expect(alice.composer).toBeFocused();
  await openPalette(alice, 'bob b');
  await expect(alice.page.getByRole('option', { name: /Bob Baker/ })).toBeVisible();
  const field = await openPalette(alice, '> add');
  await expect(alice.page.getByRole('option', { name: /Add a room/ })).toHaveAttribute('aria-selected', 'true');
  await field.press('Enter');
  await expect(alice.page.getByRole('dialog', { name: 'Add a room' })).toBeVisible();
  await alice.page.keyboard.press('Escape');
});

test('searching shows what stands around, leads there, and back to the same place', async () => {
  await openPalette(alice, 'kettle');
  await alice.page.keyboard.press('Control+Enter');
  await expect(alice.page).toHaveURL(/\/search\?q=kettle/);
  const hit = alice.page.getByRole('region', { name: 'Search results' }).getByRole('listitem');
  await expect(hit).toHaveCount(1);
  await expect(hit.locator('mark')).toHaveText('kettle');
  await expect(hit).toContainText('bring cups');
  await noViolations(alice.page);
  await hit.getByRole('link').click();
  await alice.isIn('kitchen');
  await expect(alice.message('the kettle is on')).toBeInViewport();
  await alice.page.goBack();
  await expect(hit.getByRole('link')).toBeFocused();
  await alice.page.getByLabel('Filter: From').selectOption({ label: 'Bob Baker' });
  await expect(alice.page.getByText('Nothing matches.')).toBeVisible();
  await alice.page.getByRole('button', { name: 'Remove from:@bob.baker' }).click();
  await expect(hit).toHaveCount(1);
  await alice.page.getByLabel('Search messages').fill('from:nobody.here x');
  await alice.page.getByLabel('Search messages').press('Enter');
  await expect(alice.page.getByRole('alert')).toBeVisible();
});

test('a mention waits in Catch up and Mentions until it is marked as read', async () => {
  await bob.says('@alice.archer are you there?');
  await expect(inList(alice, /^Mentions/)).toHaveAccessibleName(/1 unread/);
  await inList(alice, /^Catch up/).click();
  const card = alice.page.getByRole('listitem', { name: /^lobby/ });
  await expect(card).toContainText('are you there?');
  await noViolations(alice.page);
  await card.focus();
  await alice.page.keyboard.press('e');
  await expect(alice.page.getByText('You’re all caught up.')).toBeVisible();
  await expect(inList(alice, /^Mentions$/)).toBeVisible();
  await inList(alice, /^Mentions/).click();
  await expect(alice.page.getByRole('region', { name: 'Messages that mention you' })).toContainText('are you there?');
  await noViolations(alice.page);
});

test('followed threads stand together, and agree that they are unread', async () => {
  await alice.opens('lobby');
  await alice.says('who waters the plants?');
  await bob.hears('who waters the plants?');
  await bob.does('thread', 'who waters the plants?');
  const field = bob.page.getByRole('textbox', { name: 'Reply in thread' });
  await field.fill('I do');
  await field.press('Enter');
  await expect(inList(alice, /^Threads/)).toHaveAccessibleName(/unread/);
  await expect(alice.message('who waters the plants?').getByRole('link', { name: /1 reply.*unread/ })).toBeVisible();
  await inList(alice, /^Threads/).click();
  await expect(alice.page.getByRole('region', { name: 'Threads you follow' })).toContainText('I do');
  await noViolations(alice.page);
  await alice.page.getByRole('button', { name: 'Mark all as read' }).click();
  await expect(inList(alice, /^Threads$/)).toBeVisible();
  await bob.page.getByRole('button', { name: 'Close thread' }).click();
});

test('a room can be starred, muted and put into a section, on every device', async () => {
  const second = await alice.context.newPage();
  await second.goto(server.url + '/');
  await expect(second.locator('#composer')).toBeVisible();
  await alice.opens('garden');
  await menu(alice, 'Star');
  await expect(second.getByRole('navigation', { name: 'Rooms' }).getByRole('heading', { name: 'Starred' })).toBeVisible();
  await alice.page.getByRole('button', { name: 'Team menu' }).click();
  await alice.page.getByRole('menuitem', { name: 'New section' }).click();
  await alice.page.getByRole('dialog').getByLabel('Name').fill('Projects');
  await alice.page.getByRole('button', { name: 'Add the section' }).click();
  await alice.opens('kitchen');
  await menu(alice, 'Notifications and section');
  await alice.page.getByLabel('Section', { exact: true }).selectOption({ label: 'Projects' });
  await alice.page.getByRole('switch', { name: /Muted/ }).click();
  await noViolations(alice.page);
  await alice.page.keyboard.press('Escape');
  await expect(inList(alice, /^kitchen/)).toHaveAccessibleName(/muted/);
  const heading = second.getByRole('navigation', { name: 'Rooms' }).getByRole('heading', { name: 'Projects' });
  await expect(heading).toBeVisible();
  await heading.getByRole('button').click();
  await expect(second.getByRole('navigation', { name: 'Rooms' }).getByRole('link', { name: /^kitchen/ })).toHaveCount(0);
  await heading.getByRole('button').click();
  await expect(second.getByRole('navigation', { name: 'Rooms' }).getByRole('link', { name: /^kitchen/ })).toBeVisible();
  await second.close();
});

test('who leads a room sets its rules, and others see why they cannot post', async () => {
  await alice.opens('release-0-9');
  await bob.page.goto(alice.page.url());
  await bob.page.getByRole('button', { name: 'Join release-0-9' }).click();
  await expect(bob.composer).toBeVisible();
  await menu(alice, 'Room settings');
  await noViolations(alice.page);
  await alice.page.getByLabel('Who may post').selectOption('moderator');
  await expect(bob.page.getByText('Only moderators and owners post here.')).toBeVisible();
  await expect(bob.composer).toHaveCount(0);
  await alice.page.getByRole('button', { name: 'Undo' }).click();
  await expect(bob.composer).toBeVisible();
  await alice.page.getByRole('button', { name: 'Close room settings' }).click();
});

test('what is pinned is found in its panel', async () => {
  await alice.says('the release checklist');
  await alice.sent('the release checklist');
  await alice.does('pin', 'the release checklist');
  await alice.page.getByRole('button', { name: 'Pinned', exact: true }).click();
  const panel = alice.page.getByRole('complementary', { name: 'Pinned' });
  await expect(panel).toContainText('the release checklist');
  await noViolations(alice.page);
  await panel.getByRole('button', { name: 'Unpin' }).click();
  await expect(panel).toContainText('Nothing is pinned');
  await panel.getByRole('button', { name: 'Close pinned' }).click();
});

test('a status is seen beside the name, in the card, and ends when it is cleared', async () => {
  await bob.page.getByRole('button', { name: /set your status/ }).click();
  await bob.page.getByRole('button', { name: /At lunch/ }).click();
  await noViolations(bob.page);
  await bob.page.getByRole('button', { name: 'Save the status' }).click();
  await expect(bob.page.getByRole('dialog')).toHaveCount(0);
  await bob.says('back at two');
  await expect(alice.message('back at two').getByRole('img', { name: '🍜 At lunch' })).toBeVisible();
  await alice.message('back at two').getByRole('button', { name: 'Bob Baker' }).click();
  const card = alice.page.getByRole('dialog', { name: 'Profile' });
  await expect(card).toContainText('🍜 At lunch');
  await noViolations(alice.page);
  await card.getByRole('button', { name: 'Message' }).click();
  await alice.isIn('Bob Baker');
  await bob.page.getByRole('button', { name: /set your status/ }).click();
  await bob.page.getByRole('radio', { name: 'Do not disturb' }).check();
  await bob.page.getByRole('button', { name: 'Clear the status' }).click();
  await expect(bob.page.getByRole('dialog')).toHaveCount(0);
  await expect(inList(alice, /^Bob Baker/)).toHaveAccessibleName(/does not want to be disturbed/);
});

test('the own settings: who I am, a picture, what others see, the look', async () => {
  await bob.setting('Profile');
  const png = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAEElEQVR4nGPwdzsBRAwQCgAkVgV1v8AfKQAAAABJRU5ErkJggg==', 'base64');
  await bob.page.getByLabel('Picture of you').setInputFiles({ name: 'me.png', mimeType: 'image/png', buffer: png });
  await expect(bob.page.getByRole('button', { name: 'Remove it' })).toBeVisible();
  await bob.page.getByLabel('Title').fill('Baker of bread');
  await bob.page.getByLabel('Time zone').selectOption('Asia/Tokyo');
  await bob.page.getByRole('button', { name: 'Save' }).click();
  await expect(bob.page.getByText('Saved')).toBeVisible();
  await noViolations(bob.page);
  await expect(alice.page.locator('.hd .ttl .av img')).toBeVisible();
  await bob.setting('Notifications');
  await bob.page.getByRole('switch', { name: /how far I have read/ }).click();
  await expect(bob.page.getByRole('switch', { name: /how far I have read/ })).not.toBeChecked();
  await noViolations(bob.page);
  await bob.setting('Appearance');
  await bob.page.getByRole('radio', { name: 'Compact' }).check();
  await noViolations(bob.page);
  await bob.setting('Devices');
  await expect(bob.page.getByText('This one')).toBeVisible();
  await noViolations(bob.page);
  await bob.setting('Account');
  await noViolations(bob.page);
  await bob.page.keyboard.press('Escape');
  await expect(bob.composer).toBeVisible();
});

test('rooms are gone through by keys, and the keys can be looked up', async () => {
  await alice.opens('lobby');
  await alice.page.keyboard.press('Alt+ArrowDown');
  await alice.isIn('release-0-9');
  // From where one writes, too: there the key alone edits what was said last.
  await expect(alice.composer).toBeFocused();
  await alice.page.keyboard.press('Alt+ArrowUp');
  await alice.isIn('lobby');
  await alice.page.keyboard.press('Control+/');
  await expect(alice.page.getByRole('dialog', { name: 'Keys' })).toBeVisible();
  await noViolations(alice.page);
  await alice.page.keyboard.press('Escape');
});

test('on a phone, top-level views have the tabs, and a room has none', async () => {
  const phone = await alice.context.browser()!.newContext({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, storageState: await alice.context.storageState() });
  const page = await phone.newPage();
  await page.goto(server.url + '/');
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Search' }).click();
  await expect(page.getByLabel('Search messages')).toBeVisible();
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Catch up' }).click();
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: /^Rooms/ }).click();
  await page.getByRole('link', { name: /^lobby/ }).click();
  await expect(page.locator('.m').filter({ hasText: 'who waters the plants?' })).toBeVisible();
  await expect(page.getByRole('navigation', { name: 'Main' })).toBeHidden();
  await phone.close();
});

test('no request went to another host, nothing was stopped by the content policy, nothing crashed', async () => {
  expect(foreign).toEqual([]);
  for (const p of [alice, bob]) expect(p.troubles).toEqual([]);
});
