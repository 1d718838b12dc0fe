import { expect, test } from '@playwright/test';
import { noViolations } from './axe';
import { Person } from './people';
import { Server } from './server';

// What a message may say, and what people put under it. One story, told in steps that build on each other.
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
});

test.afterAll(async () => {
  await alice?.context.close();
  await bob?.context.close();
  await server?.end();
});

test.afterEach(async () => {
  if (test.info().status !== test.info().expectedStatus) console.log(server.said.slice(-4000));
});

test('marks are drawn, and markup is text', async () => {
  await alice.says('**bold** _italic_ ~~gone~~ `code` <b>no</b> [docs](https://example.org/docs) [bad](javascript:alert(1))');
  const said = bob.page.locator('.m .b').last();
  await expect(said.locator('strong')).toHaveText('bold');
  await expect(said.locator('em')).toHaveText('italic');
  await expect(said.locator('del')).toHaveText('gone');
  await expect(said.locator('code')).toHaveText('code');
  await expect(said).toContainText('<b>no</b>');
  await expect(said.getByRole('link')).toHaveCount(1);
  await expect(said.getByRole('link')).toHaveAttribute('href', 'https://example.org/docs');
  await alice.says('```rust\nlet a = "<b>"; // a line that is much longer than any screen that this is ever shown on, so that it has to scroll sideways\n```\n1. one\n   - two\n\n> quoted\n\n| a | b |\n| :-: | --: |\n| 1 | 2 |');
  await expect(bob.page.getByRole('region', { name: 'rust code' })).toHaveText(/^let a = "<b>";/);
  await expect(bob.page.getByRole('region', { name: 'Table' }).getByRole('columnheader')).toHaveText(['a', 'b']);
  await noViolations(bob.page);
});

test('a reply quotes what it answers, and leads there', async () => {
  await alice.says('lunch at one?');
  await bob.hears('lunch at one?');
  await bob.does('reply', 'lunch at one?');
  await expect(bob.page.locator('.answer')).toContainText('lunch at one?');
  await bob.says('yes please');
  await expect(bob.page.locator('.answer')).toHaveCount(0);
  const quote = alice.message('yes please').locator('.quote');
  await expect(quote).toContainText('Alice Archer');
  await expect(quote).toContainText('lunch at one?');
  await quote.click();
  await expect(alice.message('lunch at one?')).toBeFocused();
});

test('a reaction is put there and taken back, by each', async () => {
  await bob.does('react', 'lunch at one?');
  await bob.page.getByRole('dialog', { name: 'Choose a reaction' }).getByRole('button', { name: 'Party' }).click();
  const under = (person: Person) => person.message('lunch at one?').getByRole('group', { name: 'Reactions' });
  await expect(under(bob).getByRole('button', { name: '🎉 1' })).toHaveAttribute('aria-pressed', 'true');
  await expect(under(alice).getByRole('button', { name: '🎉 1' })).toHaveAttribute('aria-pressed', 'false');
  await under(alice).getByRole('button', { name: '🎉 1' }).click();
  await expect(under(bob).getByRole('button', { name: '🎉 2' })).toBeVisible();
  await under(bob).getByRole('button', { name: '🎉 2' }).click();
  await expect(under(alice).getByRole('button', { name: '🎉 1' })).toHaveAttribute('aria-pressed', 'true');
  await under(alice).getByRole('button', { name: 'Add a reaction' }).click();
  await expect(alice.page.getByRole('dialog', { name: 'Choose a reaction' })).toBeVisible();
  await noViolations(alice.page);
  await alice.page.keyboard.press('Escape');
  await expect(alice.page.getByRole('dialog', { name: 'Choose a reaction' })).toHaveCount(0);
});

test('a thread is beside the room, not in it', async () => {
  await bob.does('thread', 'lunch at one?');
  const panel = (person: Person) => person.page.getByRole('complementary', { name: 'Thread' });
  await expect(panel(bob)).toContainText('lunch at one?');
  const field = panel(bob).getByLabel('Reply in thread', { exact: true });
  await field.fill('the *new* place?');
  await field.press('Enter');
  await expect(panel(bob).locator('.m em')).toHaveText('new');
  const summary = alice.message('lunch at one?').getByRole('link', { name: /1 reply/ });
  await expect(summary).toBeVisible();
  await expect(alice.page.locator('.tl')).not.toContainText('place?');
  // Alice began it, so she follows it.
  await expect(alice.message('lunch at one?').getByRole('link', { name: /1 reply.*unread/ })).toBeVisible();
  await summary.click();
  await expect(panel(alice).getByRole('button', { name: 'Follow this thread' })).toHaveAttribute('aria-pressed', 'true');
  await expect(panel(alice)).toContainText('the new place?');
  await panel(alice).getByLabel('Reply in thread', { exact: true }).fill('at the corner');
  await panel(alice).getByLabel('Also send to lobby').check();
  await panel(alice).getByLabel('Reply in thread', { exact: true }).press('Enter');
  await expect(panel(bob)).toContainText('at the corner');
  await expect(bob.page.locator('.tl')).toContainText('at the corner');
  await expect(panel(bob)).toContainText('2 replies');
  await noViolations(alice.page);
  // Nothing of it is lost when the page is opened anew.
  await bob.page.reload();
  await expect(panel(bob).locator('.m')).toHaveCount(3);
  await panel(bob).getByRole('button', { name: 'Close thread' }).click();
  await panel(alice).getByRole('button', { name: 'Close thread' }).click();
  await expect(panel(bob)).toHaveCount(0);
});

test('what is pinned says so, and what was edited shows what it said', async () => {
  await alice.does('pin', 'lunch at one?');
  await expect(bob.message('lunch at one?')).toContainText('Pinned');
  await expect(bob.page.getByText('Alice Archer pinned a message')).toBeVisible();
  await bob.does('edit', 'yes please');
  await bob.page.getByLabel('Edit message').fill('yes, **please**');
  await bob.page.getByLabel('Edit message').press('Enter');
  await alice.page.getByRole('button', { name: 'Edited: show what it said' }).click();
  const history = alice.page.getByRole('dialog', { name: 'Edit history' });
  await expect(history.locator('.b')).toHaveText(['yes please', 'yes, please']);
  await noViolations(alice.page);
  await history.getByRole('button', { name: 'Close' }).click();
});

test('a file is attached, goes out with the words, and is seen', async () => {
  const png = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAEElEQVR4nGPwdzsBRAwQCgAkVgV1v8AfKQAAAABJRU5ErkJggg==', 'base64');
  await alice.page.locator('input[type=file]').first().setInputFiles([
    { name: 'plan.png', mimeType: 'image/png', buffer: png },
    { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('remember the milk') },
  ]);
  await expect(alice.page.getByRole('list', { name: 'Files to send' })).toContainText('17 B');
  await noViolations(alice.page);
  await alice.says('the plan');
  await expect(alice.page.getByRole('list', { name: 'Files to send' })).toHaveCount(0);
  const row = bob.message('the plan');
  await expect(row.getByRole('img', { name: 'plan.png' })).toBeVisible();
  await expect(row.getByRole('link', { name: /notes\.txt/ })).toBeVisible();
  expect(await row.getByRole('img', { name: 'plan.png' }).evaluate((it: HTMLImageElement) => it.decode().then(() => it.naturalWidth))).toBe(2);
});

test('a mention is offered while it is written, and counts for whom it names', async () => {
  await alice.page.getByRole('button', { name: 'Add a room' }).click();
  await alice.page.getByLabel('Name', { exact: true }).fill('kitchen');
  await alice.page.getByRole('button', { name: 'Add the room' }).click();
  await alice.isIn('kitchen');
  await bob.composer.pressSequentially('ask @ali');
  await expect(bob.page.getByRole('option', { name: /Alice Archer/ })).toBeVisible();
  await noViolations(bob.page);
  await bob.composer.press('Enter');
  await expect(bob.composer).toHaveValue('ask @alice.archer ');
  await bob.composer.press('Enter');
  const lobby = alice.page.getByRole('navigation', { name: 'Rooms' }).getByRole('link', { name: /^lobby/ });
  await expect(lobby).toHaveAccessibleName(/1 for you/);
  await alice.opens('lobby');
  await expect(alice.page.locator('.m.to-you .at.you')).toHaveText('@alice.archer');
  await expect(lobby).not.toHaveAccessibleName(/for you/);
  await noViolations(alice.page);
});

test('everything is the same after loading it afresh', async () => {
  const all = (person: Person) => person.page.locator('.tl .m').evaluateAll((rows) => rows.map((it) => it.querySelector('.b, .gone')?.textContent + ' ' + [...it.querySelectorAll('.rx button[aria-pressed], .th, .pinned, .quote')].map((x) => x.textContent).join(' ')));
  const before = await all(alice);
  await alice.page.evaluate(async () => {
    for (const { name } of await indexedDB.databases()) if (name) indexedDB.deleteDatabase(name);
  });
  await alice.page.goto(server.url + '/');
  await alice.isIn('lobby');
  await expect.poll(() => all(alice)).toEqual(before);
  expect(alice.troubles).toEqual([]);
  expect(bob.troubles).toEqual([]);
});
