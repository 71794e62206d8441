import { z } from 'zod';

/** Pure: which symbols are liquid enough to be polled fast. The collector runs this; the server only stores the result. */

/**
 * `{"symbols":[{"symbol":"BTCUSDT","contractType":"PERPETUAL","quoteAsset":"USDT","status":"TRADING"}]}`, and much more
 * that does not matter here. An entry without these fields is no perpetual.
 */
const ExchangeInfo = z.object({
  symbols: z.array(
    z.object({
      symbol: z.string().catch(''),
      contractType: z.string().catch(''),
      quoteAsset: z.string().catch(''),
      status: z.string().catch(''),
    }),
  ),
});

/**
 * The USDT perpetuals that trade, from the exchange's `exchangeInfo`. Perpetuals on stocks and commodities
 * (`TRADIFI_PERPETUAL`) are left out on purpose: their open interest does not change while their exchanges are closed.
 */
export function filterUsdtPerps(exchangeInfo: unknown): string[] {
  return ExchangeInfo.parse(exchangeInfo)
    .symbols.filter(
      (it) =>
        it.symbol !== '' &&
        it.contractType === 'PERPETUAL' &&
        it.quoteAsset === 'USDT' &&
        it.status === 'TRADING',
    )
    .map((it) => it.symbol);
}

type LiquidSymbolMeta = {
  /** USD. */
  quoteVolume24h: number;
  /** False for a symbol that was liquid already. */
  entered: boolean;
};

/**
 * The new liquid universe. A symbol enters at `enter` USD of 24 h quote volume and leaves only below `exit`, so that one
 * near the threshold does not come and go. A symbol without a ticker is out.
 */
export function computeLiquidUniverse(
  perps: readonly string[],
  tickerStats: Readonly<Record<string, { quoteVolume: number }>>,
  enter: number,
  exit: number,
  currentSet: ReadonlySet<string>,
): { newSet: Set<string>; meta: Map<string, LiquidSymbolMeta> } {
  const newSet = new Set<string>();
  const meta = new Map<string, LiquidSymbolMeta>();
  for (const symbol of perps) {
    if (!Object.hasOwn(tickerStats, symbol)) continue;
    const quoteVolume24h = tickerStats[symbol]!.quoteVolume;
    const entered = !currentSet.has(symbol);
    if (!(quoteVolume24h >= (entered ? enter : exit))) continue;
    newSet.add(symbol);
    meta.set(symbol, { quoteVolume24h, entered });
  }
  return { newSet, meta };
}
