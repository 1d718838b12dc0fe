import { expect, test } from '@playwright/test';
import { noViolations } from './axe';
import { PASSWORD, Person } from './people';
import { Server } from './server';

// alice owns, bob is a member; lobby is open. One story, told in steps that build on each other.
test.describe.configure({ mode: 'serial' });

let server: Server;
let alice: Person;
let bob: Person;
let invite: string;

test.beforeAll(async ({ browser }) => {
  server = await Server.start();
  alice = await Person.at(browser, server.url);
  bob = await Person.at(browser, server.url);
});

test.afterAll(async () => {
  await alice?.context.close();
  await bob?.context.close();
  await server?.end();
});

test.afterEach(async () => {
  if (test.info().status !== test.info().expectedStatus) console.log(server.said.slice(-4000));
});

test('the first person makes the server theirs', async () => {
  await alice.page.goto(server.url + '/');
  await expect(alice.page.getByRole('heading', { name: 'Make it yours' })).toBeVisible();
  await noViolations(alice.page);
  invite = await alice.setsUp('Kestrel Works', 'Alice Archer');
  await expect(alice.page).toHaveTitle('lobby · Kestrel Works');
});

test('an invited person comes in by the link', async () => {
  await bob.page.goto(server.url + '/');
  await expect(bob.page.getByRole('heading', { name: 'Sign in to Kestrel Works' })).toBeVisible();
  await noViolations(bob.page);
  await bob.page.goto(invite);
  await expect(bob.page.getByText('Alice Archer invites you.')).toBeVisible();
  await bob.joins(invite, 'Bob Baker');
  await expect(alice.page.getByText('Bob Baker joined')).toBeVisible();
});

test('they talk, both ways, and the text is shown exactly as typed', async () => {
  await alice.says("it's <b> & 1 < 2");
  await bob.hears("it's <b> & 1 < 2");
  await bob.says('two\nlines https://example.org/x.');
  await expect(alice.page.getByRole('link', { name: 'https://example.org/x' })).toHaveAttribute('rel', 'noopener noreferrer');
  expect((await alice.heard()).at(-1)).toBe('two\nlines https://example.org/x.');
  await expect(bob.message("it's <b> & 1 < 2").locator('b')).toHaveCount(1); // the name, nothing else
  // Read by the other: their face stands where the tick was.
  await expect(alice.message("it's <b> & 1 < 2").getByRole('img', { name: 'Read by Bob Baker' })).toBeVisible();
});

test('they see each other here, and typing', async () => {
  await alice.page.getByRole('button', { name: /2 members, 2 here now/ }).click();
  await expect(alice.page.getByRole('region', { name: 'Here now' }).getByText('Bob Baker')).toBeVisible();
  await alice.page.getByRole('button', { name: 'Close members' }).click();
  await bob.composer.pressSequentially('hm');
  await expect(alice.page.getByText('Bob Baker is typing')).toBeVisible();
  await bob.composer.press('Enter');
  await alice.hears('hm');
  await expect(alice.page.getByText('Bob Baker is typing')).toHaveCount(0);
});

test('what happens in another room shows as unread there', async () => {
  const lobby = alice.page.getByRole('link', { name: /^lobby/ });
  // Read so far: what was only there for a moment is not.
  await expect(lobby).not.toHaveAccessibleName(/unread/);
  await alice.page.getByRole('button', { name: 'Add a room' }).click();
  await alice.page.getByLabel('Name', { exact: true }).fill('kitchen');
  await alice.page.getByRole('button', { name: 'Add the room' }).click();
  await alice.isIn('kitchen');
  await bob.says('anyone in the lobby?');
  await expect(lobby).toHaveAccessibleName(/lobby.*unread/);
  await lobby.click();
  await alice.isIn('lobby');
  await expect(alice.page.locator('.new')).toHaveText('1 new');
  await expect(lobby).toHaveAccessibleName('lobby');
});

test('an edit and a deletion reach the other', async () => {
  await bob.says('tpyo');
  await alice.hears('tpyo');
  await bob.sent('tpyo');
  await bob.composer.press('ArrowUp');
  const box = bob.page.getByLabel('Edit message');
  await expect(box).toHaveValue('tpyo');
  await box.fill('typo');
  await box.press('Enter');
  await expect(alice.page.locator('.m').last().locator('.b')).toHaveText('typo (edited)');
  await bob.says('nobody should see this');
  await alice.hears('nobody should see this');
  const row = bob.message('nobody should see this');
  await bob.sent('nobody should see this');
  await bob.does('delete', 'nobody should see this');
  await expect(row).toHaveCount(0);
  await bob.page.getByRole('button', { name: 'Undo' }).click();
  await expect(row).toHaveCount(1);
  await bob.does('delete', 'nobody should see this');
  await expect(alice.page.getByText('Message deleted')).toBeVisible();
  await alice.hears('hm');
  await expect(alice.message('nobody should see this')).toHaveCount(0);
});

test('a direct message is for one person, and counted', async () => {
  await alice.page.getByRole('button', { name: 'Start a conversation' }).click();
  await alice.page.getByRole('dialog').getByRole('button', { name: /Bob Baker/ }).click();
  await alice.page.getByRole('button', { name: 'Start', exact: true }).click();
  await alice.isIn('Bob Baker');
  await alice.says('just for you');
  await expect(bob.page).toHaveTitle('(1) lobby · Kestrel Works');
  await bob.opens('Alice Archer');
  await bob.hears('just for you');
  await expect(bob.page).toHaveTitle('Alice Archer · Kestrel Works');
  await alice.opens('lobby');
  await bob.opens('lobby');
});

test('the server is killed in the middle of a conversation; nothing is lost or doubled', async () => {
  await alice.says('before the fall');
  await bob.hears('before the fall');
  await server.kill();
  await alice.says('written while it was down');
  await expect(alice.message('written while it was down').getByRole('img', { name: 'Sending' })).toBeVisible();
  await bob.says('me too');
  await expect(alice.page.getByText(/Can’t reach the server|Connecting/)).toBeVisible();
  await server.up();
  await bob.hears('written while it was down');
  await alice.hears('me too');
  await alice.sent('written while it was down');
  await bob.sent('me too');
  await alice.says('after');
  await bob.hears('after');
  for (const text of ['before the fall', 'written while it was down', 'me too', 'after']) {
    await alice.hears(text);
    await bob.hears(text);
  }
  expect(await bob.heard()).toEqual(await alice.heard());
  await bob.page.reload();
  await bob.hears('after');
  expect(await bob.heard()).toEqual(await alice.heard());
});

test('the network of one goes away and comes back, with messages on both sides in between', async () => {
  await bob.context.setOffline(true);
  await bob.says('from the train');
  await expect(bob.page.getByText('You’re offline. 1 message will be sent when you’re back.')).toBeVisible();
  await alice.says('from the desk');
  await alice.sent('from the desk');
  await bob.context.setOffline(false);
  await bob.hears('from the desk');
  await alice.hears('from the train');
  await bob.sent('from the train');
  expect((await bob.heard()).slice(-2)).toEqual(['from the desk', 'from the train']);
  expect(await bob.heard()).toEqual(await alice.heard());
});

test('what was written survives a reload with no server', async () => {
  await server.kill();
  await bob.says('one');
  await bob.says('two');
  await bob.composer.fill('half a thou');
  // The page itself would come from the worker; here the server must be there to give it.
  let cut = true;
  await bob.page.route('**/api/v1/**', (r) => (cut ? r.abort() : r.continue()));
  await bob.page.routeWebSocket('**/api/v1/ws', (ws) => {
    if (cut) void ws.close();
    else ws.connectToServer();
  });
  await server.up();
  await bob.page.reload();
  await bob.hears('one');
  await bob.hears('two');
  await expect(bob.composer).toHaveValue('half a thou');
  await expect(bob.message('two').getByRole('img', { name: 'Sending' })).toBeVisible();
  await expect(alice.message('one')).toHaveCount(0);
  await expect(bob.page.getByText(/Can’t reach the server\. 2 messages will be sent/)).toBeVisible();
  cut = false;
  await alice.hears('one');
  await alice.hears('two');
  await bob.sent('two');
  expect(await bob.heard()).toEqual(await alice.heard());
  await bob.composer.fill('');
});

test('history pages in and the reader stays where they are', async () => {
  for (let i = 1; i <= 90; i++) await alice.says(`line ${i}`);
  await alice.sent('line 90');
  await bob.hears('line 90');
  await bob.page.reload();
  await bob.hears('line 90');
  await bob.page.locator('.sc').hover();
  await expect(async () => {
    await bob.page.mouse.wheel(0, -700);
    await expect(bob.page.locator('.intro')).toBeInViewport({ timeout: 200 });
  }).toPass();
  const place = () => bob.page.evaluate(() => {
    const row = document.elementFromPoint(700, 400)!.closest('li')!;
    return [row.textContent, Math.round(row.getBoundingClientRect().top)];
  });
  const before = await place();
  await alice.says('does this move you?');
  await expect(bob.page.getByRole('button', { name: '1 new message' })).toBeVisible();
  expect(await place()).toEqual(before);
  await bob.page.getByRole('button', { name: '1 new message' }).click();
  await expect(bob.message('does this move you?')).toBeInViewport();
});

test('the room has no accessibility violations, light and dark, narrow and wide', async () => {
  await noViolations(alice.page);
  await alice.page.getByRole('button', { name: /members/ }).click();
  await noViolations(alice.page);
  await alice.page.getByRole('button', { name: 'Close members' }).click();
});

test('on a phone the list and the room are two views', async () => {
  await bob.page.setViewportSize({ width: 390, height: 844 });
  await bob.page.getByRole('link', { name: 'Back to rooms' }).click();
  await expect(bob.page.getByRole('navigation', { name: 'Main' })).toBeVisible();
  await noViolations(bob.page, [390]);
  await bob.page.getByRole('link', { name: 'lobby' }).click();
  await expect(bob.composer).toBeVisible();
  await expect(bob.page.getByRole('navigation', { name: 'Main' })).toBeHidden();
  await bob.page.setViewportSize({ width: 1280, height: 800 });
});

test('signing out ends it here and forgets what was kept', async () => {
  await bob.setting('Devices');
  await bob.page.getByRole('button', { name: 'Sign out' }).click();
  await expect(bob.page).toHaveURL(/\/login/);
  const kept = await bob.page.evaluate(async () => (await indexedDB.databases()).length);
  expect(kept).toBe(0);
  await bob.page.goto(server.url + '/');
  await expect(bob.page).toHaveURL(/\/login/);
  await bob.page.getByLabel('Handle').fill('bob.baker');
  await bob.page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await bob.page.getByRole('button', { name: 'Sign in' }).click();
  await bob.isIn('lobby');
  await bob.hears('does this move you?');
});

test('nothing was stopped by the content policy and nothing crashed', async () => {
  expect(alice.troubles).toEqual([]);
  expect(bob.troubles).toEqual([]);
});
