const MULTIPLES = [
  ['1000000', 1_000_000],
  ['1000', 1_000],
  ['1M', 1_000_000],
] as const;

/** Coins whose own name begins like a multiple. */
const COINS: ReadonlySet<string> = new Set(['1000XUSDT']);

/** How many coins a contract is: 1,000 for `1000PEPEUSDT`, 1,000,000 for `1MBABYDOGEUSDT`, 1 for `BTCUSDT` and `1INCHUSDT`. */
export function coinsPerContract(symbol: string): number {
  if (COINS.has(symbol)) return 1;
  return MULTIPLES.find(([prefix]) => symbol.startsWith(prefix))?.[1] ?? 1;
}
