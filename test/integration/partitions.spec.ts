import { afterEach, describe, expect, it } from '@jest/globals';
import { DAY_MS, MINUTE_MS } from '../../src/kit/clock.ts';
import { MAX_DAYS_AT_ONCE, maintainPartitions } from '../../src/openInterest/history/partitions.ts';
import { selectPartitionDays } from '../../src/openInterest/history/partitions.repository.ts';
import { aChunk, anItem, symbolNames } from '../support/builders.ts';
import { createFakeClock, type FakeClock } from '../support/fakeClock.ts';
import { postChunk, readRefusal } from '../support/openInterestCalls.ts';
import { waitFor } from '../support/waitFor.ts';
import { startTestServer } from '../support/testServer.ts';
import { withEach } from '../support/withOpened.ts';
import { withDatabase } from '../support/withServer.ts';

const RETENTION_DAYS = 3_650;

const dayOf = (epochMs: number) => new Date(epochMs).toISOString().slice(0, 10);

const database = withDatabase();
let clock: FakeClock;
const server = withEach(() => {
  // Near the database's time, which also decides what is dropped.
  clock = createFakeClock(Date.now());
  const env = { OI_RETENTION_DAYS: String(RETENTION_DAYS) };
  return startTestServer({ databaseUrl: database.url, clock, env });
}, 'close');
afterEach(async () => {
  for (const day of await selectPartitionDays(database.pool)) {
    await database.pool.query(`drop table open_interest_snapshots_${day.replaceAll('-', '_')}`);
  }
});

async function storedTimes(): Promise<number[]> {
  const { rows } = await database.pool.query<{ ts: Date }>(
    'select ts from open_interest_snapshots order by ts',
  );
  return rows.map((row) => row.ts.getTime());
}

/** The days that one round of maintenance drops. */
async function droppedBy(now: number, retentionDays: number): Promise<string[]> {
  const dropped: string[] = [];
  await maintainPartitions(database.db, now, retentionDays, (change) => {
    if ('dropped' in change) dropped.push(change.dropped);
  });
  return dropped;
}

describe('partitions', () => {
  it('P6 are created for yesterday to a week ahead at the start, for any retention', async () => {
    const days = Array.from({ length: 9 }, (_, i) => dayOf(clock.now() + (i - 1) * DAY_MS));
    await waitFor(
      'the partitions',
      async () => (await selectPartitionDays(database.pool)).length >= days.length,
    );
    expect(await selectPartitionDays(database.pool)).toEqual(days);
  });

  it('P6 I1 are created for older days with their first samples, so that everything within retention is accepted', async () => {
    const ages = [2, 30, 365, RETENTION_DAYS];
    const data = ages.map((days) => anItem('BTCUSDT', { ts: clock.now() - days * DAY_MS }));
    expect(await postChunk(server, { data, source: 'backfill' })).toMatchObject({
      inserted: 4,
      rejected: [],
    });
    expect(await storedTimes()).toEqual(data.map((it) => it['ts']).toReversed());
    expect(await selectPartitionDays(database.pool)).toEqual(
      expect.arrayContaining(ages.map((days) => dayOf(clock.now() - days * DAY_MS))),
    );
  });

  it('I6 are created a few at a time, so that a chunk of many days blocks no other and is accepted when sent again', async () => {
    const ages = Array.from({ length: 2 * MAX_DAYS_AT_ONCE }, (_, i) => 100 + i);
    const data = ages.map((days) => anItem('BTCUSDT', { ts: clock.now() - days * DAY_MS }));
    const chunk = { data, source: 'backfill' };
    const first = await server.post('/api/market/open-interest/ingest', chunk);
    expect([first.status, first.headers.get('retry-after')]).toEqual([503, expect.stringMatching(/^\d+$/)]);
    expect(await readRefusal(first)).toMatchObject({
      code: 'partitions_pending',
      details: [{ path: 'code', message: 'formerly days_in_the_making' }],
    });
    expect(await storedTimes()).toEqual([]);
    expect(await postChunk(server, chunk)).toMatchObject({ inserted: ages.length });
  });

  it('I8 of one day are created once, for any number of concurrent chunks', async () => {
    const other = await startTestServer({
      databaseUrl: database.url,
      clock,
      env: { OI_RETENTION_DAYS: String(RETENTION_DAYS) },
    });
    const symbols = symbolNames(10);
    const chunks = symbols.map((symbol) => aChunk([symbol], { ts: clock.now() - 100 * DAY_MS }));
    const answers = await Promise.all(
      chunks.map((chunk, i) => postChunk(i % 2 === 0 ? server : other, { ...chunk, source: 'backfill' })),
    );
    await other.close();
    expect(answers.map((it) => it.inserted)).toEqual(symbols.map(() => 1));
    expect(await storedTimes()).toHaveLength(10);
  });

  it('M3 I1 are created again when another node has dropped the oldest day that this one still accepts', async () => {
    const oldest = clock.now() - RETENTION_DAYS * DAY_MS;
    const chunk = { data: [anItem('BTCUSDT', { ts: oldest })], source: 'backfill' };
    await postChunk(server, chunk);
    await database.pool.query(`drop table open_interest_snapshots_${dayOf(oldest).replaceAll('-', '_')}`);
    expect(await postChunk(server, chunk)).toMatchObject({ inserted: 1, rejected: [] });
    expect(await storedTimes()).toEqual([oldest]);
  });

  it('P6 M3 are kept when a node whose clock is a year ahead looks for old ones', async () => {
    const chunk = { data: [anItem('BTCUSDT', { ts: clock.now() - 20 * DAY_MS })], source: 'backfill' };
    await postChunk(server, chunk);
    const before = await storedTimes();
    const dropped = await droppedBy(clock.now() + 365 * DAY_MS, 30);
    expect(dropped).toEqual([]);
    expect(await storedTimes()).toEqual(before);
    expect(await postChunk(server, chunk)).toMatchObject({ inserted: 0, duplicates: 1 });
  });

  it('P6 are dropped with everything past retention', async () => {
    const kept = clock.now() - 40 * DAY_MS;
    const data = [kept - MINUTE_MS, kept - DAY_MS].map((ts) => anItem('BTCUSDT', { ts }));
    await postChunk(server, { data, source: 'backfill' });
    const dropped = await droppedBy(clock.now(), 40);
    expect(dropped).toEqual([dayOf(kept - DAY_MS)]);
    expect(await storedTimes()).toEqual([kept - MINUTE_MS]);
  });
});
