import type { Market } from '../simulator/market/market.ts';
import { callServer } from './callServer.ts';

export type Ingest = ReturnType<typeof createIngest>;

/** Posts to the server like any poller: by HTTP, with the ingest key. */
export function createIngest(options: { url: string; key: string }) {
  return {
    async post(path: string, body: unknown): Promise<void> {
      await callServer(options.url + path, { method: 'POST', headers: { 'X-API-Key': options.key }, body });
    },
  };
}

/** The simulated exchange's figures of a symbol, as an item of a chunk. */
export function itemAt(market: Market, symbol: string, at: number) {
  const { openInterest, time } = market.openInterestFigureAt(symbol, at);
  const markPrice = market.markPriceAt(symbol, time);
  return {
    symbol,
    openInterest,
    openInterestUsd: openInterest * markPrice,
    markPrice,
    fundingRate: market.fundingRateAt(symbol, time),
    ts: time,
  };
}

export function chunksOf<Item>(items: readonly Item[], size: number): Item[][] {
  const chunks: Item[][] = [];
  for (let i = 0; i < items.length; i += size) chunks.push(items.slice(i, i + size));
  return chunks;
}
