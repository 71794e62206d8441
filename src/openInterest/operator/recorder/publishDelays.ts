const KEPT = 512;
/** Windows close at least once a second; more chunks than this in one window are a flood and add no information. */
const MAX_WAITING = 2_000;

/**
 * Delay from the receipt of a chunk to the window that carries it. Only chunks that changed the board count: no window
 * carries the others.
 */
export function createPublishDelays() {
  const waiting: number[] = [];
  const delays: { at: number; ms: number }[] = [];

  return {
    /** A chunk received at `receivedAt` has changed the board. */
    merged(receivedAt: number): void {
      if (waiting.length < MAX_WAITING) waiting.push(receivedAt);
    },
    /** A window was published with everything that was merged before. */
    published(at: number): void {
      for (const receivedAt of waiting) delays.push({ at, ms: Math.max(0, at - receivedAt) });
      waiting.length = 0;
      if (delays.length > KEPT) delays.splice(0, delays.length - KEPT);
    },
    /** Over the windows since `since`, ms; `null`: there was none. */
    percentilesSince(since: number): { p50: number; p95: number; chunks: number } | null {
      const sorted = delays
        .filter((it) => it.at >= since)
        .map((it) => it.ms)
        .toSorted((a, b) => a - b);
      if (sorted.length === 0) return null;
      return { p50: percentile(sorted, 0.5), p95: percentile(sorted, 0.95), chunks: sorted.length };
    },
  };
}

/** Nearest rank: always a measured delay. */
function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!;
}
