import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { createDatabase, type Database } from '../../src/platform/database/database.ts';
import { execute, selectOptionalRow, selectRow, selectRows } from '../../src/platform/database/postgres.ts';
import { isTransientFault } from '../../src/platform/database/fault.ts';
import { createEmptyDatabase } from '../support/database.ts';
import { startFaultProxy } from '../support/faultProxy.ts';
import { startPrivatePostgres } from '../support/postgres.ts';
import { silentLogger } from '../support/silentLogger.ts';
import { inTime, waitFor } from '../support/waitFor.ts';
import { withOpened } from '../support/withOpened.ts';

const One = z.object({ one: z.number() });

describe('rows', () => {
  const database = withOpened(createEmptyDatabase, 'drop');
  beforeAll(() => execute(database.db, 'create table numbers (n int primary key)'));

  it('arrive as the types in the models', async () => {
    const row = await selectRow(
      database.db,
      z.record(z.string(), z.unknown()),
      `select 42::int8 as count, 9007199254740993::int8 as unsafe, 0.1::float8 as price, null::float8 as unknown,
              '2026-07-01T12:00:00.123Z'::timestamptz as at, '2026-07-01'::date as day, 'BTCUSDT'::text as symbol`,
    );
    expect(row).toEqual({
      count: 42,
      unsafe: '9007199254740993',
      price: 0.1,
      unknown: null,
      at: new Date('2026-07-01T12:00:00.123Z'),
      day: '2026-07-01',
      symbol: 'BTCUSDT',
    });
  });

  it('that do not match their model are a fault with the field and the statement', async () => {
    await expect(selectRows(database.db, One, "select 'x' as one")).rejects.toThrow(
      /a row does not fit its model: .*expected number.*at one\n.*select 'x' as one/s,
    );
  });

  it('are counted: one, at most one, or the number that a statement affected', async () => {
    const { db: pool } = database;
    expect(await execute(pool, 'insert into numbers select generate_series(1, $1::int)', [3])).toBe(3);
    expect(
      await selectOptionalRow(pool, One, 'select n as one from numbers where n = $1::int', [9]),
    ).toBeNull();
    await expect(selectRow(pool, One, 'select n as one from numbers where n > 9')).rejects.toThrow(
      'expected one row, got none',
    );
    await expect(selectOptionalRow(pool, One, 'select n as one from numbers')).rejects.toThrow(
      'expected at most one row, got 3',
    );
  });
});

describe('a transaction', () => {
  const database = withOpened(createEmptyDatabase, 'drop');
  beforeAll(() => execute(database.db, 'create table numbers (n int primary key)'));

  it('P2 commits all of it or nothing', async () => {
    const { db: pool } = database;
    await pool.transaction((db) => execute(db, 'insert into numbers values (1)'));
    const fault = pool.transaction(async (db) => {
      await execute(db, 'insert into numbers values (2)');
      await execute(db, 'insert into numbers values (1)');
    });
    await expect(fault).rejects.toMatchObject({ code: '23505' });
    expect(await selectRows(pool, One, 'select n as one from numbers')).toEqual([{ one: 1 }]);
  });
});

describe('a pool whose database fails', () => {
  const postgres = withOpened(() => startPrivatePostgres({ migrated: false }), 'remove');
  const proxy = withOpened(() => startFaultProxy(postgres.port), 'close');
  const pools: Database[] = [];

  afterEach(async () => {
    proxy.set({ mode: 'pass' });
    for (const pool of pools.splice(0)) await pool.end();
  });

  function poolThrough(port: number): Database {
    const url = new URL(postgres.url);
    url.port = String(port);
    const pool = createDatabase({ url: url.href, max: 2, logger: silentLogger });
    pools.push(pool);
    return pool;
  }

  it('P4 recovers after its connections were ended, in use or idle', async () => {
    const pool = poolThrough(postgres.port);
    const used = pool.transaction(async (db) => {
      await pool.query('select 1');
      await endConnections();
      await db.query('select 1');
    });
    expect(isTransientFault(await used.catch((thrown: unknown) => thrown))).toBe(true);
    await serves(pool);
  });

  it('P4 recovers after the database was stopped, and after it was killed', async () => {
    const pool = poolThrough(postgres.port);
    for (const end of [() => postgres.stop(), () => postgres.kill()]) {
      await pool.query('select 1');
      await end();
      const fault: unknown = await pool.query('select 1').catch((thrown: unknown) => thrown);
      expect(isTransientFault(fault)).toBe(true);
      await postgres.start();
      await serves(pool);
    }
  });

  it('I7 times out within 5 s when the database does not answer, and recovers when it continues', async () => {
    const pool = poolThrough(postgres.port);
    try {
      // One on the open connection, one on a new one, and two that wait for a connection.
      const ask = () =>
        Promise.all(
          Array.from({ length: 4 }, () => pool.query('select 1').catch((thrown: unknown) => thrown)),
        );
      const faults = await inTime(5_000, ask, async () => {
        postgres.resume();
        await serves(pool);
        postgres.pause();
      });
      expect(faults.map(isTransientFault)).toEqual([true, true, true, true]);
    } finally {
      postgres.resume();
    }
    await serves(pool);
  });

  it('I7 times out within 5 s behind a dead link', async () => {
    const pool = poolThrough(proxy.port);
    const ask = () => pool.query('select 1').catch((thrown: unknown) => thrown);
    const fault: unknown = await inTime(5_000, ask, async () => {
      proxy.set({ mode: 'pass' });
      await serves(pool);
      proxy.set({ mode: 'blackhole' });
    });
    expect(isTransientFault(fault)).toBe(true);
    proxy.set({ mode: 'pass' });
    await serves(pool);
  });

  it('I7 cancels a statement on the server that takes too long', async () => {
    const pool = poolThrough(postgres.port);
    await expect(pool.query('select pg_sleep(10)')).rejects.toMatchObject({ code: '57014' });
    expect(await selectRow(pool, z.object({ n: z.number() }), SLEEPERS)).toEqual({ n: 0 });
  });

  it('treats a truncated reply as unknown, not as refused: the row exists', async () => {
    const pool = poolThrough(proxy.port);
    await pool.query('create table if not exists cut (n int)');
    proxy.set({ mode: 'cutReply', afterBytes: 0 });
    const fault: unknown = await pool.query('insert into cut values (1)').catch((thrown: unknown) => thrown);
    expect(isTransientFault(fault)).toBe(true);
    proxy.set({ mode: 'pass' });
    await waitFor('the row', async () => (await pool.query('select n from cut')).rowCount === 1);
  });

  it('reports a refused connection as transient', async () => {
    proxy.set({ mode: 'refuse' });
    const fault: unknown = await poolThrough(proxy.port)
      .query('select 1')
      .catch((thrown: unknown) => thrown);
    expect(isTransientFault(fault)).toBe(true);
  });

  const SLEEPERS = `select count(*) as n from pg_stat_activity where state = 'active' and query like 'select pg_sleep%'`;

  async function serves(pool: Database): Promise<void> {
    await waitFor('the pool to serve again', () => pool.query('select 1'));
  }

  async function endConnections(): Promise<void> {
    await poolThrough(postgres.port).query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where pid <> pg_backend_pid() and application_name = 'open-interest'`,
    );
  }
});
