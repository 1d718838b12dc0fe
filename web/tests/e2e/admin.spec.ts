import { expect, test } from '@playwright/test';
import { noViolations } from './axe';
import { Person } from './people';
import { Server } from './server';

// Administration. alice owns the server, bob is a member.
test.describe.configure({ mode: 'serial' });

let server: Server;
let alice: Person;
let bob: Person;

test.beforeAll(async ({ browser }) => {
  server = await Server.start();
  alice = await Person.at(browser, server.url);
  bob = await Person.at(browser, server.url);
  const invite = await alice.setsUp('Kestrel Works', 'Alice Archer');
  await bob.joins(invite, 'Bob Baker');
  await alice.page.evaluate(() => fetch('/api/v1/rooms', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ name: 'garden', kind: 'open', topic: '' }) }));
});

test.afterAll(async () => {
  for (const p of [alice, bob]) await p?.context.close();
  await server?.end();
});

test('administration is for those who lead, and does what it says', async () => {
  await bob.page.goto(server.url + '/admin/people');
  await expect(bob.page.getByRole('heading', { name: 'Not found, or not yours' })).toBeVisible();
  await alice.page.getByRole('button', { name: 'Team menu' }).click();
  await alice.page.getByRole('menuitem', { name: 'Administration' }).click();
  const nav = alice.page.getByRole('navigation', { name: 'Admin' });
  await expect(alice.page.getByRole('cell', { name: 'Bob Baker', exact: true })).toBeVisible();
  await noViolations(alice.page);
  await nav.getByRole('link', { name: 'People' }).click();
  const bobs = alice.page.getByRole('row', { name: /Bob Baker/ });
  await bobs.getByRole('button', { name: 'Actions for Bob Baker' }).click();
  await alice.page.getByRole('menuitem', { name: 'Make admin' }).click();
  await expect(bobs).toContainText('Admin');
  await noViolations(alice.page);
  await nav.getByRole('link', { name: 'Invites' }).click();
  await alice.page.getByRole('button', { name: 'Make a link' }).click();
  await expect(alice.page.getByRole('img', { name: /QR code/ })).toBeVisible();
  await expect(alice.page.getByLabel('Invite link', { exact: true })).toHaveValue(/\/join\/./);
  await noViolations(alice.page);
  await alice.page.getByRole('button', { name: /^Revoke/ }).first().click();
  await expect(alice.page.getByText('does not work any more')).toBeVisible();
  await nav.getByRole('link', { name: 'Rooms' }).click();
  await expect(alice.page.getByRole('link', { name: 'garden' })).toBeVisible();
  await noViolations(alice.page);
  await nav.getByRole('link', { name: 'Audit log' }).click();
  await expect(alice.page.getByRole('row', { name: /Invite revoked/ }).first()).toBeVisible();
  await noViolations(alice.page);
  await nav.getByRole('link', { name: 'Server' }).click();
  await expect(alice.page.getByLabel('Sign up', { exact: true })).toBeVisible();
  await noViolations(alice.page);
  await alice.page.getByLabel('Sign up', { exact: true }).selectOption('closed');
  await expect(alice.page.getByText('Saved.')).toBeVisible();
  await alice.page.getByRole('link', { name: 'Close admin' }).click();
  await expect(alice.composer).toBeVisible();
});

test('nothing was stopped by the content policy and nothing crashed', async () => {
  for (const p of [alice, bob]) expect(p.troubles).toEqual([]);
});
