import { defineConfig } from 'vitest/config';

// The server under development; `cargo run -p chatter -- serve` listens here.
const SERVER = process.env.VITE_SERVER ?? 'http://127.0.0.1:8080';

export default defineConfig({
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  // The tests read the vectors of the Markdown subset, which are a document.
  server: { proxy: { '/api': { target: SERVER, ws: true } }, fs: { allow: ['.', '../docs'] } },
  preview: { proxy: { '/api': { target: SERVER, ws: true } } },
  build: {
    target: 'es2022',
    // Inline data: pictures and the polyfill's inline script would both need holes in the content policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  test: { environment: 'happy-dom', include: ['tests/unit/**/*.test.{ts,tsx}'] },
});
