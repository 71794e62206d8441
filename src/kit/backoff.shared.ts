export type Backoff = { firstMs: number; longestMs: number };

/** The longest wait before the attempt that follows `failures` failed ones: `firstMs`, doubled each time, up to `longestMs`. */
export function backoffLimitMs({ firstMs, longestMs }: Backoff, failures: number): number {
  return Math.min(longestMs, firstMs * 2 ** failures);
}

/** A random wait from zero to that limit (full jitter), so that clients which failed together do not retry together. */
export function backoffMs(backoff: Backoff, failures: number, random: () => number = Math.random): number {
  return random() * backoffLimitMs(backoff, failures);
}
