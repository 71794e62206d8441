import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { MINUTE_MS, SECOND_MS } from '../../src/kit/clock.ts';
import { getJson } from '../support/openInterestCalls.ts';
import { INGEST_KEY } from '../support/testServer.ts';
import { withFreshServer } from '../support/withServer.ts';

/**
 * The original's droplet scripts against this server: every request they make, verbatim, and every field of the
 * answer that they read. Models are what the callers read, so a field that goes missing fails here.
 */

const BASE = '/api/market/open-interest';
const KEY = { 'X-API-Key': INGEST_KEY };

const { server, clock } = withFreshServer();

/** As Python's requests sends it. */
async function pythonPost(path: string, body: unknown): Promise<unknown> {
  const response = await server.post(path, body, {
    ...KEY,
    'User-Agent': 'python-requests/2.31.0',
    Accept: '*/*',
    'Accept-Encoding': 'gzip, deflate',
  });
  // `raise_for_status`: whatever is not 2xx counts as failed.
  expect(response.status).toBe(200);
  return response.json();
}

const toTheSecond = () => new Date(clock.now()).toISOString().replace(/\.\d+Z$/, 'Z');

describe('realtime poller', () => {
  it('reads the universe at its start, and polls each symbol of it', async () => {
    await pythonPost(`${BASE}/liquid-universe/update`, {
      symbols: [{ symbol: 'BTCUSDT', quoteVolume24h: 1e10 }],
    });
    const Read = z.object({ symbols: z.array(z.object({ symbol: z.string() })).min(1) });
    expect(Read.parse(await getJson(server, `${BASE}/liquid-universe`)).symbols).toEqual([
      { symbol: 'BTCUSDT' },
    ]);
  });

  it('posts a sweep of 343 in four chunks, and reads how many were inserted', async () => {
    const Answer = z.object({ success: z.literal(true), inserted: z.number(), cached: z.number() });
    const mark = 93_041.35;
    for (const size of [100, 100, 100, 43]) {
      const data = Array.from({ length: size }, (_, i) => {
        const priced = i % 3 !== 0;
        const openInterest = 1_000.125 + i;
        return {
          symbol: `S${size}N${i}USDT`,
          openInterest,
          openInterestUsd: priced ? openInterest * mark : 0.0,
          markPrice: priced ? mark : 0.0,
        };
      });
      const body = { data, timestamp: toTheSecond(), totalSymbols: data.length, source: 'realtime' };
      expect(Answer.parse(await pythonPost(`${BASE}/ingest`, body)).inserted).toBe(size === 100 ? size : 43);
      clock.advance(SECOND_MS);
    }
  });

  it('posts an alert, with and without price and funding, and reads the acknowledgement', async () => {
    const alert = {
      symbol: 'SUIUSDT',
      direction: 'DOWN',
      baseline: 430_000_000.0,
      current: 412_600_000.0,
      pctChange: -0.040_465_116,
      absChange: -17_400_000.0,
      timestamp: toTheSecond(),
      source: 'oi_realtime_poller',
      priceChange: null,
      fundingRate: 0.0001,
      timeframe: '15 min',
    };
    const Answer = z.object({ success: z.literal(true), id: z.string().min(1) });
    Answer.parse(await pythonPost('/api/open-interest-alerts/ingest', alert));
    const { priceChange: _, fundingRate: __, timeframe: ___, ...older } = alert;
    Answer.parse(await pythonPost('/api/open-interest-alerts/ingest', older));
  });
});

describe('liquid-universe job', () => {
  it('reads the present set, posts the whole new one with enteredAt null for stayers, and reads the counts', async () => {
    const Universe = z.object({
      updatedAt: z.iso.datetime(),
      enterThreshold: z.number(),
      exitThreshold: z.number(),
      symbols: z.array(
        z.object({
          symbol: z.string(),
          quoteVolume24h: z.number(),
          enteredAt: z.iso.datetime(),
          lastSeenAt: z.iso.datetime(),
          estimatedPollIntervalSec: z.number(),
        }),
      ),
      totalSymbols: z.number(),
    });
    const Answer = z.object({ success: z.literal(true), upserted: z.number(), removed: z.number() });
    const now = new Date(clock.now()).toISOString();
    const entered = (symbol: string) => ({ symbol, quoteVolume24h: 5e6, enteredAt: now, lastSeenAt: now });
    expect(Universe.parse(await getJson(server, `${BASE}/liquid-universe`)).symbols).toEqual([]);
    const first = { symbols: ['BTCUSDT', 'ETHUSDT', 'XRPUSDT'].map(entered), updatedAt: now };
    await pythonPost(`${BASE}/liquid-universe/update`, first);
    clock.advance(5 * MINUTE_MS);
    const stays = ['BTCUSDT', 'ETHUSDT'].map((symbol) => ({ ...entered(symbol), enteredAt: null }));
    const second = { symbols: [...stays, entered('SOLUSDT')], updatedAt: now };
    expect(Answer.parse(await pythonPost(`${BASE}/liquid-universe/update`, second))).toMatchObject({
      upserted: 3,
      removed: 1,
    });
    const held = Universe.parse(await getJson(server, `${BASE}/liquid-universe`));
    expect(held.symbols.find((it) => it.symbol === 'BTCUSDT')?.enteredAt).toBe(now);
    expect(held.totalSymbols).toBe(3);
  });
});

describe('volume-alert script', () => {
  it('posts all perpetuals in one request without a source, up to 500', async () => {
    const data = Array.from({ length: 480 }, (_, i) => ({
      symbol: `P${i}USDT`,
      openInterest: i,
      openInterestUsd: 0,
      markPrice: 0,
    }));
    const body = { data, timestamp: toTheSecond(), totalSymbols: data.length };
    expect(await pythonPost(`${BASE}/ingest`, body)).toMatchObject({
      success: true,
      inserted: 480,
      cached: 480,
    });
  });

  it('requests the open interest at the start of the hour, and reads found, openInterest and ts', async () => {
    const item = {
      symbol: 'BTCUSDT',
      openInterest: 90_761.482,
      openInterestUsd: 8_445_361_234.5,
      markPrice: 93_050.07,
    };
    await pythonPost(`${BASE}/ingest`, { data: [item], timestamp: toTheSecond(), source: 'realtime' });
    const Found = z.object({
      found: z.literal(true),
      symbol: z.literal('BTCUSDT'),
      openInterest: z.number(),
      openInterestUsd: z.number().nullable(),
      markPrice: z.number().nullable(),
      ts: z.iso.datetime(),
      source: z.string(),
    });
    for (const ts of [
      '2026-11-20T14:00:00Z',
      '2026-11-20T14:00:00+00:00',
      '2026-11-20T14:00:00.000000+00:00',
    ]) {
      const query = new URLSearchParams({ symbol: 'BTCUSDT', ts });
      expect(Found.parse(await getJson(server, `${BASE}/snapshot?${query}`, KEY)).openInterest).toBe(
        90_761.482,
      );
    }
    const early = new URLSearchParams({ symbol: 'BTCUSDT', ts: '2026-11-20T13:00:00Z' });
    expect(await getJson(server, `${BASE}/snapshot?${early}`, KEY)).toMatchObject({ found: false });
  });
});

describe('monitoring', () => {
  it('reads /health as before', async () => {
    const Health = z.object({
      status: z.literal('ok'),
      timestamp: z.iso.datetime(),
      version: z.string(),
      environment: z.string(),
    });
    Health.parse(await getJson(server, '/health'));
  });
});
