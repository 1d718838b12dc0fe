import { useEffect } from 'preact/hooks';
import { live } from '../core/store';
import { client } from './state';

const IDLE_AFTER = 5 * 60_000;
const SIGNS = ['pointermove', 'pointerdown', 'keydown', 'wheel', 'touchstart'] as const;

/** Tells when nobody has touched this device for a while, or it is not looked at, and when someone is back. */
export function useIdle(): void {
  useEffect(() => {
    let idle = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const tell = (next: boolean) => {
      if (idle === next) return;
      idle = next;
      client().idle(next);
    };
    const again = () => {
      clearTimeout(timer);
      timer = setTimeout(() => tell(true), IDLE_AFTER);
      if (document.visibilityState === 'visible') tell(false);
    };
    for (const s of SIGNS) addEventListener(s, again, { passive: true });
    document.addEventListener('visibilitychange', again);
    // A new connection counts as someone who is there.
    const stop = live.subscribe((on) => { if (on && idle) queueMicrotask(() => client().idle(true)); });
    again();
    return () => {
      clearTimeout(timer);
      stop();
      for (const s of SIGNS) removeEventListener(s, again);
      document.removeEventListener('visibilitychange', again);
    };
  }, []);
}
