import { anAlert, anItem, symbolNames, type ChunkItem } from '../../support/builders.ts';
import { postChunk } from '../../support/openInterestCalls.ts';
import { expect } from '@jest/globals';
import type { TestServer } from '../../support/testServer.ts';
import { postUniverse as postMembers } from './market.ts';

/** What a poller of the original posts: the whole universe, in chunks of 100 one after the other. */

/** As large as the exchange's. */
export const SYMBOLS: readonly string[] = ['BTCUSDT', 'ETHUSDT', 'SOLUSDT', ...symbolNames(340)];

/** Three that people know, with the figures that the page must show for them. */
const KNOWN: Readonly<Record<string, ChunkItem>> = {
  BTCUSDT: { openInterest: 90_761.482, openInterestUsd: 8_445_361_234.5, markPrice: 93_041.35 },
  ETHUSDT: { openInterest: 1_957_119.8, openInterestUsd: 5_979_979_548.9, markPrice: 3_055.5 },
  SOLUSDT: { openInterest: 8_020_000, openInterestUsd: 1_140_444_000, markPrice: 142.2 },
};

export async function postUniverse(server: TestServer, symbols: readonly string[]): Promise<void> {
  await postMembers(
    server,
    symbols.map((symbol) => ({ symbol, volume24h: 5_000_000 })),
  );
}

/** `given` is laid over every item. */
export async function postSweep(
  server: TestServer,
  ts: number,
  symbols: readonly string[] = SYMBOLS,
  given: ChunkItem = {},
): Promise<void> {
  for (let from = 0; from < symbols.length; from += 100) {
    const data = symbols
      .slice(from, from + 100)
      .map((symbol) => anItem(symbol, { ...KNOWN[symbol], ...given }));
    await postChunk(server, { data, timestamp: ts, totalSymbols: symbols.length, source: 'realtime' });
  }
}

/** Answers the alert's id. */
export async function postAlert(server: TestServer, symbol: string, ts: number): Promise<string> {
  const body = anAlert({ symbol, timestamp: new Date(ts).toISOString() });
  const response = await server.post('/api/open-interest-alerts/ingest', body);
  expect(response.status).toBe(200);
  return String(((await response.json()) as { id: unknown }).id);
}
