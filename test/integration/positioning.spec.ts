import { describe, expect, it } from '@jest/globals';
import { DAY_MS, MINUTE_MS } from '../../src/kit/clock.ts';
import {
  PositioningBody,
  PositioningSymbols,
  type PositioningPoint,
} from '../../src/openInterest/positioning/positioning.types.ts';
import { aChunk, symbolNames } from '../support/builders.ts';
import { getJson, postChunk } from '../support/openInterestCalls.ts';
import { INGEST_KEY } from '../support/testServer.ts';
import { withFreshServer } from '../support/withServer.ts';

const BASE = '/api/market/open-interest/positioning';
const MARK = Date.UTC(2026, 10, 20, 14);

const { server, clock, restart } = withFreshServer();

const key = { 'X-API-Key': INGEST_KEY };

async function seesBoard(...symbols: string[]): Promise<void> {
  await postChunk(server, aChunk(symbols, { ts: clock.now() }));
}

async function view(symbol: string): Promise<PositioningBody> {
  const headers = { Authorization: `Bearer ${await server.token('pro')}` };
  return PositioningBody.parse(await getJson(server, `${BASE}?symbol=${symbol}`, headers));
}

/** Replaces the watchlists of a user, of one who has none. */
async function keepLists(sub: string, ...lists: string[][]): Promise<void> {
  const body = JSON.stringify({
    lists: lists.map((symbols, i) => ({
      id: i === 0 ? 'favourites' : `list${i}`,
      name: `List ${i}`,
      symbols,
    })),
  });
  const authorization = `Bearer ${await server.token('pro', { sub })}`;
  const headers = { authorization, 'content-type': 'application/json', 'if-match': '"0"' };
  const response = await fetch(`${server.url}/api/watchlists`, { method: 'PUT', headers, body });
  expect(response.status).toBe(200);
}

async function offered(): Promise<string[]> {
  const { symbols } = PositioningSymbols.parse(await getJson(server, `${BASE}/symbols`, key));
  return symbols.map((it) => it.symbol);
}

const nothing = { topPositions: null, topAccounts: null, accounts: null, takerBought: null, takerSold: null };
const aPoint = (ts: number, given: Partial<PositioningPoint> = {}): PositioningPoint => ({
  ...nothing,
  ts,
  ...given,
});
const aMinute = (minute: number, longUsd: number, longs: number, symbol = 'BTCUSDT') => ({
  ...{ symbol, minute, longUsd, longs, shortUsd: 0, shorts: 0 },
});

async function store(path: string, body: unknown): Promise<number> {
  const response = await server.post(path, body);
  expect(response.status).toBe(200);
  return ((await response.json()) as { stored: number }).stored;
}

describe('GET /api/market/open-interest/positioning', () => {
  it('returns what collectors posted of a symbol, oldest first, also after a restart', async () => {
    await seesBoard('BTCUSDT');
    const [first, second] = [MARK - 10 * MINUTE_MS, MARK - 5 * MINUTE_MS];
    const points = [
      aPoint(second, { topPositions: 1.4342, takerBought: 387.33, takerSold: 248.5 }),
      aPoint(first, { accounts: 0.87 }),
    ];
    expect(await store(BASE, { symbol: 'BTCUSDT', points })).toBe(2);
    expect(await store(`${BASE}/liquidations`, { minutes: [aMinute(first, 12_500, 2)] })).toBe(1);
    await restart();
    expect(await view('btc-usdt')).toEqual({
      symbol: 'BTCUSDT',
      points: points.toReversed(),
      liquidations: [{ minute: first, longUsd: 12_500, longs: 2, shortUsd: 0, shorts: 0 }],
    });
  });

  it('fills what was not reported before, and keeps the larger total of a minute', async () => {
    await seesBoard('BTCUSDT');
    await store(BASE, { symbol: 'BTCUSDT', points: [aPoint(MARK, { accounts: 0.87, topAccounts: 2 })] });
    await store(BASE, { symbol: 'BTCUSDT', points: [aPoint(MARK, { accounts: null, takerBought: 5 })] });
    for (const [usd, orders] of [
      [100, 1],
      [900, 3],
      [50, 1],
    ] as const) {
      await store(`${BASE}/liquidations`, { minutes: [aMinute(MARK, usd, orders)] });
    }
    const { points, liquidations } = await view('BTCUSDT');
    expect(points).toEqual([aPoint(MARK, { accounts: 0.87, topAccounts: 2, takerBought: 5 })]);
    expect(liquidations).toMatchObject([{ longUsd: 900, longs: 3 }]);
  });

  it('stores nothing older than a day, of the future, or of a symbol that is not on the board', async () => {
    await seesBoard('BTCUSDT');
    const times = [MARK - DAY_MS - 5 * MINUTE_MS, MARK + 5 * MINUTE_MS, MARK];
    expect(await store(BASE, { symbol: 'BTCUSDT', points: times.map((ts) => aPoint(ts)) })).toBe(1);
    expect(await store(BASE, { symbol: 'NOPEUSDT', points: [aPoint(MARK)] })).toBe(0);
    const minutes = [aMinute(times[0]!, 1, 1), aMinute(MARK, 1, 1), aMinute(MARK, 1, 1, 'NOPEUSDT')];
    expect(await store(`${BASE}/liquidations`, { minutes })).toBe(1);
    clock.advance(DAY_MS);
    await seesBoard('BTCUSDT');
    expect(await view('BTCUSDT')).toMatchObject({ points: [{ ts: MARK }] });
    clock.advance(1);
    expect(await view('BTCUSDT')).toMatchObject({ points: [], liquidations: [] });
  });

  it('I8 stores the same points of collectors that post them in different orders', async () => {
    await seesBoard('BTCUSDT');
    const points = Array.from({ length: 280 }, (_, i) => aPoint(MARK - i * 5 * MINUTE_MS, { accounts: i }));
    const posts = Array.from({ length: 30 }, (_, i) =>
      server.post(BASE, { symbol: 'BTCUSDT', points: i % 2 === 0 ? points : points.toReversed() }),
    );
    expect(new Set((await Promise.all(posts)).map((it) => it.status))).toEqual(new Set([200]));
  });

  it('is for Pro, and its posts for an ingest key', async () => {
    const get = async (tier: 'free' | 'pro') =>
      (await server.get(`${BASE}?symbol=BTCUSDT`, { Authorization: `Bearer ${await server.token(tier)}` }))
        .status;
    expect([await get('free'), await get('pro')]).toEqual([403, 200]);
    expect((await server.get(`${BASE}/symbols`)).status).toBe(401);
    const bad = { symbol: 'BTCUSDT', points: Array.from({ length: 301 }, () => aPoint(MARK)) };
    expect((await server.post(BASE, bad)).status).toBe(400);
    const odd = { minutes: [aMinute(MARK + 1, 1, 1)] };
    expect((await server.post(`${BASE}/liquidations`, odd)).status).toBe(400);
  });
});

describe('GET /api/market/open-interest/positioning/symbols', () => {
  it('lists what was viewed in the last 15 minutes, the last viewed first, and nothing unknown', async () => {
    await seesBoard('BTCUSDT', 'ETHUSDT');
    await view('BTCUSDT');
    clock.advance(MINUTE_MS);
    await view('ETHUSDT');
    await view('NOPEUSDT');
    expect(await offered()).toEqual(['ETHUSDT', 'BTCUSDT']);
    clock.advance(MINUTE_MS);
    await view('BTCUSDT');
    expect(await offered()).toEqual(['BTCUSDT', 'ETHUSDT']);
    await restart();
    clock.advance(14 * MINUTE_MS + 1);
    expect(await offered()).toEqual(['BTCUSDT']);
  });

  it('lists what is in watchlists after it, those of most users first, favourites too, and nothing unknown', async () => {
    await seesBoard('ADAUSDT', 'BTCUSDT', 'ETHUSDT', 'SOLUSDT', 'XRPUSDT');
    await keepLists('one', ['ETHUSDT', 'NOPEUSDT'], ['XRPUSDT', 'SOLUSDT'], ['XRPUSDT']);
    await keepLists('two', ['SOLUSDT', 'NOPEUSDT', 'ADAUSDT']);
    await view('BTCUSDT');
    clock.advance(1);
    await view('ADAUSDT');
    expect(await offered()).toEqual(['ADAUSDT', 'BTCUSDT', 'SOLUSDT', 'ETHUSDT', 'XRPUSDT']);
    clock.advance(15 * MINUTE_MS + 1);
    expect(await offered()).toEqual(['SOLUSDT', 'ADAUSDT', 'ETHUSDT', 'XRPUSDT']);
  });

  it('reads the watchlists once a minute, however often collectors ask', async () => {
    await seesBoard('BTCUSDT', 'ETHUSDT');
    await keepLists('one', ['BTCUSDT']);
    expect(await offered()).toEqual(['BTCUSDT']);
    await keepLists('two', ['ETHUSDT']);
    clock.advance(MINUTE_MS - 1);
    expect(await offered()).toEqual(['BTCUSDT']);
    clock.advance(1);
    expect(await offered()).toEqual(['BTCUSDT', 'ETHUSDT']);
  });

  it('lists at most 50, and of those in watchlists only as many as the viewed ones leave', async () => {
    const symbols = symbolNames(52);
    await seesBoard(...symbols);
    await keepLists('one', symbols.toReversed());
    expect(await offered()).toEqual(symbols.toSorted().slice(0, 50));
    for (const symbol of symbols.slice(0, 49)) {
      clock.advance(1);
      await view(symbol);
    }
    const first = symbols.slice(49).toSorted()[0];
    expect(await offered()).toEqual([...symbols.slice(0, 49).toReversed(), first]);
    for (const symbol of symbols.slice(49)) {
      clock.advance(1);
      await view(symbol);
    }
    expect(await offered()).toEqual(symbols.slice(2).toReversed());
  });
});
