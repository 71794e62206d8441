import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { DAY_MS, MINUTE_MS, SECOND_MS } from '../../src/kit/clock.ts';
import { HistoryBody } from '../../src/openInterest/history/history.types.ts';
import type { Source } from '../../src/openInterest/openInterest.types.ts';
import { anAlert, anItem } from '../support/builders.ts';
import { bearer, getJson, postChunk, readRefusal } from '../support/openInterestCalls.ts';
import { INGEST_KEY, OPERATOR_KEY } from '../support/testServer.ts';
import { withFreshServer } from '../support/withServer.ts';

const BASE = '/api/market/open-interest';

const { server, clock } = withFreshServer();

/** A sample of BTCUSDT `ageSec` ago. */
const at = (ageSec: number, openInterest: number, given: Record<string, unknown> = {}) =>
  anItem('BTCUSDT', {
    openInterest,
    openInterestUsd: openInterest * 2,
    ts: clock.now() - ageSec * SECOND_MS,
    ...given,
  });

async function store(items: Record<string, unknown>[], source: Source = 'realtime'): Promise<void> {
  for (let i = 0; i < items.length; i += 500)
    await postChunk(server, { data: items.slice(i, i + 500), source });
}

async function readHistory(range: string, symbol = 'BTCUSDT'): Promise<z.infer<typeof HistoryBody>> {
  const path = `${BASE}/history?symbol=${encodeURIComponent(symbol)}&range=${range}`;
  return HistoryBody.parse(await getJson(server, path, await bearer(server, 'pro')));
}

describe('GET /api/market/open-interest/history', () => {
  it('returns the last value of each bucket with its lowest and highest, epoch seconds, oldest first', async () => {
    await store([at(20, 100), at(18, 130), at(15, 90), at(13, 110), at(4, 120)]);
    const now = clock.now() / SECOND_MS;
    expect(await readHistory('1h')).toMatchObject({
      symbol: 'BTCUSDT',
      range: '1h',
      bucketSec: 10,
      to: now + 10,
      t: [now - 20, now - 10],
      oi: [110, 120],
      oiMin: [90, 120],
      oiMax: [130, 120],
      usd: [220, 240],
      gaps: [],
      truncated: false,
    });
  });

  it('returns at most 1,008 points, whatever is stored', async () => {
    const week = Array.from({ length: 7 * 24 * 12 + 20 }, (_, i) => at(i * 300, 1_000 + i));
    const hour = Array.from({ length: 720 }, (_, i) => at(i * 5, 2_000 + i, { source: 'snapshot' }));
    await store([...week, ...hour]);
    for (const [range, points] of [
      ['1h', 360],
      ['6h', 720],
      ['24h', 720],
      ['7d', 672],
    ] as const) {
      const history = await readHistory(range);
      expect(history.t.length).toBeLessThanOrEqual(points);
      expect(history.t.length).toBeGreaterThan(50);
      for (const column of [history.oi, history.oiMin, history.oiMax, history.usd, history.mark]) {
        expect(column).toHaveLength(history.t.length);
      }
      expect(history.t).toEqual(history.t.toSorted((a, b) => a - b));
      expect(history.t.every((it) => it % history.bucketSec === 0)).toBe(true);
    }
  });

  it('C4 leaves an explicit gap where nothing arrived, and no bridge of zeros', async () => {
    const before = Array.from({ length: 20 }, (_, i) => at(1_800 + i * 30, 100));
    const after = Array.from({ length: 20 }, (_, i) => at(i * 30, 100));
    await store([...before, ...after]);
    const history = await readHistory('1h');
    const now = clock.now() / SECOND_MS;
    expect(history.gaps).toEqual([[now - 1_800, now - 570]]);
    expect(history.oi).not.toContain(0);
    expect(history.from).toBe(now - 1_800 - 570);
  });

  it('L1 keeps unknown USD and price as null, between known ones', async () => {
    await store([at(20, 100), at(10, 100, { openInterestUsd: 0, markPrice: 0 }), at(0, 100)]);
    const { usd, mark } = await readHistory('1h');
    expect(usd).toEqual([200, null, 200]);
    expect(mark).toEqual([2, null, 2]);
  });

  it('reports the source of each stretch, the better one at equal times', async () => {
    await store([at(600, 10), at(300, 10)], 'backfill');
    await store([at(300, 11), at(0, 12)], 'realtime');
    const now = clock.now() / SECOND_MS;
    const { source, oi } = await readHistory('1h');
    expect(oi).toEqual([10, 11, 12]);
    expect(source).toEqual([
      ['backfill', now - 600, now - 590],
      ['realtime', now - 300, now + 10],
    ]);
  });

  it('includes the alerts of the symbol in the range', async () => {
    const [inside, outside] = [clock.now() - 30 * MINUTE_MS, clock.now() - 90 * MINUTE_MS];
    for (const timestamp of [inside, outside]) {
      await server.post('/api/open-interest-alerts/ingest', anAlert({ symbol: 'BTCUSDT', timestamp }));
    }
    await server.post('/api/open-interest-alerts/ingest', anAlert({ symbol: 'ETHUSDT', timestamp: inside }));
    const { alerts } = await readHistory('1h');
    expect(alerts.map((it) => [it.symbol, Date.parse(it.ts)])).toEqual([['BTCUSDT', inside]]);
  });

  it('includes the alerts of a range that is over, however many are newer', async () => {
    const timestamp = clock.now() - 90 * MINUTE_MS;
    const times = [timestamp, ...Array.from({ length: 200 }, (_, i) => clock.now() - i * SECOND_MS)];
    for (const it of times)
      await server.post('/api/open-interest-alerts/ingest', anAlert({ symbol: 'BTCUSDT', timestamp: it }));
    const from = `from=${clock.now() - 120 * MINUTE_MS}&to=${clock.now() - 60 * MINUTE_MS}`;
    const path = `${BASE}/history?symbol=BTCUSDT&${from}`;
    const { alerts } = HistoryBody.parse(await getJson(server, path, await bearer(server, 'pro')));
    expect(alerts.map((it) => Date.parse(it.ts))).toEqual([timestamp]);
  });

  it('returns nothing for a symbol without samples', async () => {
    expect(await readHistory('7d', '币安人生USDT')).toMatchObject({
      symbol: '币安人生USDT',
      t: [],
      gaps: [],
    });
  });

  it.each(['?symbol=BTCUSDT', '?symbol=BTCUSDT&range=2y', '?range=1h', '?symbol=A%20B&range=1h'])(
    'X1 answers 400 to %s',
    async (query) => {
      const response = await server.get(`${BASE}/history${query}`, await bearer(server, 'pro'));
      expect(await readRefusal(response)).toMatchObject({ status: 400, code: 'invalid_query' });
    },
  );
});

describe('GET /api/market/open-interest/samples', () => {
  const Samples = z.object({
    samples: z.array(z.object({ openInterest: z.number(), ts: z.string(), source: z.string() })),
    count: z.number(),
    nextBefore: z.string().nullable(),
  });

  async function readSamples(query: string): Promise<z.infer<typeof Samples>> {
    return Samples.parse(
      await getJson(server, `${BASE}/samples?symbol=btcusdt${query}`, { 'X-API-Key': OPERATOR_KEY }),
    );
  }

  it('returns the newest first, optionally of one source', async () => {
    await store([at(20, 1), at(10, 2)]);
    await store([at(10, 3)], 'snapshot');
    await store([at(5, 4)], 'backfill');
    expect((await readSamples('')).samples.map((it) => it.openInterest)).toEqual([4, 2, 3, 1]);
    expect((await readSamples('&source=snapshot')).samples.map((it) => it.openInterest)).toEqual([3]);
    expect((await readSamples('&limit=1')).samples).toHaveLength(1);
  });

  it('pages by nextBefore without loss or repetition, even where sources share a time', async () => {
    for (const source of ['realtime', 'snapshot', 'backfill'] as const) {
      await store(
        Array.from({ length: 7 }, (_, i) => at(i * 10, i)),
        source,
      );
    }
    const seen: string[] = [];
    let query = '&limit=4';
    for (let page = 0; page < 10; page += 1) {
      const { samples, nextBefore } = await readSamples(query);
      seen.push(...samples.map((it) => `${it.ts} ${it.source}`));
      if (nextBefore === null) break;
      query = `&limit=4&before=${encodeURIComponent(nextBefore)}`;
    }
    expect(seen).toHaveLength(21);
    expect(new Set(seen).size).toBe(21);
  });

  it.each([
    '&limit=0',
    '&limit=501',
    '&limit=x',
    '&source=binance',
    '&before=yesterday',
    '&before=30-02-2026',
  ])('X1 answers 400 to %s', async (query) => {
    const response = await server.get(`${BASE}/samples?symbol=BTCUSDT${query}`, {
      'X-API-Key': OPERATOR_KEY,
    });
    expect(await readRefusal(response)).toMatchObject({ status: 400, code: 'invalid_query' });
  });
});

describe('GET /api/market/open-interest/snapshot', () => {
  const iso = (ageSec: number) => new Date(clock.now() - ageSec * SECOND_MS).toISOString();
  const readSnapshot = (query: string) =>
    getJson(server, `${BASE}/snapshot?${query}`, { 'X-API-Key': INGEST_KEY });

  it('returns the newest sample at or before the time, and none older than maxAgeSec', async () => {
    await store([at(1_000, 1), at(100, 2, { markPrice: 0, openInterestUsd: 0 }), at(0, 3)]);
    expect(await readSnapshot(`symbol=BTC-USDT&ts=${iso(50)}`)).toEqual({
      found: true,
      symbol: 'BTCUSDT',
      openInterest: 2,
      openInterestUsd: null,
      markPrice: null,
      ts: iso(100),
      source: 'realtime',
    });
    expect(await readSnapshot(`symbol=BTCUSDT&ts=${iso(100)}`)).toMatchObject({ openInterest: 2 });
    expect(await readSnapshot(`symbol=BTCUSDT&ts=${iso(101)}`)).toMatchObject({
      found: true,
      openInterest: 1,
    });
    expect(await readSnapshot(`symbol=BTCUSDT&ts=${iso(99.9)}&maxAgeSec=1`)).toMatchObject({
      openInterest: 2,
    });
    const nothing = { found: false, symbol: 'BTCUSDT', requestedTs: iso(90) };
    expect(await readSnapshot(`symbol=BTCUSDT&ts=${iso(90)}&maxAgeSec=9`)).toEqual(nothing);
    expect(await readSnapshot(`symbol=BTCUSDT&ts=${clock.now() - DAY_MS}`)).toMatchObject({ found: false });
    expect(await readSnapshot(`symbol=BTCUSDT&ts=${iso(0)}&maxAgeSec=3600`)).toMatchObject({
      openInterest: 3,
    });
  });

  it.each([
    ['', 'symbol parameter required'],
    ['?symbol=BTCUSDT', 'ts parameter required (ISO 8601 timestamp)'],
    ['?symbol=BTCUSDT&ts=noon', 'Invalid timestamp format: must be ISO 8601 or epoch ms'],
  ])("X1 answers 400 to %j with the original's messages", async (query, words) => {
    const refusal = await readRefusal(
      await server.get(`${BASE}/snapshot${query}`, { 'X-API-Key': INGEST_KEY }),
    );
    expect(refusal.status).toBe(400);
    expect(refusal.details.map((it) => it.message)).toContain(words);
  });
});
