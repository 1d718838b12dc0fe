import { type Browser, expect, test } from '@playwright/test';
import { PASSWORD, Person } from './people';
import { Server } from './server';

// Rooms that are closed, open to visitors, archived; guests; limits; several tabs. alice owns, bob is a member, carol is outside.
test.describe.configure({ mode: 'serial' });

let server: Server;
let alice: Person;
let bob: Person;
let carol: Person;
let den: string;

test.beforeAll(async ({ browser }) => {
  server = await Server.start();
  [alice, bob, carol] = [await Person.at(browser, server.url), await Person.at(browser, server.url), await Person.at(browser, server.url)];
  const invite = await alice.setsUp('Kestrel Works', 'Alice Archer');
  await bob.joins(invite, 'Bob Baker');
  await carol.joins(invite, 'Carol Cooper');
});

test.afterAll(async () => {
  for (const p of [alice, bob, carol]) await p?.context.close();
  await server?.end();
});

const addRoom = async (p: Person, name: string, closed: boolean) => {
  await p.page.getByRole('button', { name: 'Add a room' }).click();
  await p.page.getByLabel('Name', { exact: true }).fill(name);
  if (closed) await p.page.getByRole('switch', { name: /Closed/ }).click();
  await p.page.getByRole('button', { name: 'Add the room' }).click();
  await p.isIn(name);
  return p.page.url();
};

const menu = async (p: Person, item: string) => {
  await p.page.getByRole('button', { name: 'Room menu' }).click();
  await p.page.getByRole('menuitem', { name: item }).click();
};

test('a closed room is not there for those outside, and appears when they are added', async () => {
  den = await addRoom(alice, 'den', true);
  await carol.page.goto(den);
  await expect(carol.page.getByRole('heading', { name: 'Not found, or not yours' })).toBeVisible();
  await expect(bob.page.getByRole('link', { name: 'den' })).toHaveCount(0);
  await menu(alice, 'Add people');
  await alice.page.getByRole('dialog').getByRole('button', { name: /Bob Baker/ }).click();
  await alice.page.getByRole('button', { name: 'Add', exact: true }).click();
  await bob.opens('den');
  await alice.says('psst');
  await bob.hears('psst');
  await expect(carol.page.getByRole('link', { name: 'den' })).toHaveCount(0);
});

test('an open room can be read live before joining it', async () => {
  const garden = await addRoom(alice, 'garden', false);
  await alice.says('tomatoes');
  await carol.page.getByRole('link', { name: 'Browse rooms' }).click();
  await carol.page.getByRole('link', { name: /garden/ }).first().click();
  await expect(carol.page).toHaveURL(garden);
  await carol.hears('tomatoes');
  await alice.says('and beans');
  await carol.hears('and beans');
  await expect(carol.composer).toHaveCount(0);
  await carol.page.getByRole('button', { name: 'Join garden' }).click();
  await carol.says('hello from the fence');
  await alice.hears('hello from the fence');
  await alice.hears('and beans');
  await menu(carol, 'Leave the room');
  await expect(carol.page.getByRole('button', { name: 'Join garden' })).toBeVisible();
  await carol.hears('hello from the fence');
});

test('name, topic and archiving are seen by everyone at once', async () => {
  await alice.opens('den');
  await menu(alice, 'Room settings');
  const panel = alice.page.getByRole('complementary', { name: 'Room settings' });
  await panel.getByLabel('Name', { exact: true }).fill('lair');
  await panel.getByLabel('Name', { exact: true }).press('Enter');
  await bob.isIn('lair');
  await panel.getByLabel('Topic').fill('Tea at four');
  await panel.getByLabel('Topic').press('Enter');
  await bob.isIn('lair');
  await expect(bob.page.locator('.hd .topic')).toHaveText('Tea at four');
  await menu(alice, 'Archive');
  await expect(bob.page.getByText('This room is archived.')).toBeVisible();
  await expect(bob.composer).toHaveCount(0);
  await alice.page.getByRole('button', { name: 'Reopen', exact: true }).click();
  await bob.says('back again');
  await alice.hears('back again');
});

test('someone removed from a room loses it', async () => {
  await alice.page.getByRole('button', { name: /2 members/ }).click();
  await alice.page.getByRole('button', { name: 'Actions for Bob Baker' }).click();
  await alice.page.getByRole('menuitem', { name: 'Make moderator' }).click();
  await expect(alice.page.getByRole('complementary', { name: 'Members' }).getByText('Moderator')).toBeVisible();
  await alice.page.getByRole('button', { name: 'Actions for Bob Baker' }).click();
  await alice.page.getByRole('menuitem', { name: 'Remove from the room' }).click();
  await expect(bob.page.getByRole('link', { name: 'lair' })).toHaveCount(0);
  await expect(bob.page.getByRole('heading', { name: 'Not found, or not yours' })).toBeVisible();
  await alice.page.getByRole('button', { name: 'Close members' }).click();
});

test('two tabs with the same words waiting send them once', async () => {
  await bob.page.goto(server.url + '/');
  await bob.isIn('lobby');
  const second = await bob.context.newPage();
  await second.goto(bob.page.url());
  await expect(second.locator('#composer')).toBeVisible();
  await server.kill();
  await bob.says('from the first tab');
  await expect(second.locator('.m .b').getByText('from the first tab')).toBeVisible();
  await second.locator('#composer').fill('from the second tab');
  await second.locator('#composer').press('Enter');
  await bob.hears('from the second tab');
  await server.up();
  await alice.opens('lobby');
  await alice.hears('from the second tab');
  await alice.hears('from the first tab');
  await bob.sent('from the first tab');
  await bob.sent('from the second tab');
  await second.close();
});

test('a session ended elsewhere is over here, and nothing written is lost', async ({ browser }) => {
  const other = await Person.at(browser, server.url);
  await other.page.goto(server.url + '/');
  await other.page.getByLabel('Handle').fill('bob.baker');
  await other.page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await other.page.getByRole('button', { name: 'Sign in' }).click();
  await other.isIn('lobby');
  await other.composer.fill('not sent yet');
  await bob.setting('Devices');
  await bob.page.getByRole('button', { name: /^End/ }).click();
  await bob.page.keyboard.press('Escape');
  await expect(other.page.getByText('You were signed out.')).toBeVisible();
  await other.page.getByRole('button', { name: 'Sign in' }).click();
  await other.page.getByLabel('Handle').fill('bob.baker');
  await other.page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await other.page.getByRole('button', { name: 'Sign in' }).click();
  await expect(other.composer).toHaveValue('not sent yet');
  await other.context.close();
});

test('the theme can be chosen and stays', async () => {
  await alice.setting('Appearance');
  await alice.page.getByRole('radio', { name: 'Dark' }).check();
  await alice.page.keyboard.press('Escape');
  const background = () => alice.page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  expect(await background()).toBe('rgb(23, 23, 27)');
  await alice.isIn('lobby');
  await alice.page.reload();
  await alice.isIn('lobby');
  expect(await background()).toBe('rgb(23, 23, 27)');
});

test('a name changed is a name changed everywhere', async () => {
  await alice.says('who am I?');
  await bob.hears('who am I?');
  await alice.setting('Profile');
  await alice.page.getByLabel('Name', { exact: true }).fill('Alice Adler');
  await alice.page.getByRole('button', { name: 'Save' }).click();
  await expect(bob.page.locator('.m .who').getByText('Alice Adler').first()).toBeVisible();
  await alice.page.keyboard.press('Escape');
});

test('a guest comes in with just a name, where that is allowed', async ({ browser }) => {
  const open = await Server.start({ CHATTER_GUESTS: 'on' });
  try {
    const owner = await Person.at(browser, open.url);
    await owner.setsUp('Open House', 'Olga Owner');
    const guest = await enterAsGuest(browser, open.url);
    await guest.says('hello, I am new');
    await owner.hears('hello, I am new');
    await expect(owner.page.locator('.m .who .tag').getByText('Guest')).toBeVisible();
    expect(guest.troubles).toEqual([]);
    await guest.context.close();
    await owner.context.close();
  } finally {
    await open.end();
  }
});

async function enterAsGuest(browser: Browser, url: string): Promise<Person> {
  const guest = await Person.at(browser, url);
  await guest.page.goto(url + '/');
  await guest.page.getByLabel('Come in with just a name').fill('Gus');
  await guest.page.getByRole('button', { name: 'Come in as a guest' }).click();
  await guest.isIn('lobby');
  return guest;
}

test('writing too fast waits in place and goes out in order', async ({ browser }) => {
  const slow = await Server.start({ CHATTER_LIMIT_POSTS_PER_MINUTE: '30' });
  try {
    const owner = await Person.at(browser, slow.url);
    await owner.setsUp('Slow House', 'Olga Owner');
    const lines = Array.from({ length: 34 }, (_, i) => `line ${i + 1}`);
    for (const line of lines) await owner.says(line);
    await expect(owner.page.getByRole('img', { name: 'Waiting to send' })).toBeVisible();
    await expect(owner.page.getByText('Not sent.')).toHaveCount(0);
    await expect(owner.page.getByRole('img', { name: /Sending|Waiting/ })).toHaveCount(0, { timeout: 60_000 });
    expect(await owner.heard()).toEqual(lines);
    await owner.context.close();
  } finally {
    await slow.end();
  }
});

test('what the server refuses stays, says why, and can be dropped', async () => {
  await alice.page.routeWebSocket('**/api/v1/ws', (ws) => {
    const up = ws.connectToServer();
    ws.onMessage((m) => up.send(typeof m === 'string' && m.includes('forbidden words') ? m.replace(/"room":"\d+"/, '"room":"1"') : m));
  });
  await alice.page.reload();
  await alice.isIn('lobby');
  await alice.isLive();
  await alice.says('forbidden words');
  await expect(alice.page.getByRole('alert').getByText('Not sent.')).toBeVisible();
  await alice.says('fine words');
  await bob.hears('fine words');
  await alice.page.getByRole('button', { name: 'Discard' }).click();
  await expect(alice.message('forbidden words')).toHaveCount(0);
});

test('nothing was stopped by the content policy and nothing crashed', async () => {
  for (const p of [alice, bob, carol]) expect(p.troubles).toEqual([]);
});
