import { HOUR_MS, MINUTE_MS, type Clock } from '../../kit/clock.ts';
import type { MarkPrice } from '../collector.types.ts';

/** What is known of one symbol. Times are epoch ms; what has not been told is `null`. */
export type PriceRow = {
  symbol: string;
  markPrice: number | null;
  indexPrice: number | null;
  fundingRate: number | null;
  nextFundingTime: number | null;
  /** When it was last heard, by our clock, and known to be live. */
  updatedAt: number;
};

/** A price older than this is no price. */
const USABLE_FOR_MS = MINUTE_MS;
/** A symbol that is so far behind the newest one has been taken off the list. */
const LISTED_WITHIN_MS = MINUTE_MS;
const FORGOTTEN_AFTER_MS = HOUR_MS;

export type PriceTable = ReturnType<typeof createPriceTable>;

/** The last known prices. Age belongs to a symbol: one that falls silent does not hide behind those that go on. */
export function createPriceTable(clock: Clock) {
  const rows = new Map<string, PriceRow>();
  let newestAt: number | null = null;

  function isUsable(row: PriceRow): boolean {
    // A price from the future comes with a clock that is wrong, and its age cannot be told.
    return Math.abs(clock.now() - row.updatedAt) <= USABLE_FOR_MS;
  }

  /** Row by row, for a clock that has been set back would leave a newest time that nothing reaches for long. */
  function sortOut(): void {
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
      sortOut();
    },
    /** `null`: never heard, too old to be used, or no price. Never 0. */
    priceOf(symbol: string): MarkPrice | null {
      const row = rows.get(symbol);
      if (!row || row.markPrice === null || !(row.markPrice > 0) || !isUsable(row)) return null;
      return { markPrice: row.markPrice, fundingRate: row.fundingRate, updatedAt: row.updatedAt };
    },
    /** However old; `null`: not heard for an hour. */
    rowOf: (symbol: string) => rows.get(symbol) ?? null,
    /** Young enough to be used. */
    usable: () => [...rows.values()].filter(isUsable),
    /** Those that the source still speaks of: it may have fallen silent, but it had not forgotten them. */
    listed: () => [...rows.values()].filter((row) => newestAt! - row.updatedAt <= LISTED_WITHIN_MS),
    /** `null` before the first price. */
    newestAgeMs: () => (newestAt === null ? null : Math.max(0, clock.now() - newestAt)),
  };
}
