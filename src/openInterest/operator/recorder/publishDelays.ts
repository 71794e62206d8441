/**
 * How long a chunk takes from its receipt to the window that carries it to dashboards. Only chunks that changed the board
 * count: the others are carried by nothing.
 */
export type PublishDelays = {
  /** A chunk that came at `receivedAt` has changed the board. */
  merged(receivedAt: number): void;
  /** A window went out with everything that was merged before. */
  published(at: number): void;
  /** Over the windows since `since`; `null`: there was none. */
  percentilesSince(since: number): { p50: number; p95: number; chunks: number } | null;
};

const KEPT = 512;
/** Windows close every second at most; more chunks than this in one are a flood and tell nothing new. */
const MOST_WAITING = 2_000;

export function createPublishDelays(): PublishDelays {
  const waiting: number[] = [];
  const done: { at: number; ms: number }[] = [];

  return {
    merged(receivedAt) {
      if (waiting.length < MOST_WAITING) waiting.push(receivedAt);
    },
    published(at) {
      for (const receivedAt of waiting) done.push({ at, ms: Math.max(0, at - receivedAt) });
      waiting.length = 0;
      if (done.length > KEPT) done.splice(0, done.length - KEPT);
    },
    percentilesSince(since) {
      const sorted = done
        .filter((it) => it.at >= since)
        .map((it) => it.ms)
        .toSorted((a, b) => a - b);
      if (sorted.length === 0) return null;
      return { p50: percentile(sorted, 0.5), p95: percentile(sorted, 0.95), chunks: sorted.length };
    },
  };
}

/** Nearest rank: always a delay that was measured. */
function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!;
}
