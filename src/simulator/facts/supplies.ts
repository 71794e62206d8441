import type { SymbolFacts } from './facts.types.ts';

/** Coins. Seen at the exchange, but for PEPE, of which all are in circulation. */
const KNOWN: ReadonlyMap<string, number> = new Map([
  ['BTC', 20_086_328],
  ['SOL', 581_839_026.5687332],
  ['1000PEPE', 420_689_899_653_542],
]);

/** The open interest of all others is between 1.5 % and 30 % of their market cap. */
const LEAST_SHARE = 0.015;
const RANGE = 20;

/** Coins in circulation by base asset; shares and commodities have none, nor has a coin without open interest. */
export function suppliesOf(
  contracts: readonly Omit<SymbolFacts, 'circulatingSupply'>[],
): ReadonlyMap<string, number> {
  const supplies = new Map<string, number>();
  for (const { baseAsset, quoteAsset, underlyingType, openInterest } of contracts) {
    if (underlyingType !== 'COIN' || quoteAsset !== 'USDT' || openInterest === 0) continue;
    const share = LEAST_SHARE * RANGE ** spread(baseAsset);
    const coins = (openInterest / share) * coinsPerContract(baseAsset);
    supplies.set(baseAsset, KNOWN.get(baseAsset) ?? Math.round(coins));
  }
  return supplies;
}

/** In [0, 1), by the name. */
function spread(name: string): number {
  let hash = 0;
  for (const char of name) hash = (31 * hash + char.codePointAt(0)!) % 1_009;
  return hash / 1_009;
}

/** `1000PEPE` is a thousand PEPE; `1000X` is the name of a coin. */
function coinsPerContract(baseAsset: string): number {
  const [, multiple] = /^(1000000|1000|1M)(?!X$)/.exec(baseAsset) ?? [];
  return multiple === undefined ? 1 : multiple === '1M' ? 1_000_000 : Number(multiple);
}
