import { useEffect, useState } from 'preact/hooks';

/** The time, by the second, while something counts down. */
export function useNow(on: boolean): number {
  const [now, set] = useState(Date.now);
  useEffect(() => {
    if (!on) return;
    set(Date.now());
    const timer = setInterval(() => set(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [on]);
  return now;
}
