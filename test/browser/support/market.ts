import { expect } from '@jest/globals';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, type Clock } from '../../../src/kit/clock.ts';
import { postChunk } from '../../support/openInterestCalls.ts';
import type { TestServer } from '../../support/testServer.ts';

/** One symbol as a case wants to see it. Changes are percent of contracts; what is absent has no history. */
export type Listed = {
  symbol: string;
  openInterest: number;
  markPrice: number | null;
  volume24h: number;
  sectors?: string[];
  fundingRate?: number;
  fundingIntervalHours?: number;
  d5?: number;
  d15?: number;
  d60?: number;
  d1440?: number;
  /** Percent by which the mark price moved in the last hour. */
  price60?: number;
};

/** As many symbols, `SYM0USDT` the largest, each smaller by 1 M USD. */
export function listMany(count: number): Listed[] {
  return Array.from({ length: count }, (_, i) => ({
    symbol: `SYM${i}USDT`,
    openInterest: 1e9 - i * 1e6,
    markPrice: 1,
    volume24h: 5e6,
    fundingRate: 0.0001,
    d5: 0.5,
    d15: 1,
    d60: 2,
    d1440: 3,
  }));
}

const BASE = '/api/market/open-interest';
const CHUNK = 200;

/**
 * Posts the liquid universe, what every symbol was a while ago, and what it is now. The newest comes first and again at
 * the end: what comes late fills the past, and the next sample tells of it. `unsampled`: members of which nothing comes.
 */
export async function postMarket(
  server: TestServer,
  clock: Clock,
  listed: readonly Listed[],
  unsampled: readonly Pick<Listed, 'symbol' | 'volume24h'>[] = [],
): Promise<void> {
  await postUniverse(server, [...listed, ...unsampled]);
  const now = clock.now() - 2 * SECOND_MS;
  await postItems(
    server,
    listed.map((it) => itemOf(it, now)),
  );
  await postItems(
    server,
    listed.flatMap((it) => pastOf(it, now)),
  );
  await postItems(
    server,
    listed.map((it) => itemOf(it, now + SECOND_MS)),
  );
}

export async function postUniverse(
  server: TestServer,
  listed: readonly Pick<Listed, 'symbol' | 'volume24h' | 'sectors' | 'fundingIntervalHours'>[],
): Promise<void> {
  const response = await server.post(`${BASE}/liquid-universe/update`, {
    symbols: listed.map(({ symbol, volume24h, sectors, fundingIntervalHours }) => ({
      symbol,
      quoteVolume24h: volume24h,
      sectors,
      fundingIntervalHours,
    })),
    force: true,
  });
  expect(response.status).toBe(200);
}

/** In chunks, as pollers do. Items carry their own time. */
export async function postItems(
  server: TestServer,
  items: readonly Record<string, unknown>[],
): Promise<void> {
  for (let i = 0; i < items.length; i += CHUNK) {
    await postChunk(server, { data: items.slice(i, i + CHUNK), source: 'realtime' });
  }
}

export function itemOf(it: Listed, ts: number, given: Partial<Listed> = {}): Record<string, unknown> {
  const { symbol, openInterest, markPrice, fundingRate } = { ...it, ...given };
  return {
    symbol,
    openInterest,
    ...(markPrice === null ? {} : { markPrice }),
    ...(fundingRate === undefined ? {} : { fundingRate }),
    ts,
  };
}

function pastOf(it: Listed, now: number): Record<string, unknown>[] {
  const before = (percent: number): number => it.openInterest / (1 + percent / 100);
  const windows = [
    [5 * MINUTE_MS, it.d5],
    [15 * MINUTE_MS, it.d15],
    [HOUR_MS, it.d60],
    [DAY_MS, it.d1440],
  ] as const;
  return windows.flatMap(([ageMs, percent]) => {
    if (percent === undefined) return [];
    const markPrice =
      ageMs === HOUR_MS && it.markPrice !== null
        ? it.markPrice / (1 + (it.price60 ?? 0) / 100)
        : it.markPrice;
    return [itemOf(it, now - ageMs, { openInterest: before(percent), markPrice })];
  });
}
