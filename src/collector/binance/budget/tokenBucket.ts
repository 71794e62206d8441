/**
 * Spreads weight over time: a bucket of `burst`, empty at first, that refills at `perMs`. A request that weighs more than
 * the bucket is due when the bucket is full, and later requests wait the longer for it.
 */
export function createTokenBucket(options: { burst: number; perMs: (now: number) => number; now: number }) {
  const { burst, perMs } = options;
  let level = 0;
  let refilledAt = options.now;

  function refill(now: number): void {
    level = Math.min(burst, level + Math.max(0, now - refilledAt) * perMs(now));
    refilledAt = now;
  }

  return {
    msUntil(weight: number, now: number): number {
      refill(now);
      const missing = Math.min(weight, burst) - level;
      if (missing <= 0) return 0;
      const rate = perMs(now);
      return rate > 0 ? missing / rate : Infinity;
    },
    spend(weight: number, now: number): void {
      refill(now);
      level -= weight;
    },
    /** Empties the bucket, so that requests do not start with a burst after a pause. */
    drain(now: number): void {
      refill(now);
      level = Math.min(level, 0);
    },
  };
}
