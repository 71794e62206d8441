import { MINUTE_MS, type Clock } from '../../kit/clock.ts';
import type { LiquidationsUpdate } from '../../openInterest/positioning/positioning.types.ts';
import type { ForcedOrderRow } from '../binance/binance.types.ts';

export type LiquidationRow = LiquidationsUpdate['minutes'][number];

type Bucket = { row: LiquidationRow; seen: Set<string>; isChanged: boolean };

/** An order this late would open a minute that has been posted and forgotten, with less than it had. */
const OPEN_MS = 5 * MINUTE_MS;
/** A market in which everything is liquidated for minutes, while the server is away. */
const MOST_BUCKETS = 5_000;

export type Liquidations = ReturnType<typeof createLiquidations>;

/**
 * Adds up forced orders per symbol and minute. Two connections deliver the same order while one replaces the other; it
 * counts once.
 */
export function createLiquidations({ clock }: { clock: Clock }) {
  const buckets = new Map<string, Bucket>();

  /** Minutes that have ended and are posted; beyond the limit the oldest. */
  function forget(): void {
    const before = clock.now() - OPEN_MS;
    for (const [key, { row, isChanged }] of buckets) {
      if ((row.minute < before && !isChanged) || buckets.size > MOST_BUCKETS) buckets.delete(key);
    }
  }

  return {
    add({ o: order }: ForcedOrderRow): void {
      if (Math.abs(clock.now() - order.T) >= OPEN_MS - MINUTE_MS || order.z === 0) return;
      const minute = order.T - (order.T % MINUTE_MS);
      const key = `${order.s} ${minute}`;
      let bucket = buckets.get(key);
      if (!bucket) {
        const row = { symbol: order.s, minute, longUsd: 0, shortUsd: 0, longs: 0, shorts: 0 };
        buckets.set(key, (bucket = { row, seen: new Set(), isChanged: false }));
      }
      const id = `${order.T} ${order.S} ${order.z} ${order.ap}`;
      if (bucket.seen.has(id)) return;
      bucket.seen.add(id);
      bucket.isChanged = true;
      const usd = order.z * order.ap;
      if (order.S === 'SELL') {
        bucket.row.longUsd += usd;
        bucket.row.longs += 1;
      } else {
        bucket.row.shortUsd += usd;
        bucket.row.shorts += 1;
      }
    },
    /** At most `limit` rows that changed since they were last returned. */
    takeChanged(limit: number): LiquidationRow[] {
      forget();
      const changed = [...buckets.values()].filter((it) => it.isChanged).slice(0, limit);
      for (const it of changed) it.isChanged = false;
      return changed.map((it) => ({ ...it.row }));
    },
    /** They could not be posted: `takeChanged` returns them again, with what was added since. */
    putBack(rows: readonly LiquidationRow[]): void {
      for (const { symbol, minute } of rows) {
        const bucket = buckets.get(`${symbol} ${minute}`);
        if (bucket) bucket.isChanged = true;
      }
    },
  };
}
