const BASE_MS = 400;
const CAP_MS = 20_000;

/** How long to wait before attempt `n`: random between half and all of a doubling time, so that crowds spread out. */
export const backoff = (n: number, random: () => number = Math.random): number =>
  Math.round((0.5 + random() * 0.5) * Math.min(CAP_MS, BASE_MS * 2 ** Math.min(n, 16)));
