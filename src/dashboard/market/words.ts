import { formatChange, formatUsd, formatUsdChange } from '../../kit/format.shared.ts';
import { QUADRANT_LABELS } from '../board/quadrant.ts';
import type { MarketPoint } from './market.ts';

/** `BTCUSDT, OI $9.11B, price +0.31%, OI +1.20%, ΔUSD +$54.00M, New longs`; what is unknown is left out. */
export function describePoint({ symbol, usd, price, oi, amount, quadrant }: MarketPoint): string {
  const parts = [symbol, `OI ${formatUsd(usd)}`];
  if (price !== null) parts.push(`price ${formatChange(price)}`);
  if (oi !== null) parts.push(`OI ${formatChange(oi)}`);
  if (amount !== null) parts.push(`ΔUSD ${formatUsdChange(amount)}`);
  if (quadrant !== null) parts.push(QUADRANT_LABELS[quadrant]);
  return parts.join(', ');
}
