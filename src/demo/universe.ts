import type { SymbolFacts } from '../simulator/facts/facts.types.ts';
import type { Market } from '../simulator/market/market.ts';

/** USD of 24 h quote volume. */
export type UniverseThresholds = { enter: number; exit: number };

export type DemoUniverse = { symbols: readonly string[]; thresholds: UniverseThresholds };

/**
 * The `count` perpetuals with the most volume, and the thresholds by which the collector finds the same ones: 343 are
 * what the exchange's usual 4 million leave.
 */
export function planUniverse(market: Pick<Market, 'contracts'>, count: number): DemoUniverse {
  const chosen = market
    .contracts()
    .filter(isUsdtPerpetual)
    .toSorted((a, b) => b.quoteVolume24h - a.quoteVolume24h)
    .slice(0, count);
  const enter = roundDown(chosen.at(-1)!.quoteVolume24h);
  return { symbols: chosen.map((it) => it.symbol), thresholds: { enter, exit: enter / 2 } };
}

/** To two figures, as a person would set it. */
function roundDown(usd: number): number {
  const step = 10 ** (Math.floor(Math.log10(usd)) - 1);
  return Math.floor(usd / step) * step;
}

function isUsdtPerpetual({ contractType, quoteAsset, status }: SymbolFacts): boolean {
  return contractType === 'PERPETUAL' && quoteAsset === 'USDT' && status === 'TRADING';
}
