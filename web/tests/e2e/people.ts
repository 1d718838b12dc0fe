import { type Browser, type BrowserContext, expect, type Page } from '@playwright/test';

export const PASSWORD = 'a long enough one, really';

/** Someone at a browser of their own. Anything the content policy stops, or any crash, fails the test. */
export class Person {
  readonly troubles: string[] = [];

  private constructor(readonly context: BrowserContext, readonly page: Page, readonly url: string) {
    page.on('pageerror', (e) => this.troubles.push(String(e)));
    page.on('console', (m) => {
      // While the server is down the browser reports failed requests by itself.
      if (m.type() === 'error' && !/Failed to load resource|WebSocket connection|ERR_/.test(m.text())) this.troubles.push(m.text());
    });
  }

  static async at(browser: Browser, url: string): Promise<Person> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    return new Person(context, await context.newPage(), url);
  }

  async setsUp(team: string, name: string): Promise<string> {
    await this.page.goto(this.url + '/');
    await expect(this.page).toHaveURL(/\/setup/);
    await this.page.getByLabel('Team name').fill(team);
    await this.page.getByLabel('Your name').fill(name);
    await this.page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await this.page.getByRole('button', { name: 'Create the server' }).click();
    const link = this.page.getByLabel('Invite link');
    await expect(link).toHaveValue(/\/join\/./);
    const invite = await link.inputValue();
    await this.page.getByRole('button', { name: 'Go to the lobby' }).click();
    await this.isIn('lobby');
    return invite;
  }

  async joins(invite: string, name: string): Promise<void> {
    await this.page.goto(invite);
    await this.page.getByLabel('Your name').fill(name);
    await this.page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await this.page.getByRole('button', { name: 'Join', exact: true }).click();
    await this.isIn('lobby');
  }

  async isIn(room: string): Promise<void> {
    await expect(this.page.getByRole('heading', { level: 1, name: room, exact: true })).toBeVisible();
    await expect(this.composer).toBeVisible();
  }

  async opens(room: string): Promise<void> {
    await this.page.getByRole('navigation', { name: 'Rooms' }).getByRole('link', { name: new RegExp(`^${room}( |$)`) }).click();
    await this.isIn(room);
  }

  get composer() {
    return this.page.locator('#composer');
  }

  async says(text: string): Promise<void> {
    await this.composer.fill(text);
    await this.composer.press('Enter');
    await expect(this.composer).toHaveValue('');
  }

  /** A page of the own settings. */
  async setting(name: string): Promise<void> {
    if (!new URL(this.page.url()).pathname.startsWith('/settings')) await this.page.getByRole('link', { name: 'Settings', exact: true }).click();
    await this.page.getByRole('navigation', { name: 'Settings' }).getByRole('link', { name }).click();
    await expect(this.page.getByRole('heading', { level: 1, name })).toBeVisible();
  }

  /** Does something with a message: from the bar over it, or from the rest behind "More". */
  async does(act: string, text: string): Promise<void> {
    const row = this.message(text);
    await row.hover();
    const inBar = row.getByRole('toolbar').locator(`[data-act=${act}]`);
    if (await inBar.count()) return inBar.click();
    await row.getByRole('button', { name: 'More actions' }).click();
    await this.page.getByRole('menu', { name: 'Message actions' }).locator(`[data-act=${act}]`).click();
  }

  /** A message with exactly this text. */
  message(text: string) {
    return this.page.locator('.m').filter({ has: this.page.locator('.b').getByText(text, { exact: true }) });
  }

  async hears(text: string): Promise<void> {
    await expect(this.message(text)).toHaveCount(1);
  }

  /** Everything said in the room, in order, as shown. */
  async heard(): Promise<string[]> {
    return this.page.locator('.m .b').allTextContents();
  }

  /** Stored by the server and heard back: it has a place in the room. */
  async sent(text: string): Promise<void> {
    await expect(this.message(text).and(this.page.locator('[data-seq]'))).toHaveCount(1);
  }

  async isLive(): Promise<void> {
    await expect(this.page.locator('.me .on:not(.off)')).toBeVisible();
  }
}
