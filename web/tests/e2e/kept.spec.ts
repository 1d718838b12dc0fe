import { expect, test } from '@playwright/test';
import { noViolations } from './axe';
import { PASSWORD, Person } from './people';
import { Server } from './server';
import { totp } from './totp';

// What people keep for themselves, and what guards them: saved messages, reminders, drafts on two devices, messages sent later, banners,
// reports, guest links, a second factor, a new password. alice owns, bob is a member.
test.describe.configure({ mode: 'serial' });

let server: Server;
let alice: Person;
let bob: Person;

const inList = (p: Person, name: RegExp) => p.page.getByRole('navigation', { name: 'Rooms' }).getByRole('link', { name });
const signIn = async (p: Person, handle: string, password = PASSWORD) => {
  await p.page.goto(server.url + '/login');
  await p.page.getByLabel('Handle').fill(handle);
  await p.page.getByLabel('Password', { exact: true }).fill(password);
  await p.page.getByRole('button', { name: 'Sign in' }).click();
};

test.beforeAll(async ({ browser }) => {
  server = await Server.start();
  alice = await Person.at(browser, server.url);
  bob = await Person.at(browser, server.url);
  const invite = await alice.setsUp('Kestrel Works', 'Alice Archer');
  await bob.joins(invite, 'Bob Baker');
  await bob.says('the number is 42');
  await alice.hears('the number is 42');
});

test.afterAll(async () => {
  for (const p of [alice, bob]) await p?.context.close();
  await server?.end();
});

test.afterEach(async () => {
  if (test.info().status !== test.info().expectedStatus) console.log(server.said.slice(-3000));
});

test('a message is saved, found again, and let go', async () => {
  await alice.does('save', 'the number is 42');
  await inList(alice, /^Saved/).click();
  const page = alice.page.getByRole('region', { name: /Saved messages/ });
  await expect(page).toContainText('the number is 42');
  await noViolations(alice.page);
  await page.getByRole('button', { name: 'Remove' }).click();
  await expect(page).toContainText('Nothing is saved');
  await alice.opens('lobby');
});

test('a reminder stands among the saved ones with its note', async () => {
  await alice.does('remind', 'the number is 42');
  const dialog = alice.page.getByRole('dialog', { name: 'Remind me' });
  await dialog.getByRole('button', { name: 'Tomorrow morning' }).click();
  await dialog.getByLabel('Note').fill('ask why');
  await noViolations(alice.page);
  await dialog.getByRole('button', { name: 'Remind me then' }).click();
  await expect(dialog).toHaveCount(0);
  await inList(alice, /^Saved/).click();
  await expect(alice.page.getByRole('region', { name: /Saved messages/ })).toContainText('ask why');
  await alice.page.getByRole('button', { name: 'Done' }).click();
  await expect(alice.page.getByRole('region', { name: /Saved messages/ })).toContainText('Nothing is saved');
  await alice.opens('lobby');
});

test('what is sent later waits among the drafts, and comes back to be written on', async () => {
  await alice.composer.fill('good morning');
  await alice.page.getByRole('button', { name: 'Send later' }).click();
  const dialog = alice.page.getByRole('dialog', { name: 'Send later' });
  await noViolations(alice.page);
  await dialog.getByRole('button', { name: 'Send then' }).click();
  await expect(alice.composer).toHaveValue('');
  await inList(alice, /^Drafts/).click();
  await expect(alice.page.getByRole('region', { name: /Drafts/ })).toContainText('good morning');
  await noViolations(alice.page);
  await alice.page.getByRole('button', { name: 'Back to the draft' }).click();
  await alice.page.getByRole('link', { name: 'Go on writing' }).click();
  await expect(alice.composer).toHaveValue('good morning');
  await alice.composer.fill('');
});

test('a draft is the same on all devices, and nothing is lost where both wrote', async ({ browser }) => {
  const phone = await Person.at(browser, server.url);
  await signIn(phone, 'alice.archer');
  await phone.isIn('lobby');
  await alice.composer.fill('dear all');
  await expect(phone.composer).toHaveValue('dear all');
  await phone.context.setOffline(true);
  await phone.composer.fill('dear all, from the train');
  await alice.composer.fill('dear all, from the desk');
  await expect.poll(() => alice.page.evaluate(async () => JSON.stringify(await (await fetch('/api/v1/drafts')).json()))).toContain('from the desk');
  await phone.context.setOffline(false);
  await expect(phone.page.getByText('Another device wrote: ')).toContainText('from the desk');
  await expect(phone.composer).toHaveValue('dear all, from the train');
  await noViolations(phone.page);
  await phone.page.getByRole('button', { name: 'Keep both' }).click();
  await expect(alice.composer).toHaveValue('dear all, from the train\ndear all, from the desk');
  await alice.composer.fill('');
  expect(phone.troubles).toEqual([]);
  await phone.context.close();
});

test('an announcement stands above everything until it is dismissed', async () => {
  await alice.page.goto(server.url + '/admin/announcements');
  await alice.page.getByLabel('Text').fill('The server rests on Sunday at noon.');
  await alice.page.getByRole('button', { name: 'Announce', exact: true }).click();
  await expect(alice.page.getByText('Banner for everyone')).toBeVisible();
  await noViolations(alice.page);
  const banner = bob.page.getByRole('list', { name: 'Announcements' });
  await expect(banner).toContainText('The server rests on Sunday at noon.');
  await noViolations(bob.page);
  await banner.getByRole('button', { name: 'Dismiss' }).click();
  await expect(banner).toHaveCount(0);
});

test('a report reaches those who lead, who delete what was reported', async () => {
  await alice.page.goto(server.url + '/');
  await alice.isIn('lobby');
  await alice.says('something rude');
  await bob.hears('something rude');
  await bob.does('report', 'something rude');
  await bob.page.getByLabel('What is wrong with it?').fill('it is rude');
  await noViolations(bob.page);
  await bob.page.getByRole('button', { name: 'Report', exact: true }).click();
  await expect(bob.page.getByText('Reported.')).toBeVisible();
  await alice.page.goto(server.url + '/admin/reports');
  await expect(alice.page.getByRole('region', { name: 'Reports' })).toContainText('it is rude');
  await noViolations(alice.page);
  await alice.page.getByRole('button', { name: 'Delete the message' }).click();
  await expect(alice.page.getByText('No report is open.')).toBeVisible();
  await expect(bob.message('something rude')).toHaveCount(0);
  await alice.page.goto(server.url + '/admin/retention');
  await expect(alice.page.getByRole('heading', { name: 'Jobs' })).toBeVisible();
  await noViolations(alice.page);
});

test('a guest link leads into one room and no other', async ({ browser }) => {
  await alice.page.goto(server.url + '/');
  await alice.isIn('lobby');
  await alice.page.getByRole('button', { name: 'Room menu' }).click();
  await alice.page.getByRole('menuitem', { name: 'Room settings' }).click();
  await alice.page.getByRole('button', { name: 'Make a guest link' }).click();
  const link = await alice.page.getByLabel('The new link').inputValue();
  await noViolations(alice.page);
  const guest = await Person.at(browser, server.url);
  await guest.page.goto(link);
  await expect(guest.page.getByRole('heading', { name: 'lobby' })).toBeVisible();
  await noViolations(guest.page);
  await guest.page.getByLabel('Your name').fill('Gus');
  await guest.page.getByRole('button', { name: 'Come in' }).click();
  await guest.isIn('lobby');
  await guest.says('hello from outside');
  await alice.hears('hello from outside');
  await noViolations(guest.page);
  expect(guest.troubles).toEqual([]);
  await guest.context.close();
  await alice.page.getByRole('button', { name: 'Close room settings' }).click();
});

test('a second factor is set up with an app, and asked for on signing in', async ({ browser }) => {
  await bob.setting('Account');
  await bob.page.getByRole('button', { name: 'Set up a second factor' }).click();
  await bob.page.getByLabel('Your password', { exact: true }).fill(PASSWORD);
  await bob.page.getByRole('button', { name: 'Go on' }).click();
  await expect(bob.page.getByRole('img', { name: /QR code/ })).toBeVisible();
  await noViolations(bob.page);
  const secret = (await bob.page.locator('.factor code').textContent())!;
  await bob.page.getByLabel('Code from the app').fill(totp(secret, Date.now()));
  await bob.page.getByRole('button', { name: 'Turn it on' }).click();
  const codes = bob.page.locator('.codes code');
  await expect(codes).toHaveCount(10);
  await noViolations(bob.page);
  const recovery = (await codes.first().textContent())!;
  await bob.page.getByRole('button', { name: 'I have kept them' }).click();
  const other = await Person.at(browser, server.url);
  await signIn(other, 'bob.baker');
  await other.page.getByLabel('Code', { exact: true }).fill('000000');
  await other.page.getByRole('button', { name: 'Sign in' }).click();
  await expect(other.page.locator('.err')).toBeVisible();
  await noViolations(other.page);
  await other.page.getByLabel('Code', { exact: true }).fill(recovery);
  await other.page.getByRole('button', { name: 'Sign in' }).click();
  await other.isIn('lobby');
  expect(other.troubles).toEqual([]);
  await other.context.close();
});

test('an admin hands over a link that sets a new password', async ({ browser }) => {
  await alice.page.goto(server.url + '/admin/people');
  await alice.page.getByRole('button', { name: 'Actions for Bob Baker' }).click();
  await alice.page.getByRole('menuitem', { name: 'Account…' }).click();
  const dialog = alice.page.getByRole('dialog', { name: 'Bob Baker' });
  await dialog.getByRole('button', { name: 'Remove the second factor' }).click();
  await dialog.getByRole('button', { name: 'Make a reset link' }).click();
  const link = await dialog.getByLabel(/sets a new password/).inputValue();
  await noViolations(alice.page);
  const other = await Person.at(browser, server.url);
  await other.page.goto(link);
  await other.page.getByLabel('New password', { exact: true }).fill('another long one, really');
  await noViolations(other.page);
  await other.page.getByRole('button', { name: 'Change the password' }).click();
  await expect(other.page.getByRole('heading', { name: 'Your password is changed' })).toBeVisible();
  await expect(bob.page.getByText('You were signed out.')).toBeVisible();
  await signIn(other, 'bob.baker', 'another long one, really');
  await other.isIn('lobby');
  expect(other.troubles).toEqual([]);
  await other.context.close();
});

test('nothing was stopped by the content policy and nothing crashed', async () => {
  for (const p of [alice, bob]) expect(p.troubles).toEqual([]);
});
