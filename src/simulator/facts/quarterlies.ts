import { DAY_MS, HOUR_MS } from '../../kit/clock.ts';
import type { SymbolFacts } from './facts.types.ts';

const PAIRS = [
  { pair: 'BTCUSDT', pricePrecision: 1, tickSize: '0.1' },
  { pair: 'ETHUSDT', pricePrecision: 2, tickSize: '0.01' },
] as const;

/** Quarterlies are a small market beside the perpetual, a little above its price the further they reach. */
const QUARTERS = [
  { contractType: 'CURRENT_QUARTER', premium: 1.004, share: 0.03 },
  { contractType: 'NEXT_QUARTER', premium: 1.012, share: 0.008 },
] as const;

/**
 * `BTCUSDT_261225` and its like: the two that are open at `startAt` for each of BTC and ETH. They are named by their
 * delivery, the last Friday of a quarter at 08:00 UTC, so a table of them would be wrong within months.
 */
export function quarterlyFacts(perpetuals: readonly SymbolFacts[], startAt: number): SymbolFacts[] {
  const deliveries = nextDeliveries(startAt, QUARTERS.length);
  return PAIRS.flatMap(({ pair, pricePrecision, tickSize }) => {
    const perpetual = perpetuals.find((facts) => facts.symbol === pair);
    if (!perpetual) return [];
    return QUARTERS.map((quarter, index) => {
      const deliveryDate = deliveries[index]!;
      return {
        ...perpetual,
        symbol: `${pair}_${dateCode(deliveryDate)}`,
        contractType: quarter.contractType,
        onboardDate: deliveryDate - 26 * 7 * DAY_MS,
        deliveryDate,
        pricePrecision,
        tickSize,
        underlyingSubType: [],
        price: perpetual.price * quarter.premium,
        openInterest: perpetual.openInterest * quarter.share,
        quoteVolume24h: perpetual.quoteVolume24h * quarter.share,
      };
    });
  });
}

function nextDeliveries(after: number, count: number): number[] {
  const found: number[] = [];
  const year = new Date(after).getUTCFullYear();
  for (let quarter = 0; found.length < count; quarter += 1) {
    const delivery = lastFridayOfQuarter(year, quarter);
    if (delivery > after) found.push(delivery);
  }
  return found;
}

/** `quarter` counts on over the year's end: 4 is the first quarter of the next year. */
function lastFridayOfQuarter(year: number, quarter: number): number {
  const lastDay = Date.UTC(year, (quarter + 1) * 3, 0);
  const daysSinceFriday = (new Date(lastDay).getUTCDay() + 2) % 7;
  return lastDay - daysSinceFriday * DAY_MS + 8 * HOUR_MS;
}

function dateCode(at: number): string {
  return new Date(at).toISOString().slice(2, 10).replaceAll('-', '');
}
