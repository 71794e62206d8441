import { describe, expect, it } from '@jest/globals';
import { DAY_MS, MINUTE_MS } from '../../src/kit/clock.ts';
import { dayOf } from '../../src/openInterest/history/days.ts';
import { partitionName, selectPartitionDays } from '../../src/openInterest/history/partitions.repository.ts';
import { createFakeClock } from '../support/fakeClock.ts';
import { createPool } from '../support/pool.ts';
import { startPrivatePostgres } from '../support/postgres.ts';
import { startTestServer } from '../support/testServer.ts';
import { waitFor } from '../support/waitFor.ts';
import { withOpened } from '../support/withOpened.ts';

/** So few locks that this many partitions are to them what ten years are to the usual number. */
const FLAGS = [
  'max_locks_per_transaction=10',
  'max_connections=20',
  'max_wal_senders=0',
  'fsync=off',
].flatMap((it) => ['-c', it]);
const PARTITIONS = 140;

const postgres = withOpened(() => startPrivatePostgres({ flags: FLAGS }), 'remove');
const pool = withOpened(() => createPool({ url: postgres.url }), 'end');

/** Partitions of days that are spread over the last ten years, a few in each statement. */
async function makeOldDays(now: number): Promise<string[]> {
  const days = Array.from({ length: PARTITIONS }, (_, i) => dayOf(now - (3_600 - i * 25) * DAY_MS));
  for (let i = 0; i < days.length; i += 20) {
    const statements = days.slice(i, i + 20).map((day) => {
      const next = dayOf(Date.parse(day) + DAY_MS);
      return `create table ${partitionName(day)} partition of open_interest_snapshots for values from ('${day}') to ('${next}');`;
    });
    await pool.query(statements.join('\n'));
  }
  return days;
}

describe('a retention that is lowered from ten years to 30 days', () => {
  it('P6 D6 drops each day in a separate transaction, and a node is ready while a dump delays the drops', async () => {
    const clock = createFakeClock(Date.now());
    const old = await makeOldDays(clock.now());
    // All of them in one transaction are more than the database has locks for.
    await expect(pool.query(`drop table ${old.map(partitionName).join(', ')}`)).rejects.toMatchObject({
      code: '53200',
    });

    const dump = await pool.connect();
    await dump.query('begin');
    await dump.query(
      `lock table only open_interest_snapshots, ${partitionName(old[0]!)} in access share mode`,
    );
    const env = { OI_RETENTION_DAYS: '30' };
    const server = await startTestServer({ databaseUrl: postgres.url, clock, env });
    expect((await server.get('/readyz')).status).toBe(200);
    expect(await selectPartitionDays(pool)).toEqual(expect.arrayContaining(old));

    await dump.query('commit');
    dump.release();
    await waitFor(
      'the old days to be dropped',
      async () => {
        clock.advance(MINUTE_MS);
        return !old.includes((await selectPartitionDays(pool))[0]!);
      },
      { everyMs: 250, timeoutMs: 120_000 },
    );
    expect(await selectPartitionDays(pool)).toContain(dayOf(Date.now()));
    await server.close();
  });
});
