import { existsSync } from 'node:fs';
import { defineConfig } from '@playwright/test';

const onPath = (process.env.PATH ?? '').split(':').map((d) => d + '/chromium').find((f) => existsSync(f));
const executablePath = process.env.CHROMIUM ?? onPath;

export default defineConfig({
  testDir: 'tests/e2e',
  timeout: 120_000,
  expect: { timeout: 20_000 },
  workers: 1,
  reporter: 'line',
  use: {
    viewport: { width: 1280, height: 800 },
    actionTimeout: 15_000,
    launchOptions: {
      ...(executablePath ? { executablePath } : {}),
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
    },
  },
});
