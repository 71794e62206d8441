import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../../src/kit/clock.ts';
import { postAlert } from './alertCalls.ts';
import { itemOf, postItems, postMarket, type Listed } from './market.ts';
import type { Stage } from './stage.ts';

/** A board that holds the longest figures there are, every state, and names that are not Latin. */

const BTC: Listed = {
  symbol: 'BTCUSDT',
  openInterest: 90_761.482,
  markPrice: 93_041.35,
  volume24h: 24.31e9,
  fundingRate: 0.0001,
  d5: 0.12,
  d15: 0.31,
  d60: 0.84,
  d1440: 2.1,
  price60: 0.62,
};

const LONGEST: readonly Listed[] = [
  BTC,
  {
    symbol: 'ETHUSDT',
    openInterest: 1.96e6,
    markPrice: 3_055.5,
    volume24h: 19.02e9,
    fundingRate: 0.000087,
    d5: -0.08,
    d15: -0.22,
    d60: -0.71,
    d1440: 1.04,
    price60: -0.4,
  },
  {
    symbol: '1000000MOGUSDT',
    openInterest: 999.99e6,
    markPrice: 0.9999,
    volume24h: 999.99e6,
    fundingRate: -0.0075,
    d5: 124.5,
    d15: -99.99,
    d60: -88.88,
    d1440: 1_500,
    price60: 88.88,
  },
  {
    symbol: '1000LADYSUSDT',
    openInterest: 999.99e9,
    markPrice: 0.00001234,
    volume24h: 888.88e9,
    fundingRate: -0.03,
    d5: -88.88,
    d15: 888.8,
    d60: 1_200,
    d1440: -99.99,
  },
  {
    symbol: '币安人生USDT',
    openInterest: 888.88e6,
    markPrice: 0.1204,
    volume24h: 4.02e6,
    d5: -3,
    d60: -7.9,
    d15: -5,
  },
  { symbol: 'NOMARKUSDT', openInterest: 999.99e9, markPrice: null, volume24h: 8.8e6 },
];

const STALE: Listed = {
  symbol: 'STALEUSDT',
  openInterest: 88.88e6,
  markPrice: 88.88,
  volume24h: 5e6,
  d60: 8,
};
const LATE: Listed = { symbol: 'LATEUSDT', openInterest: 77.77e6, markPrice: 77.77, volume24h: 5e6, d60: -8 };

const REST: readonly Listed[] = Array.from({ length: 54 }, (_, i) => ({
  symbol: `SYM${i}USDT`,
  openInterest: 1e6 + i * 1e4,
  markPrice: 2.5,
  volume24h: 5e6 + i,
  fundingRate: 0.0001,
  d5: i / 10 - 3,
  d15: i / 5 - 5,
  d60: i - 27,
  d1440: 2 * i - 50,
  price60: 1,
}));

const UNSAMPLED = { symbol: 'NEVERUSDT', volume24h: 4.5e6 };

/** What is on the frozen board: the market as it was just before a 5-minute mark, a day of BTC, and three alerts. */
export async function exhibit(stage: Stage, mark: number): Promise<void> {
  const { server, clock } = stage;
  await postMarket(server, clock, [...LONGEST, STALE, LATE, ...REST], [UNSAMPLED]);
  const first = clock.now();
  const day = Array.from({ length: 1_400 }, (_, i) => (i + 30) * MINUTE_MS);
  await postItems(
    server,
    day.map((ageMs) => itemOf(BTC, first - ageMs, { openInterest: 90_000 + 1_000 * Math.sin(ageMs / 5e6) })),
  );
  clock.jumpTo(mark + 150 * SECOND_MS);
  const now = clock.now();
  await postAlert(stage, {
    symbol: '1000000MOGUSDT',
    pctChange: 1.245,
    current: 999.99e6,
    baseline: 445.43e6,
    priceChange: -0.8888,
    fundingRate: -0.0075,
    timestamp: now - 2 * MINUTE_MS,
  });
  await postAlert(stage, {
    symbol: '币安人生USDT',
    direction: 'DOWN',
    pctChange: -0.079,
    timeframe: '15 min',
    timestamp: now - MINUTE_MS,
  });
  await postAlert(stage, { symbol: 'BTCUSDT', timeframe: '1 hour', timestamp: now - 3 * HOUR_MS });
}

/** Makes those that are live so again, and keeps one late; time goes on while one looks. */
export async function refresh({ server, clock }: Stage): Promise<void> {
  await postItems(server, [itemOf(LATE, clock.now() - 80 * SECOND_MS)]);
  await postMarket(server, clock, [...LONGEST, ...REST], [UNSAMPLED, STALE, LATE]);
}
