import { options } from 'preact';

/** Run an update and render it before returning, so that the caller can measure the result in the same task. */
export function renderNow(change: () => void): void {
  const later = options.debounceRendering;
  options.debounceRendering = (run) => run();
  try {
    change();
  } finally {
    if (later) options.debounceRendering = later;
    else delete options.debounceRendering;
  }
}
