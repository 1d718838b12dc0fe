import base from './playwright.config';

// Pictures of every screen, into docs/screenshots: `make screenshots`. Grey letters: coloured ones make larger files.
const launch = base.use!.launchOptions!;
export default {
  ...base, testDir: 'tests/screenshots', timeout: 600_000,
  use: { ...base.use, timezoneId: 'Europe/Stockholm', locale: 'en-GB', launchOptions: { ...launch, args: [...launch.args!, '--disable-lcd-text'] } },
};
