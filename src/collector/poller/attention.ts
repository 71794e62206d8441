import { MINUTE_MS } from '../../kit/clock.ts';

type Motion = { ts: number; openInterestUsd: number; usdPerSec: number; weight: number };

/** Half of a symbol's known speed comes from the last ten minutes. */
const HALF_LIFE_MS = 10 * MINUTE_MS;
/** From this proximity on a symbol approaches an alert. */
const NEAR = 0.25;
/** Added to a symbol's attention at the threshold. */
const BOOST = 60;

export type Attention = ReturnType<typeof createAttention>;

/**
 * How often a symbol should be polled relative to others: by how fast its open interest moves in USD, because that is how
 * fast the last reading becomes wrong, and by how near it is to an alert, because then seconds count.
 */
export function createAttention(options: {
  /** 1 is at an alert's threshold. */
  proximityOf: (symbol: string) => number | null;
}) {
  const motions = new Map<string, Motion>();
  let usualUsdPerSec = 0;
  let observedSince = 0;

  function speedOf(motion: Motion | undefined): number | null {
    return motion && motion.weight > 0 ? motion.usdPerSec / motion.weight : null;
  }

  function computeUsual(): number {
    const speeds = [...motions.values()].flatMap((it) => speedOf(it) ?? []);
    return speeds.length === 0 ? 0 : speeds.reduce((sum, it) => sum + it, 0) / speeds.length;
  }

  return {
    observe(symbol: string, { ts, openInterestUsd }: { ts: number; openInterestUsd: number | null }): void {
      if (openInterestUsd === null) return;
      const last = motions.get(symbol);
      if (!last || ts <= last.ts) {
        if (!last) motions.set(symbol, { ts, openInterestUsd, usdPerSec: 0, weight: 0 });
        return;
      }
      const passedMs = ts - last.ts;
      const kept = 0.5 ** (passedMs / HALF_LIFE_MS);
      const speed = Math.abs(openInterestUsd - last.openInterestUsd) / (passedMs / 1_000);
      motions.set(symbol, {
        ts,
        openInterestUsd,
        usdPerSec: last.usdPerSec * kept + speed * (1 - kept),
        weight: last.weight * kept + (1 - kept),
      });
      observedSince += 1;
      if (observedSince < motions.size && usualUsdPerSec > 0) return;
      observedSince = 0;
      usualUsdPerSec = computeUsual();
    },
    /** 1 is usual. */
    of(symbol: string): number {
      const speed = speedOf(motions.get(symbol));
      const relative = speed === null || usualUsdPerSec === 0 ? 1 : speed / usualUsdPerSec;
      const nearness = Math.max(0, (options.proximityOf(symbol) ?? 0) - NEAR) / (1 - NEAR);
      // Added, not multiplied: near an alert a small symbol matters as much as a large one.
      return relative + BOOST * Math.min(1, nearness) ** 2;
    },
    /** Forgets every other symbol. */
    keep(symbols: ReadonlySet<string>): void {
      for (const symbol of motions.keys()) if (!symbols.has(symbol)) motions.delete(symbol);
    },
  };
}
