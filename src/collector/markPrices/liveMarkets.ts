import { MINUTE_MS } from '../../kit/clock.ts';
import type { MarkPriceRow } from '../binance/binance.types.ts';

/** How long a contract without funding may be unchanged and still count as live. */
const STILL_FOR_MS = 2 * MINUTE_MS;

/**
 * Returns a function that answers whether a row of the stream belongs to a live market; call it for each row, in order.
 *
 * The stream repeats the last price of a settled contract under the current time. Two signs distinguish it: its funding rate
 * is exactly 0, as for few live contracts, and its price does not change. So a rate other than 0 proves a row to be live, and
 * a row without one must change. A live market may be unchanged (a stock at night): then it has a last price, but no current
 * one.
 */
export function createLiveMarketCheck() {
  const last = new Map<string, { mark: number; index: number | null; movedAt: number }>();

  return (row: Pick<MarkPriceRow, 's' | 'p' | 'i' | 'r'>, at: number): boolean => {
    const { s: symbol, p: mark, i: index, r: fundingRate } = row;
    const before = last.get(symbol);
    const hasMoved = before !== undefined && (before.mark !== mark || before.index !== index);
    const movedAt = hasMoved ? at : (before?.movedAt ?? -Infinity);
    last.set(symbol, { mark, index, movedAt });
    return (fundingRate !== null && fundingRate !== 0) || at - movedAt <= STILL_FOR_MS;
  };
}
