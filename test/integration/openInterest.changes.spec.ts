import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { BoardBody, type BoardRow } from '../../src/openInterest/openInterest.types.ts';
import { waitFor } from '../support/waitFor.ts';
import { createTestDatabase } from '../support/database.ts';
import { startTestServer, type TestServer } from '../support/testServer.ts';

/** One symbol with a sample at each age, in minutes, and the contracts it had then. */
const PAST: readonly (readonly [ageMin: number, openInterest: number])[] = [
  [24 * 60 + 1, 800],
  [600, 700],
  [61, 900],
  [60, 1_000],
  [15, 1_050],
  [5, 1_090],
  [0, 1_100],
];

describe('changes in a board row', () => {
  let database: Awaited<ReturnType<typeof createTestDatabase>>;
  let server: TestServer;

  beforeAll(async () => {
    database = await createTestDatabase();
    server = await startTestServer({ databaseUrl: database.url });
  });
  afterAll(async () => {
    await server.close();
    await database.drop();
  });

  async function readRows(): Promise<BoardRow[]> {
    const response = await server.get('/api/market/open-interest/board', {
      authorization: `Bearer ${await server.token('pro')}`,
    });
    const { rows } = BoardBody.parse(await response.json());
    return rows as BoardRow[];
  }

  async function readRow(): Promise<BoardRow> {
    return (await readRows()).find((it) => it.symbol === 'BTCUSDT')!;
  }

  it('cover 5 min, 15 min, 1 h and 24 h, for any order of arrival, and survive a restart', async () => {
    const now = Date.now();
    const data = PAST.map(([ageMin, openInterest]) => ({
      symbol: 'BTCUSDT',
      openInterest,
      markPrice: 10,
      ts: now - ageMin * 60_000,
    }));
    // The newest first: late samples fill the past, and the next sample shows the changes.
    for (const item of data.toReversed()) {
      expect(
        (await server.post('/api/market/open-interest', { source: 'realtime', data: [item] })).status,
      ).toBe(200);
    }
    const next = { symbol: 'BTCUSDT', openInterest: 1_100, markPrice: 10, ts: now + 1 };
    await server.post('/api/market/open-interest', { source: 'realtime', data: [next] });

    const before = await readRow();
    expect(before.d).toEqual([92, 476, 1_000, 3_750]);
    expect(before.dUsd).toEqual(before.d);
    expect(before.p).toEqual([0, 0, 0, 0]);
    expect(before.more).toEqual({ d: [null, null], dUsd: [null, null], p: [null, null] });
    expect(Buffer.from(before.spark!, 'base64')).toHaveLength(48);

    await server.close();
    server = await startTestServer({ databaseUrl: database.url });
    const after = await readRow();
    expect({ d: after.d, dUsd: after.dUsd, p: after.p, spark: after.spark }).toEqual({
      d: before.d,
      dUsd: before.dUsd,
      p: before.p,
      spark: before.spark,
    });
  });

  it('agree with SQL over the stored samples, the usual changes too, for 20 symbols', async () => {
    const now = Date.now();
    const hour = Math.floor((now - 2 * 60_000) / 3_600_000) * 3_600_000;
    const times = [...Array.from({ length: 23 }, (_, i) => hour - (22 - i) * 3_600_000 - 60_000), now];
    const symbols = Array.from({ length: 20 }, (_, i) => `SQL${i}USDT`);
    for (const [step, ts] of times.entries()) {
      const data = symbols.map((symbol, i) => ({
        symbol,
        openInterest: 1_000 * (i + 1) * (1 + Math.sin(step * (i + 3) * 1.7) / 30),
        markPrice: 5 * (1 + Math.cos(step * (i + 2) * 1.3) / 90),
        ts,
      }));
      const sent = await server.post('/api/market/open-interest', { source: 'realtime', data });
      expect(sent.status).toBe(200);
    }
    await server.close();
    server = await startTestServer({ databaseUrl: database.url });
    const rows = await waitFor('the usual changes', async () => {
      const found = (await readRows()).filter((it) => it.symbol.startsWith('SQL'));
      return found.length === 20 && found.every((it) => it.usual) ? found : null;
    });
    const { rows: expected } = await database.pool.query<{
      symbol: string;
      median: number;
      mad: number;
      price: number;
    }>(
      `with marks as (
         select symbol, open_interest, mark_price, ts from open_interest_snapshots
         where symbol like 'SQL%' and ts < to_timestamp($1)
       ), moved as (
         select symbol, (open_interest / lag(open_interest) over past - 1) * 10000 as oi,
           (mark_price / lag(mark_price) over past - 1) * 10000 as price
         from marks window past as (partition by symbol order by ts)
       ), medians as (
         select symbol, percentile_cont(0.5) within group (order by oi) as oi,
           percentile_cont(0.5) within group (order by price) as price
         from moved where oi is not null group by symbol
       )
       select symbol, medians.oi as median, percentile_cont(0.5) within group (order by abs(moved.oi - medians.oi)) as mad,
         percentile_cont(0.5) within group (order by abs(moved.price - medians.price)) as price
       from moved join medians using (symbol) where moved.oi is not null group by symbol, medians.oi`,
      [hour / 1_000],
    );
    expect(expected).toHaveLength(20);
    for (const { symbol, median, mad, price } of expected) {
      const usual = rows.find((it) => it.symbol === symbol)!.usual!;
      for (const [i, value] of [median, mad, price].entries())
        expect(Math.abs(usual[i]! - value)).toBeLessThanOrEqual(0.051);
    }
  });
});
