import { MINUTE_MS } from '../../kit/clock.ts';
import type { MarkPriceRow } from '../binance/binance.types.ts';

/** Whether a row of the stream speaks of a market that is alive. To be asked once for each row, in order. */
export type LifeSigns = (row: Pick<MarkPriceRow, 's' | 'p' | 'i' | 'r'>, at: number) => boolean;

/** How long a contract without funding may stand still and still count as alive. */
const STILL_FOR_MS = 2 * MINUTE_MS;

/**
 * A contract that has been settled goes on being listed with its last price under the present time, and the stream does
 * not say so. Two things tell: its funding rate is exactly 0, as with few live contracts, and its price stands still. So
 * a rate other than 0 vouches for a row, and a row without must be seen to move. It may be live without moving (a stock
 * at night): then it has a last price, but none of now.
 */
export function createLifeSigns(): LifeSigns {
  const last = new Map<string, { mark: number; index: number | null; movedAt: number }>();

  return ({ s: symbol, p: mark, i: index, r: fundingRate }, at) => {
    const before = last.get(symbol);
    const hasMoved = before !== undefined && (before.mark !== mark || before.index !== index);
    const movedAt = hasMoved ? at : (before?.movedAt ?? -Infinity);
    last.set(symbol, { mark, index, movedAt });
    return (fundingRate !== null && fundingRate !== 0) || at - movedAt <= STILL_FOR_MS;
  };
}
