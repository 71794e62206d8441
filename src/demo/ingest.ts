import { setTimeout as delay } from 'node:timers/promises';
import { SECOND_MS } from '../kit/clock.ts';
import type { Market } from '../simulator/market/market.ts';

const ATTEMPTS = 5;

export type Ingest = ReturnType<typeof createIngest>;

/** Posts to the server like any poller: by HTTP, with the ingest key, with retries when the server is unavailable. */
export function createIngest(options: { url: string; key: string }) {
  return {
    async post(path: string, body: unknown): Promise<void> {
      for (let attempt = 1; ; attempt += 1) {
        const response = await fetch(options.url + path, {
          method: 'POST',
          headers: { 'Content-Type': 'application/json', 'X-API-Key': options.key },
          body: JSON.stringify(body),
        });
        const answer = await response.text();
        if (response.ok) return;
        if (response.status !== 503 || attempt === ATTEMPTS)
          throw new Error(`POST ${path} was answered ${response.status}: ${answer.slice(0, 300)}`);
        await delay(attempt * SECOND_MS);
      }
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
