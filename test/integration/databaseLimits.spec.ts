import { afterEach, describe, expect, it } from '@jest/globals';
import { createAccessChanges } from '../../src/access/changes.ts';
import { createAccessChangesRepository } from '../../src/access/changes.repository.ts';
import { DAY_MS, HOUR_MS, systemClock } from '../../src/kit/clock.ts';
import { deleteLatestBeyond } from '../../src/openInterest/history/latest.repository.ts';
import {
  createPartition,
  selectPartitionDays,
} from '../../src/openInterest/history/partitions.repository.ts';
import { upsertHeartbeat } from '../../src/openInterest/operator/collectors/heartbeats.repository.ts';
import { selectBlockingLocks, selectConnectionUsage } from '../../src/platform/database/activity.ts';
import { createDatabaseHealth } from '../../src/platform/database/health.ts';
import { aChunk, anItem, symbolNames } from '../support/builders.ts';
import { createTestDatabase } from '../support/database.ts';
import { postChunk } from '../support/openInterestCalls.ts';
import { startTestServer, type TestServer } from '../support/testServer.ts';
import { waitFor } from '../support/waitFor.ts';
import { withEach } from '../support/withOpened.ts';

const INGEST = '/api/market/open-interest/ingest';

let server: TestServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});
const database = withEach(createTestDatabase, 'drop');

async function count(sql: string): Promise<number> {
  const { rows } = await database.pool.query<{ n: number }>(`select count(*)::int as n from ${sql}`);
  return rows[0]!.n;
}

describe('a database that has turned read-only', () => {
  it('I6 P4 is answered 503 with Retry-After, and ingest resumes without a restart of the server', async () => {
    server = await startTestServer({ databaseUrl: database.url });
    const name = new URL(database.url).pathname.slice(1);
    await database.pool.query(`alter database ${name} set default_transaction_read_only = on`);
    await database.pool.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and application_name = 'open-interest'`,
    );
    const refused = await waitFor('a connection of the new kind', async () => {
      const answer = await server!.post(INGEST, aChunk(['BTCUSDT']));
      const { error } = (await answer.json()) as { error: { code: string } };
      return answer.headers.has('retry-after') ? { status: answer.status, code: error.code } : null;
    });
    expect(refused).toEqual({ status: 503, code: 'database_unavailable' });
    // Connections that were opened meanwhile would stay read-only for as long as they live.
    await database.pool.query(`set default_transaction_read_only = off`);
    await database.pool.query({
      text: `begin read write; alter database ${name} reset default_transaction_read_only; commit`,
    });
    await waitFor(
      'a connection that writes',
      async () => (await server!.post(INGEST, aChunk(['BTCUSDT']))).ok,
    );
  });

  it('is reported as a fault, unlike a statement that fails for its own reasons', async () => {
    const health = createDatabaseHealth({ clock: systemClock });
    health.watch(database.db);
    const observe = (sql: string) =>
      database.db.query(sql).then(
        () => health.observeWrite(null),
        (thrown: unknown) => health.observeWrite(thrown),
      );
    await observe('set transaction read only; create table t (n int)');
    expect(health.health().writes).toMatchObject({
      lastOkAt: null,
      failingSince: expect.any(Number),
      failures: 1,
      lastFailure: { kind: 'read_only', code: '25006', message: expect.stringContaining('read-only') },
    });
    await observe('select 1 / 0');
    expect(health.health().writes).toMatchObject({ failingSince: null, failures: 0 });
    expect(health.health().pools).toMatchObject([{ name: 'default', waiting: 0 }]);
  });
});

describe('database diagnosis', () => {
  it('names the session that has the lock, and its statement', async () => {
    const holder = await database.pool.connect();
    await holder.query('begin; lock table open_interest_alerts in access exclusive mode');
    const waiting = database.db.query('select count(*) from open_interest_alerts').catch(() => undefined);
    const [lock] = await waitFor('the wait', async () => {
      const locks = await selectBlockingLocks(database.db);
      return locks.length > 0 ? locks : null;
    });
    expect(lock).toMatchObject({
      table: 'open_interest_alerts',
      query: expect.stringContaining('lock table'),
    });
    await holder.query('rollback');
    holder.release();
    await waiting;
  });

  it('counts connections by application and role', async () => {
    const usage = await selectConnectionUsage(database.db);
    expect(usage.max).toBeGreaterThan(usage.reserved);
    expect(usage.by.reduce((sum, it) => sum + it.connections, 0)).toBeLessThanOrEqual(usage.used);
    expect(usage.by.map((it) => it.application)).toContain('open-interest');
  });
});

describe('a start', () => {
  it('C1 P6 does not wait for a dump of the history, and drops old days when it has ended', async () => {
    const old = new Date(Date.now() - 500 * DAY_MS).toISOString().slice(0, 10);
    await createPartition(database.db, old);
    const dump = await database.pool.connect();
    await dump.query('begin; lock table open_interest_snapshots in access share mode');
    server = await startTestServer({ databaseUrl: database.url });
    const chunk = { data: [anItem('BTCUSDT', { ts: Date.now() - 20 * DAY_MS })], source: 'backfill' };
    expect(await postChunk(server, chunk)).toMatchObject({ inserted: 1 });
    expect(await selectPartitionDays(database.db)).toContain(old);
    await dump.query('rollback');
    dump.release();
    await server.close();
    server = await startTestServer({ databaseUrl: database.url });
    await waitFor('the old day to go', async () => !(await selectPartitionDays(database.db)).includes(old));
  });

  it('C1 P6 drops hundreds of days beside readiness, each in a transaction', async () => {
    const days = Array.from({ length: 200 }, (_, i) =>
      new Date(Date.now() - (450 + i) * DAY_MS).toISOString().slice(0, 10),
    );
    await database.db.transaction(async (db) => {
      for (const day of days.slice(0, 100)) await createPartition(db, day);
    });
    await database.db.transaction(async (db) => {
      for (const day of days.slice(100)) await createPartition(db, day);
    });
    server = await startTestServer({ databaseUrl: database.url });
    expect((await selectPartitionDays(database.db)).length).toBeGreaterThan(9);
    await waitFor('9 days to be left', async () => (await selectPartitionDays(database.db)).length === 9);
  });

  it('C1 C5 loads what the board has room for, members of the universe first', async () => {
    await database.pool.query(
      `insert into open_interest_latest (symbol, ts, source, open_interest)
       select 'JUNK' || n || 'USDT', now() - n * interval '1 millisecond', 'realtime', n
       from generate_series(1, 20000) as n`,
    );
    await database.pool.query(
      `insert into open_interest_latest (symbol, ts, source, open_interest)
       values ('BTCUSDT', now() - interval '2 hours', 'realtime', 1)`,
    );
    await database.pool.query(
      `insert into open_interest_liquid_symbols (symbol, quote_volume_24h, entered_at, last_seen_at)
       values ('BTCUSDT', 1, now(), now())`,
    );
    await database.pool.query(
      `insert into open_interest_liquid_state (updated_at, enter_threshold, exit_threshold) values (now(), 1, 1)`,
    );
    server = await startTestServer({ databaseUrl: database.url });
    const chunk = await postChunk(server, aChunk(['BTCUSDT']));
    expect(chunk).toMatchObject({ cached: 5_000, inserted: 1 });
    while ((await deleteLatestBeyond(database.db, 5_000, 10_000)) > 0);
    expect(await count('open_interest_latest')).toBeLessThanOrEqual(5_001);
    expect(await count("open_interest_latest where symbol = 'BTCUSDT'")).toBe(1);
  });
});

describe('names that are not polled', () => {
  it('C5 P1 with times of hours ago go to history and not to the latest samples, in any number', async () => {
    server = await startTestServer({ databaseUrl: database.url });
    await postChunk(server, aChunk(['BTCUSDT']));
    const old = Date.now() - 3 * HOUR_MS;
    for (const from of [0, 500]) {
      const chunk = aChunk(symbolNames(500, from), { ts: old });
      expect(await postChunk(server, chunk)).toMatchObject({ inserted: 500, rejected: [], cached: 1 });
    }
    expect(await count('open_interest_latest')).toBe(1);
    expect(await count('open_interest_snapshots')).toBe(1_001);
  });

  it('C5 of collectors are limited to 32; the longest silent are dropped first', async () => {
    for (let n = 0; n < 40; n += 1) {
      await upsertHeartbeat(database.db, { collector: `collector-${n}`, everySec: 10, jobs: [] } as never);
    }
    expect(await count('collector_heartbeats')).toBe(32);
    expect(await count("collector_heartbeats where collector = 'collector-39'")).toBe(1);
    expect(await count("collector_heartbeats where collector = 'collector-0'")).toBe(0);
  });
});

describe('access changes beyond the limit in memory', () => {
  it('A3 C5 are read for a token older than all that are loaded', async () => {
    await database.pool.query(
      `insert into access_changes (sub, tier, revoked, changed_at)
       select 'user-' || n, null, true, now() - n * interval '1 hour' from generate_series(1, 50) as n`,
    );
    const changes = createAccessChanges({
      repository: createAccessChangesRepository(database.db, database.db),
      clock: systemClock,
      publish: () => undefined,
      max: 10,
    });
    await changes.load();
    expect(changes.status().subjects).toBe(10);
    const viewer = (sub: string, hoursAgo: number) =>
      ({ kind: 'viewer', sub, tier: 'pro', issuedAt: Date.now() - hoursAgo * HOUR_MS }) as never;
    const judge = async (sub: string, hoursAgo: number) => {
      await changes.ensureKnown(viewer(sub, hoursAgo));
      return changes.judge(viewer(sub, hoursAgo));
    };
    await expect(judge('user-5', 6)).rejects.toMatchObject({ code: 'token_revoked' });
    await expect(judge('user-40', 41)).rejects.toMatchObject({ code: 'token_revoked' });
    await expect(judge('user-40', 39)).resolves.toMatchObject({ tier: 'pro' });
    await expect(judge('nobody', 1_000)).resolves.toMatchObject({ tier: 'pro' });
  });
});
