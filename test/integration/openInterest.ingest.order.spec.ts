import { afterEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { HOUR_MS, SECOND_MS } from '../../src/kit/clock.ts';
import { OpenInterestIngestResponse } from '../../src/openInterest/ingest/ingest.types.ts';
import type { Sample } from '../../src/openInterest/openInterest.types.ts';
import { aChunk, anItem, symbolNames, type ChunkItem } from '../support/builders.ts';
import { postChunk, readMetric, readRows } from '../support/openInterestCalls.ts';
import { withFreshServer } from '../support/withServer.ts';

const INGEST = '/api/market/open-interest/ingest';

const { database, server, clock } = withFreshServer();
afterEach(expectLatestIsNewestOfHistory);

/** P1: `latest` is the newest history row of each symbol, backfill aside. */
async function expectLatestIsNewestOfHistory(): Promise<void> {
  const columns = 'symbol, ts, source, open_interest, open_interest_usd, mark_price, funding_rate';
  const { rows } = await database.pool.query(
    `with newest as (
       select distinct on (symbol) ${columns} from open_interest_snapshots where source <> 'backfill'
       order by symbol, ts desc, open_interest_source_rank(source) desc
     )
     (select ${columns} from newest except select ${columns} from open_interest_latest)
     union all
     (select ${columns} from open_interest_latest except select ${columns} from newest)`,
  );
  expect(rows).toEqual([]);
}

async function countHistory(): Promise<number> {
  const { rows } = await database.pool.query<{ count: number }>(
    'select count(*)::int from open_interest_snapshots',
  );
  return rows[0]!.count;
}

async function latestOf(symbol: string): Promise<unknown> {
  const { rows } = await database.pool.query(
    'select open_interest, source, ts from open_interest_latest where symbol = $1',
    [symbol],
  );
  return rows[0];
}

/** Chunks of one item, `given` seconds before or after now. */
function chunkAt(sec: number, openInterest: number, source: Sample['source'] = 'realtime') {
  const ts = clock.now() + sec * SECOND_MS;
  return { data: [anItem('BTCUSDT', { openInterest, openInterestUsd: openInterest * 2, ts })], source };
}

describe('order of samples', () => {
  it('I2 adds no row when the same chunk arrives again, even with other values', async () => {
    const chunk = aChunk(symbolNames(100), { ts: clock.now() });
    expect(await postChunk(server, chunk)).toMatchObject({ inserted: 100, duplicates: 0, stale: 0 });
    expect(await postChunk(server, chunk)).toMatchObject({ inserted: 0, duplicates: 100, stale: 0 });
    const changed = aChunk(symbolNames(100), { ts: clock.now(), item: { openInterest: 5 } });
    expect(await postChunk(server, changed)).toMatchObject({ inserted: 0, duplicates: 100, success: true });
    expect(await countHistory()).toBe(100);
    const row = (await readRows(server)).get('SYM0USDT');
    expect(row?.openInterest).toBe(1_000);
  });

  it('I3 keeps the newer sample on the board and in the database when an older one arrives later', async () => {
    await postChunk(server, chunkAt(0, 200));
    expect(await postChunk(server, chunkAt(-10, 100))).toMatchObject({
      inserted: 1,
      duplicates: 0,
      stale: 1,
    });
    expect((await readRows(server)).get('BTCUSDT')).toMatchObject({ openInterest: 200, ts: clock.now() });
    expect(await latestOf('BTCUSDT')).toMatchObject({ open_interest: 200 });
    expect(await countHistory()).toBe(2);
  });

  it('I3 M2 orders sources of the same time: realtime, snapshot, snapshot_legacy; backfill is history', async () => {
    await postChunk(server, chunkAt(0, 1, 'snapshot_legacy'));
    expect(await postChunk(server, chunkAt(0, 2, 'realtime'))).toMatchObject({ inserted: 1, stale: 0 });
    expect(await postChunk(server, chunkAt(0, 3, 'snapshot'))).toMatchObject({ inserted: 1, stale: 1 });
    expect(await postChunk(server, chunkAt(5, 4, 'backfill'))).toMatchObject({ inserted: 1, stale: 0 });
    expect((await readRows(server)).get('BTCUSDT')).toMatchObject({ openInterest: 2, source: 'realtime' });
    expect(await latestOf('BTCUSDT')).toMatchObject({ open_interest: 2, source: 'realtime' });
  });

  it('counts as stale only stored and old samples: neither duplicates nor backfill', async () => {
    await postChunk(server, chunkAt(0, 1));
    const ts = clock.now();
    const mixed = [
      anItem('BTCUSDT', { ts }),
      anItem('ETHUSDT', { ts: ts - HOUR_MS, source: 'backfill' }),
      anItem('SOLUSDT', { ts: ts - HOUR_MS, source: 'backfill' }),
    ];
    expect(await postChunk(server, { data: mixed, source: 'realtime' })).toMatchObject({
      received: 3,
      inserted: 2,
      duplicates: 1,
      stale: 0,
    });
  });

  it('accepts a symbol at several times in one chunk, and the last of equal times', async () => {
    const ts = clock.now();
    const data = [
      anItem('BTCUSDT', { openInterest: 3, ts }),
      anItem('BTCUSDT', { openInterest: 1, ts: ts - 20 * SECOND_MS }),
      anItem('BTCUSDT', { openInterest: 2, ts: ts - 10 * SECOND_MS }),
      anItem('BTC-USDT', { openInterest: 4, ts }),
    ];
    expect(await postChunk(server, { data, source: 'realtime' })).toMatchObject({
      received: 4,
      inserted: 3,
      duplicates: 1,
      stale: 2,
      cached: 1,
    });
    expect(await latestOf('BTCUSDT')).toMatchObject({ open_interest: 4 });
    expect((await readRows(server)).get('BTCUSDT')?.openInterest).toBe(4);
  });

  it('I2 stores one row when identical chunks arrive concurrently, and acknowledges both', async () => {
    for (let round = 0; round < 10; round += 1) {
      const chunk = aChunk(symbolNames(100), { ts: clock.now() - round * SECOND_MS });
      const twins = await Promise.all([1, 2, 3].map(() => postChunk(server, chunk)));
      expect(twins.map((it) => it.received)).toEqual([100, 100, 100]);
      expect(twins.reduce((sum, it) => sum + it.inserted, 0)).toBe(100);
      expect(twins.reduce((sum, it) => sum + it.duplicates, 0)).toBe(200);
    }
    expect(await countHistory()).toBe(1_000);
  });

  it('I2 accepts the same 343 symbols from eight concurrent writers, each in another order', async () => {
    const symbols = symbolNames(343);
    const [shuffle] = fc.sample(fc.infiniteStream(fc.shuffledSubarray(symbols, { minLength: 343 })), {
      numRuns: 1,
      seed: 343,
    });
    const writers = Array.from({ length: 8 }, async () => {
      for (let sweep = 0; sweep < 5; sweep += 1) {
        const order = shuffle!.next().value as string[];
        await postChunk(server, aChunk(order, { ts: clock.now() - sweep * SECOND_MS }));
      }
    });
    await Promise.all(writers);
    expect(await countHistory()).toBe(5 * 343);
  });

  it('I3 ends with the newest of everything, for any order of chunks', async () => {
    const item = fc.record({
      symbol: fc.constantFrom('AUSDT', 'BUSDT', 'CUSDT'),
      openInterest: fc.nat({ max: 1_000_000 }),
      ts: fc.integer({ min: -60, max: 0 }).map((sec) => clock.now() + sec * SECOND_MS),
      source: fc.constantFrom<Sample['source']>('realtime', 'snapshot', 'snapshot_legacy', 'backfill'),
    });
    const chunks = fc.array(fc.array(item, { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(chunks, async (given) => {
        await Promise.all(given.map((data) => postChunk(server, { data })));
        await expectLatestIsNewestOfHistory();
        const rows = await readRows(server);
        for (const [symbol, row] of rows) {
          expect(await latestOf(symbol)).toMatchObject({ source: row.source, ts: new Date(row.ts) });
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('counts', () => {
  const good: fc.Arbitrary<ChunkItem> = fc.record({
    symbol: fc.constantFrom('AUSDT', 'b-usdt', '币安人生USDT', 'D'),
    openInterest: fc.double({ min: 0, max: 1e15, noNaN: true }),
    openInterestUsd: fc.constantFrom(undefined, null, 0, -1, 'x', 5e9),
    markPrice: fc.constantFrom(undefined, null, 0, -1, 'x', 93_041.35),
  });
  const bad: fc.Arbitrary<unknown> = fc.oneof(
    fc.constantFrom(null, 7, 'BTCUSDT', [], {}),
    fc.record({ symbol: fc.constantFrom('', ' ', 'A B', 9, null), openInterest: fc.constant(1) }),
    fc.record({ symbol: fc.constant('AUSDT'), openInterest: fc.constantFrom(-1, '5', null, [5], 1e16) }),
    fc.record({ symbol: fc.constant('AUSDT') }),
  );
  // One bad item in four, and moments that repeat between chunks.
  const mixed = fc.array(fc.oneof({ arbitrary: good, weight: 3 }, { arbitrary: bad, weight: 1 }), {
    minLength: 1,
    maxLength: 30,
  });

  it('L4 I5 always add up, in every response and in the counters', async () => {
    const totals = { received: 0, inserted: 0, duplicate: 0, rejected: 0 };
    const sec = fc.integer({ min: 0, max: 20 });
    await fc.assert(
      fc.asyncProperty(mixed, sec, async (data, age) => {
        const response = await server.post(INGEST, { data, timestamp: clock.now() - age * SECOND_MS });
        if (response.status === 400) return;
        const answer = OpenInterestIngestResponse.parse(await response.json());
        expect(answer.received).toBe(data.length);
        expect(answer.inserted + answer.duplicates + answer.rejected.length).toBe(answer.received);
        expect(answer.success).toBe(answer.rejected.length === 0);
        totals.received += answer.received;
        totals.inserted += answer.inserted;
        totals.duplicate += answer.duplicates;
        totals.rejected += answer.rejected.length;
      }),
      { numRuns: 300 },
    );
    expect(await countHistory()).toBe(totals.inserted);
    const counter = (result: string) => readMetric(server, `oi_ingest_samples_total{result="${result}"}`);
    expect(await counter('inserted')).toBe(totals.inserted);
    expect(await counter('duplicate')).toBe(totals.duplicate);
    expect(await counter('rejected')).toBe(totals.rejected);
    expect(totals.inserted + totals.duplicate + totals.rejected).toBe(totals.received);
  });
});
