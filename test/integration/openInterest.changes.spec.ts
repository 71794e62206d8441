import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { COLUMN_KEYS, isChange, type ChangeUnit } from '../../src/dashboard/board/columns.ts';
import { renderCsv } from '../../src/dashboard/board/csv.ts';
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

  it('are those of the stored day for a symbol that arrives oldest first while others are live', async () => {
    const now = Date.now();
    const post = async (symbol: string, openInterest: number, ts: number) => {
      const data = [{ symbol, openInterest, markPrice: 10, ts }];
      const sent = await server.post('/api/market/open-interest', { source: 'realtime', data });
      expect(sent.status).toBe(200);
    };
    await post('ETHUSDT', 5, now);
    await post('OLDUSDT', 800, now - 1_440 * 60_000);
    await post('OLDUSDT', 1_000, now - 240 * 60_000);
    await post('OLDUSDT', 1_100, now - 10);
    let later = 0;
    const row = await waitFor('the changes of a day', async () => {
      await post('OLDUSDT', 1_100, now + later++);
      return (await readRows()).find((it) => it.symbol === 'OLDUSDT' && it.d[3] !== null);
    });
    expect([row.d[3], row.more?.d[1]]).toEqual([3_750, 1_000]);
    expect(Buffer.from(row.spark!, 'base64')).toHaveLength(48);
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

  it('equal in the CSV what SQL computes: every change column, funding per period and market cap, for 20 symbols', async () => {
    const now = Date.now();
    const symbols = Array.from({ length: 20 }, (_, i) => `COL${i}USDT`);
    // A recent sample first: a symbol whose newest sample is hours old is evicted.
    for (const [step, ageMin] of [1, ...WINDOW_MINUTES.toReversed(), 0].entries()) {
      const data = symbols.map((symbol, i) => ({
        symbol,
        openInterest: 1_000 * (i + 1) * (1 + Math.sin((step + 1) * (i + 3) * 1.7) / 9),
        markPrice: 5 * (1 + Math.cos((step + 1) * (i + 2) * 1.3) / 40),
        fundingRate: (i - 9) * 0.000037,
        ts: now - ageMin * 60_000 - (ageMin === 0 ? 0 : 10_000),
      }));
      const sent = await server.post('/api/market/open-interest', { source: 'realtime', data });
      expect(sent.status).toBe(200);
    }
    const members = symbols.map((symbol, i) => ({
      symbol,
      quoteVolume24h: 9e6 + i,
      fundingIntervalHours: [1, 4, 8][i % 3],
      circulatingSupply: 40_000 + 977 * i,
      circulatingSupplyAt: new Date(now).toISOString(),
    }));
    const update = { symbols: members, force: true };
    expect((await server.post('/api/market/open-interest/liquid-universe/update', update)).status).toBe(200);
    const rows = await waitFor('the facts of the universe', async () => {
      const found = (await readRows()).filter((it) => it.symbol.startsWith('COL'));
      return found.length === 20 && found.every((it) => it.supply) ? found : null;
    });
    const { rows: expected } = await database.pool.query<Record<string, string | number>>(COLUMNS_IN_SQL, [
      WINDOW_MINUTES,
    ]);
    expect(expected).toHaveLength(20 * WINDOW_MINUTES.length);

    const [contracts, usd] = (['contracts', 'usd'] as const).map((unit) => readCsv(rows, unit));
    const far: unknown[] = [];
    for (const row of expected) {
      const at = Number(row['minutes']);
      const near = (cells: typeof contracts, column: string, value: unknown, within: number) => {
        const cell = cells!.get(String(row['symbol']))![column];
        if (!cell || !(Math.abs(Number(cell) - Number(value)) <= within))
          far.push([row['symbol'], column, cell, value]);
      };
      near(contracts, `d${at}`, row['oi'], 0.0051);
      near(usd, `d${at}`, row['usd'], 0.0051);
      near(contracts, `p${at}`, row['price'], 0.0051);
      // A basis point of OI, and the digits that a change in whole basis points has.
      const digits = Math.max(1, Math.ceil(Math.log10(Math.abs(Number(row['usd'])) * 100 + 1)));
      const cut = (Math.abs(Number(row['amount'])) * 0.5) / 10 ** (digits - 1);
      near(contracts, `u${at}`, row['amount'], Number(row['now_usd']) * 1e-4 + cut);
      for (const column of ['fund8', 'fundYear', 'cap', 'ratio']) {
        const value = Number(row[column.toLowerCase()]);
        near(contracts, column, value, Math.abs(value) * 1e-9);
      }
    }
    expect(far).toEqual([]);
  });
});

/** The last number of each change column. */
const WINDOW_MINUTES = [5, 15, 30, 60, 240, 1_440];

const COLUMNS_IN_SQL = `
  with newest as (
    select distinct on (symbol) * from open_interest_snapshots where symbol like 'COL%' order by symbol, ts desc
  )
  select newest.symbol, minutes, newest.open_interest_usd as now_usd,
    (newest.open_interest / base.open_interest - 1) * 100 as oi,
    (newest.open_interest_usd / base.open_interest_usd - 1) * 100 as usd,
    (newest.mark_price / base.mark_price - 1) * 100 as price,
    newest.open_interest_usd - base.open_interest_usd as amount,
    newest.funding_rate * 100 * 8 / funding_interval_hours as fund8,
    newest.funding_rate * 100 * 24 * 365 / funding_interval_hours as fundyear,
    newest.open_interest * 100 / circulating_supply as cap,
    newest.open_interest_usd / quote_volume_24h as ratio
  from newest join open_interest_liquid_symbols using (symbol)
  cross join unnest($1::int[]) as minutes
  cross join lateral (
    select * from open_interest_snapshots as before
    where before.symbol = newest.symbol and before.ts <= newest.ts - minutes * interval '1 minute'
    order by before.ts desc limit 1
  ) as base`;

const CSV_COLUMNS = COLUMN_KEYS.filter(
  (it) => isChange(it) || ['fund8', 'fundYear', 'cap', 'ratio'].includes(it),
);

/** The cells that a viewer of these rows exports, by symbol and column. */
function readCsv(rows: readonly BoardRow[], unit: ChangeUnit): Map<string, Record<string, string>> {
  const lines = rows.map((row) => ({ symbol: row.symbol, row }));
  const context = {
    unit,
    window: '1h',
    mode: 'realtime',
    now: Date.now(),
    favourites: new Set<string>(),
  } as const;
  const [, ...records] = renderCsv(lines, ['symbol', ...CSV_COLUMNS], context)
    .trim()
    .split('\r\n');
  return new Map(
    records.map((record) => {
      const [symbol, ...cells] = record.split(',');
      return [symbol!, Object.fromEntries(CSV_COLUMNS.map((key, i) => [key, cells[i]!]))];
    }),
  );
}
