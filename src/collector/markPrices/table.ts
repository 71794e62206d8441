import { HOUR_MS, MINUTE_MS, type Clock } from '../../kit/clock.ts';
import type { MarkPrice } from '../collector.types.ts';

/** The last known prices of one symbol. Times are epoch ms; `null`: not known. */
export type PriceRow = {
  symbol: string;
  markPrice: number | null;
  indexPrice: number | null;
  fundingRate: number | null;
  nextFundingTime: number | null;
  /** When it last arrived, by our clock, for a live market. */
  updatedAt: number;
};

/** An older price is not used. */
const USABLE_FOR_MS = MINUTE_MS;
/** A symbol this far behind the newest one was delisted. */
const LISTED_WITHIN_MS = MINUTE_MS;
const FORGOTTEN_AFTER_MS = HOUR_MS;

export type PriceTable = ReturnType<typeof createPriceTable>;

/** The last known prices. Each symbol has its own age: one without updates does not hide behind the others. */
export function createPriceTable(clock: Clock) {
  const rows = new Map<string, PriceRow>();
  let newestAt: number | null = null;

  function isUsable(row: PriceRow): boolean {
    // A price from the future comes from a wrong clock, so its age is unknown.
    return Math.abs(clock.now() - row.updatedAt) <= USABLE_FOR_MS;
  }

  /** Recomputed from all rows: after the clock is set back, an old maximum would stay for long. */
  function removeOutdated(): void {
    const now = clock.now();
    newestAt = null;
    for (const { symbol, updatedAt } of rows.values()) {
      if (updatedAt > now + USABLE_FOR_MS) rows.delete(symbol);
      else if (newestAt === null || updatedAt > newestAt) newestAt = updatedAt;
    }
    for (const { symbol, updatedAt } of rows.values()) {
      if (newestAt !== null && newestAt - updatedAt > FORGOTTEN_AFTER_MS) rows.delete(symbol);
    }
  }

  return {
    put(given: readonly PriceRow[]): void {
      for (const row of given) rows.set(row.symbol, row);
      removeOutdated();
    },
    /** `null`: unknown, or too old to be used. Never 0. */
    priceOf(symbol: string): MarkPrice | null {
      const row = rows.get(symbol);
      if (!row || row.markPrice === null || !(row.markPrice > 0) || !isUsable(row)) return null;
      return { markPrice: row.markPrice, fundingRate: row.fundingRate, updatedAt: row.updatedAt };
    },
    /** However old; `null`: no update for an hour. */
    rowOf: (symbol: string) => rows.get(symbol) ?? null,
    /** Recent enough to be used. */
    usable: () => [...rows.values()].filter(isUsable),
    /** Symbols that the source still lists, even if it has stopped sending. */
    listed: () => [...rows.values()].filter((row) => newestAt! - row.updatedAt <= LISTED_WITHIN_MS),
    /** `null` before the first price. */
    newestAgeMs: () => (newestAt === null ? null : Math.max(0, clock.now() - newestAt)),
  };
}
