import { useRef } from 'preact/hooks';

const HELD_MS = 450;
/** A finger that moves further than this scrolls. */
const STILL_PX = 10;

/** A finger that stays. The mouse has its own ways. */
export function useLongPress(run: (from: HTMLElement) => void) {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const began = useRef({ x: 0, y: 0 });
  const stop = () => clearTimeout(timer.current);
  return {
    onPointerDown: (e: PointerEvent) => {
      stop();
      const from = e.currentTarget as HTMLElement;
      if (e.pointerType !== 'touch' || (e.target as HTMLElement).closest('a, button, input, textarea')) return;
      began.current = { x: e.clientX, y: e.clientY };
      timer.current = setTimeout(() => run(from), HELD_MS);
    },
    onPointerMove: (e: PointerEvent) => {
      if (Math.hypot(e.clientX - began.current.x, e.clientY - began.current.y) > STILL_PX) stop();
    },
    onPointerUp: stop,
    onPointerCancel: stop,
  };
}
