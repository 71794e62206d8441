/**
 * Spreads weight over time: a bucket of `burst`, empty at first, that fills up at `perMs`. What weighs more than the bucket holds goes
 * when it is full, and what follows waits the longer.
 */
export function createPace(options: { burst: number; perMs: (now: number) => number; now: number }) {
  const { burst, perMs } = options;
  let level = 0;
  let filledAt = options.now;

  function fill(now: number): void {
    level = Math.min(burst, level + Math.max(0, now - filledAt) * perMs(now));
    filledAt = now;
  }

  return {
    msUntil(weight: number, now: number): number {
      fill(now);
      const missing = Math.min(weight, burst) - level;
      if (missing <= 0) return 0;
      const rate = perMs(now);
      return rate > 0 ? missing / rate : Infinity;
    },
    take(weight: number, now: number): void {
      fill(now);
      level -= weight;
    },
    /** Empties the bucket: after a pause, nobody starts with a burst. */
    drain(now: number): void {
      fill(now);
      level = Math.min(level, 0);
    },
  };
}
