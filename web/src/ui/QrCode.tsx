import { qrCode } from '../core/qr';

/** Light around it, so that a camera finds it; always dark on light. */
const QUIET = 4;

export function QrCode({ text, label }: { text: string; label: string }) {
  const grid = qrCode(text);
  if (!grid) return null;
  const size = grid.length + 2 * QUIET;
  const path = grid.flatMap((row, r) => row.flatMap((dark, c) => (dark ? `M${c + QUIET} ${r + QUIET}h1v1h-1Z` : []))).join('');
  return <svg class="qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label} shape-rendering="crispEdges"><rect width={size} height={size} fill="#fff" /><path d={path} fill="#000" /></svg>;
}
