import { beforeEach, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { MINUTE_MS, SECOND_MS } from '../../src/kit/clock.ts';
import { OpenInterestAlert } from '../../src/openInterest/openInterest.types.ts';
import { anAlert } from '../support/builders.ts';
import { createFakeClock } from '../support/fakeClock.ts';
import { getJson, readRefusal } from '../support/openInterestCalls.ts';
import { OPERATOR_KEY } from '../support/testServer.ts';
import { withServer } from '../support/withServer.ts';

const INGEST = '/api/open-interest-alerts/ingest';
const ALERTS = '/api/open-interest-alerts';

const clock = createFakeClock();
const { database, server } = withServer({ clock });

beforeEach(async () => {
  await database.pool.query('truncate open_interest_alerts');
});

async function postAlert(given: Record<string, unknown> = {}): Promise<string> {
  const response = await server.post(INGEST, { ...anAlert(), ...given });
  expect(response.status).toBe(200);
  return z.strictObject({ success: z.literal(true), id: z.string() }).parse(await response.json()).id;
}

async function storedAlerts(): Promise<Record<string, unknown>[]> {
  const { rows } = await database.pool.query<Record<string, unknown>>(
    'select * from open_interest_alerts order by id',
  );
  return rows;
}

const Page = z.strictObject({
  alerts: z.array(OpenInterestAlert),
  count: z.number(),
  limit: z.number(),
  offset: z.number(),
  nextBefore: z.string().nullable(),
});

async function readPage(query = ''): Promise<z.infer<typeof Page>> {
  return Page.parse(await getJson(server, `${ALERTS}${query}`, { 'X-API-Key': OPERATOR_KEY }));
}

describe('POST /api/open-interest-alerts/ingest', () => {
  it('stores an alert as sent and returns its id', async () => {
    const id = await postAlert();
    expect(await storedAlerts()).toEqual([
      {
        id: Number(id),
        after: [],
        symbol: 'SUIUSDT',
        direction: 'UP',
        timeframe: '5 min',
        baseline: 412_600_000,
        current: 430_000_000,
        pct_change: 0.0421,
        abs_change: 17_400_000,
        price_change: 0.0038,
        funding_rate: 0.0001,
        source: 'oi_realtime_poller',
        ts: new Date('2026-11-20T13:41:20Z'),
        created_at: expect.any(Date),
      },
    ]);
  });

  it('accepts an alert without timeframe, price change and funding rate as 5 min and unknown', async () => {
    const { timeframe: _, priceChange: __, fundingRate: ___, ...rest } = anAlert();
    expect((await server.post(INGEST, rest)).status).toBe(200);
    expect(await storedAlerts()).toMatchObject([
      { timeframe: '5 min', price_change: null, funding_rate: null },
    ]);
  });

  it('answers 200 and the same id to the same alert again, sequentially and concurrently', async () => {
    const id = await postAlert();
    expect(await postAlert({ current: 431_000_000, timestamp: Date.parse('2026-11-20T13:41:20Z') })).toBe(id);
    const twins = { timeframe: '1 hour' };
    const ids = await Promise.all(Array.from({ length: 8 }, () => postAlert(twins)));
    expect(new Set(ids).size).toBe(1);
    expect(await storedAlerts()).toHaveLength(2);
  });

  it('distinguishes alerts by symbol, direction, timeframe, time and source', async () => {
    const others = [
      {},
      { symbol: 'BTCUSDT' },
      { direction: 'DOWN' },
      { timeframe: '15 min' },
      { timestamp: '2026-11-20T13:41:21Z' },
      { source: 'another detector' },
    ];
    const ids: string[] = [];
    for (const other of others) ids.push(await postAlert(other));
    expect(new Set(ids).size).toBe(others.length);
  });

  it.each(['symbol', 'direction', 'baseline', 'current', 'pctChange', 'absChange', 'timestamp', 'source'])(
    'X1 answers 400 and names the field when %s is missing',
    async (field) => {
      const { [field]: _, ...rest } = anAlert() as Record<string, unknown>;
      const refusal = await readRefusal(await server.post(INGEST, rest));
      expect(refusal).toMatchObject({ status: 400, code: 'invalid_body', details: [{ path: field }] });
      expect(refusal.message).toContain(field);
      expect(await storedAlerts()).toEqual([]);
    },
  );

  it('X1 names every missing field in one response', async () => {
    const refusal = await readRefusal(await server.post(INGEST, { symbol: 'BTCUSDT', direction: 'UP' }));
    expect(refusal.details.map((it) => it.path)).toEqual([
      'baseline',
      'current',
      'pctChange',
      'absChange',
      'timestamp',
      'source',
    ]);
  });

  it.each<[string, unknown]>([
    ['symbol', 'NOT A SYMBOL'],
    ['symbol', '__proto__'],
    ['direction', 'up'],
    ['direction', 'SIDEWAYS'],
    ['baseline', '412600000'],
    ['baseline', 1e16],
    ['current', null],
    ['pctChange', 1e10],
    ['absChange', true],
    ['priceChange', '0.1'],
    ['timeframe', ''],
    ['timeframe', 'x'.repeat(33)],
    ['timeframe', '5\u0000min'],
    ['timeframe', '5\ud800min'],
    ['source', '  '],
    ['source', 'x'.repeat(65)],
    ['source', 'poller\u0000'],
    ['timestamp', 'now'],
    ['timestamp', '2026-11-20T13:41:20'],
    ['timestamp', '2026-11-20T14:01:01Z'],
    ['timestamp', 1e300],
    ['timestamp', 1_763_646_080],
    ['timestamp', -1],
    ['timestamp', '0000-01-01T00:00:00Z'],
  ])('X1 answers 400 when %s is %j, and stores nothing', async (field, value) => {
    const refusal = await readRefusal(await server.post(INGEST, { ...anAlert(), [field]: value }));
    expect(refusal).toMatchObject({ status: 400, code: 'invalid_body', details: [{ path: field }] });
    expect(await storedAlerts()).toEqual([]);
  });

  it('stores a change of ×10,000 and eight decimals, as new listings and funding rates need', async () => {
    await postAlert({ pctChange: 12_345.678_9, fundingRate: 0.000_012_34, baseline: 0.000_1 });
    const { alerts } = await readPage();
    expect(alerts).toMatchObject([{ pctChange: 12_345.678_9, fundingRate: 0.000_012_34, baseline: 0.000_1 }]);
  });
});

describe('GET /api/open-interest-alerts', () => {
  it('returns numbers as numbers and times as ISO, newest first', async () => {
    const older = await postAlert({ timestamp: '2026-11-20T13:00:00Z' });
    const newer = await postAlert({ priceChange: null, fundingRate: null });
    const { alerts, count, nextBefore } = await readPage();
    expect(alerts.map((it) => it.id)).toEqual([newer, older]);
    expect(alerts[0]).toMatchObject({
      baseline: 412_600_000,
      pctChange: 0.0421,
      priceChange: null,
      fundingRate: null,
      ts: '2026-11-20T13:41:20.000Z',
    });
    expect({ count, nextBefore }).toEqual({ count: 2, nextBefore: null });
  });

  it('filters by symbol in any spelling, direction, timeframe and time', async () => {
    const at = (sec: number) => new Date(clock.now() - MINUTE_MS + sec * SECOND_MS).toISOString();
    await postAlert({ symbol: 'BTCUSDT', timestamp: at(0) });
    await postAlert({ symbol: 'ETHUSDT', direction: 'DOWN', timestamp: at(1) });
    await postAlert({ symbol: 'BTCUSDT', timeframe: '1 hour', direction: 'DOWN', timestamp: at(2) });
    const found = async (query: string) =>
      (await readPage(query)).alerts.map((it) => Date.parse(it.ts)).length;
    expect(await found('?symbol=btc-usdt')).toBe(2);
    expect(await found('?symbol=BTCUSDT&direction=DOWN')).toBe(1);
    expect(await found('?timeframe=1%20hour')).toBe(1);
    expect(await found(`?since=${at(0)}`)).toBe(2);
    expect(await found(`?since=${Date.parse(at(1))}`)).toBe(1);
    expect(await found(`?before=${at(2)}`)).toBe(2);
    expect(await found(`?since=${at(0)}&before=${at(2)}`)).toBe(1);
    expect(await found('?symbol=SOLUSDT')).toBe(0);
  });

  it('pages by nextBefore without loss or repetition, among alerts of one time and while new ones arrive', async () => {
    const ids: string[] = [];
    for (let i = 0; i < 23; i += 1) {
      // Seven share each time.
      const timestamp = clock.now() - MINUTE_MS + Math.floor(i / 7) * SECOND_MS;
      ids.push(await postAlert({ symbol: `S${i}USDT`, timestamp }));
    }
    const seen: string[] = [];
    let query = '?limit=5';
    for (let page = 0; page < 10; page += 1) {
      const { alerts, nextBefore } = await readPage(query);
      seen.push(...alerts.map((it) => it.id));
      if (nextBefore === null) break;
      query = `?limit=5&before=${encodeURIComponent(nextBefore)}`;
      await postAlert({ symbol: `NEW${page}USDT`, timestamp: clock.now() });
    }
    expect(seen).toEqual(ids.toReversed());
  });

  it('skips by offset, as the original promised', async () => {
    const ids = [];
    for (let i = 0; i < 3; i += 1) ids.push(await postAlert({ symbol: `S${i}USDT` }));
    const page = await readPage('?limit=1&offset=1');
    expect(page).toMatchObject({ alerts: [{ id: ids[1] }], count: 1, limit: 1, offset: 1 });
  });

  it.each([
    '?limit=0',
    '?limit=-5',
    '?limit=201',
    '?limit=1.5',
    '?limit=many',
    '?limit=1&limit=2',
    '?offset=-1',
    '?direction=SIDEWAYS',
    '?timeframe=%00',
    '?symbol=',
    '?symbol=A%20B',
    '?since=yesterday',
    '?before=1,2,3',
    '?before=2026-11-20T13:41:20Z,x',
  ])('X1 answers 400 to %s and names the parameter', async (query) => {
    const refusal = await readRefusal(await server.get(ALERTS + query, { 'X-API-Key': OPERATOR_KEY }));
    const name = /^\?(\w+)/.exec(query)?.[0];
    expect(refusal).toMatchObject({ status: 400, code: 'invalid_query', details: [{ path: name }] });
  });
});
