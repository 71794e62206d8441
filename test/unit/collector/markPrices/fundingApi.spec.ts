import { beforeEach, describe, expect, it } from '@jest/globals';
import supertest from 'supertest';
import { createFundingApi } from '../../../../src/collector/markPrices/fundingApi.ts';
import type { StreamStatus } from '../../../../src/collector/streams/stream.ts';
import { createPriceTable, type PriceTable } from '../../../../src/collector/markPrices/table.ts';
import { MINUTE_MS, SECOND_MS } from '../../../../src/kit/clock.ts';
import { createFakeClock, type FakeClock } from '../../../support/fakeClock.ts';

const START = 1_795_183_200_000;

let clock: FakeClock;
let table: PriceTable;
let connection: StreamStatus;
let api: ReturnType<typeof supertest>;

beforeEach(() => {
  clock = createFakeClock(START);
  table = createPriceTable(clock);
  connection = {
    connected: true,
    lastConnectedAt: START + 250,
    reconnectAttempts: 0,
    messagesReceived: 1_308,
    lastMessageAt: START + 400,
  };
  api = supertest(
    createFundingApi({ source: { table, connection: () => connection }, clock, startedAt: START }),
  );
});

async function get(path: string, status: number): Promise<unknown> {
  const response = await api.get(path).expect(status);
  return response.body as unknown;
}

function hear(symbol: string, given: { markPrice?: number | null; fundingRate?: number | null } = {}): void {
  const row = { symbol, markPrice: 93_041.35, indexPrice: 93_040.1, fundingRate: 0.0001, ...given };
  table.put([{ ...row, nextFundingTime: 1_795_190_400_000, updatedAt: clock.now() }]);
}

describe('requests that the funding API does not serve', () => {
  it.each([
    ['/health', 404, 'Not Found'],
    ['/funding', 404, 'Not Found'],
    ['/funding/', 404, 'Not Found'],
    ['/funding/BTCUSDT/more', 404, 'Not Found'],
    ['/funding/%zz', 400, 'Bad Request'],
  ])('are answered for %s with %i in JSON, without details of the server', async (path, status, detail) => {
    expect(await get(path, status)).toEqual({ detail });
  });

  it('are answered with 500 in JSON on an internal error', async () => {
    connection = null!;
    expect(await get('/funding/health', 500)).toEqual({ detail: 'Internal Server Error' });
  });
});

describe('GET /funding/:symbol', () => {
  it('answers as the original does', async () => {
    clock.advance(412);
    hear('BTCUSDT');
    clock.advance(1_500);
    const body = await get('/funding/BTCUSDT', 200);
    expect(body).toEqual({
      symbol: 'BTCUSDT',
      markPrice: 93_041.35,
      fundingRate: 0.0001,
      nextFundingTime: 1_795_190_400_000,
      indexPrice: 93_040.1,
      updatedAt: 1_795_183_200.412,
      ageSeconds: 1.5,
    });
  });

  it('answers null for unknown values', async () => {
    hear('币安人生USDT', { fundingRate: null });
    const body = await get(`/funding/${encodeURIComponent('币安人生USDT')}`, 200);
    expect(body).toMatchObject({ symbol: '币安人生USDT', fundingRate: null });
  });

  it.each(['NEVERUSDT', 'btcusdt', 'constructor', '__proto__'])('answers 404 for %s', async (symbol) => {
    hear('BTCUSDT');
    const body = await get(`/funding/${symbol}`, 404);
    expect(body).toEqual({ detail: { error: 'Symbol not found', symbol } });
  });

  it('answers 503 with the age for data three minutes old', async () => {
    hear('BTCUSDT');
    clock.advance(3 * MINUTE_MS - 1);
    await api.get('/funding/BTCUSDT').expect(200);
    clock.advance(1);
    const body = await get('/funding/BTCUSDT', 503);
    expect(body).toEqual({
      detail: { error: 'Data stale', symbol: 'BTCUSDT', ageSeconds: 180, maxAgeSeconds: 180 },
    });
  });
});

describe('GET /funding/batch', () => {
  it('takes precedence over a symbol of that name, and lists missing symbols', async () => {
    hear('BTCUSDT');
    hear('ETHUSDT', { markPrice: 3_100 });
    const body = await get('/funding/batch?symbols=btcusdt,%20ETHUSDT,NEVERUSDT,', 200);
    expect(body).toMatchObject({
      data: [{ symbol: 'BTCUSDT' }, { symbol: 'ETHUSDT', markPrice: 3_100 }],
      found: 2,
      missing: ['NEVERUSDT'],
      total: 3,
    });
  });

  it.each(['', '?symbols=', '?symbols=,,', '?symbols=A&symbols=B', `?symbols=${'A,'.repeat(1_001)}`])(
    'answers 422 when the symbols are not one list of 1 to 1,000: %.20s',
    async (query) => {
      await api.get(`/funding/batch${query}`).expect(422);
    },
  );
});

describe('GET /funding/health', () => {
  it('is healthy while connected and the oldest listed price is fresh', async () => {
    clock.advance(SECOND_MS);
    hear('BTCUSDT');
    clock.advance(SECOND_MS);
    hear('ETHUSDT');
    const body = await get('/funding/health', 200);
    expect(body).toEqual({
      status: 'healthy',
      websocketConnected: true,
      symbolCount: 2,
      uptimeSeconds: 2,
      lastConnectedTime: 1_795_183_200.25,
      messagesReceived: 1_308,
      reconnectAttempts: 0,
      oldestDataAgeSeconds: 1,
      newestDataAgeSeconds: 0,
    });
  });

  it('stays healthy when a symbol is delisted', async () => {
    hear('BTCUSDT');
    hear('GONEUSDT');
    clock.advance(10 * MINUTE_MS);
    hear('BTCUSDT');
    const body = await get('/funding/health', 200);
    expect(body).toMatchObject({ symbolCount: 1, oldestDataAgeSeconds: 0 });
    await api.get('/funding/GONEUSDT').expect(503);
  });

  it('is unhealthy without data, without a connection, or when all prices are old', async () => {
    expect(await get('/funding/health', 503)).toMatchObject({
      status: 'unhealthy',
      symbolCount: 0,
      error: 'No data',
    });
    hear('BTCUSDT');
    clock.advance(3 * MINUTE_MS);
    expect(await get('/funding/health', 503)).toMatchObject({
      status: 'unhealthy',
      oldestDataAgeSeconds: 180,
    });
    hear('BTCUSDT');
    connection = {
      ...connection,
      connected: false,
      reconnectAttempts: 3,
      lastMessageAt: clock.now() - 9_000,
    };
    expect(await get('/funding/health', 503)).toMatchObject({
      websocketConnected: false,
      disconnectedForSeconds: 9,
      reconnectAttempts: 3,
    });
  });
});

describe('GET /', () => {
  it('describes the API', async () => {
    expect(await get('/', 200)).toMatchObject({ service: 'VolSpike funding API' });
  });
});
