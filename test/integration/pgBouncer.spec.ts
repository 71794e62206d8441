import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createDatabase, type Database } from '../../src/platform/database/database.ts';
import { listMigrations, runMigrations, runMigrationsDown } from '../../src/platform/database/migrations.ts';
import { explainDatabaseFault } from '../../src/server/startFaults.ts';
import { aChunk, symbolNames } from '../support/builders.ts';
import { createEmptyDatabase, createTestDatabase, type TestDatabase } from '../support/database.ts';
import { postChunk } from '../support/openInterestCalls.ts';
import { startPgBouncer } from '../support/pgBouncer.ts';
import { silentLogger } from '../support/silentLogger.ts';
import { OPERATOR_KEY, startTestServer } from '../support/testServer.ts';
import { withOpened } from '../support/withOpened.ts';
import { withDatabase } from '../support/withServer.ts';

const RELIED_ON = {
  statement_timeout: '2500ms',
  lock_timeout: '1s',
  synchronous_commit: 'on',
  DateStyle: 'ISO',
  extra_float_digits: '1',
  IntervalStyle: 'postgres',
  TimeZone: 'UTC',
  standard_conforming_strings: 'on',
  array_nulls: 'on',
};

describe('behind PgBouncer in transaction mode with its defaults', () => {
  const database = withDatabase();
  const pooler = withOpened(() => startPgBouncer(database.url), 'stop');
  const server = withOpened(() => startTestServer({ databaseUrl: pooler.url }), 'close');

  it('P4 the server becomes ready, accepts chunks and answers from history', async () => {
    const symbols = symbolNames(20);
    for (let round = 5; round > 0; round -= 1) {
      const chunk = aChunk(symbols, { ts: Date.now() - round * 1_000 });
      expect(await postChunk(server, chunk)).toMatchObject({ inserted: 20, rejected: [] });
      expect(await postChunk(server, chunk)).toMatchObject({ inserted: 0, duplicates: 20 });
    }
    const samples = await server.get(`/api/market/open-interest/samples?symbol=${symbols[0]}`, {
      'X-API-Key': OPERATOR_KEY,
    });
    expect(await samples.json()).toMatchObject({ count: 5 });
    expect((await server.get('/readyz')).status).toBe(200);
  });

  it('I7 a statement is cancelled by the database, not just abandoned', async () => {
    const db = createDatabase({ url: pooler.url, max: 1, logger: silentLogger });
    await expect(db.query('select pg_sleep(10)')).rejects.toMatchObject({ code: '57014' });
    await db.end();
  });

  it('P7 migrations run, are locked against each other, and leave no lock behind', async () => {
    const empty = await createEmptyDatabase();
    const through = await startPgBouncer(empty.url);
    const outcomes = await Promise.allSettled([
      runMigrations({ url: through.url }),
      runMigrations({ url: through.url }),
    ]);
    const all = await listMigrations();
    expect(outcomes.some((it) => it.status === 'fulfilled' && it.value.length === all.length)).toBe(true);
    for (const it of outcomes) {
      if (it.status === 'rejected')
        expect(String(it.reason)).toContain('Another migration is already running');
    }
    expect(await runMigrationsDown({ url: through.url, count: 1 })).toEqual(all.slice(-1));
    expect(await runMigrations({ url: through.url })).toEqual(all.slice(-1));
    await through.stop();
    await empty.drop();
  });

  it('a parameter in DATABASE_URL that the pooler refuses ends the start with a message', async () => {
    const url = new URL(pooler.url);
    url.searchParams.set('options', '-c jit=off');
    const refused = await startTestServer({ databaseUrl: url.href, notReady: true });
    const fault = await refused.ready.catch((thrown: unknown) => explainDatabaseFault(thrown, url.href));
    await refused.close();
    expect(String(fault)).toMatch(
      /DATABASE_URL: .* unsupported startup parameter: options.*; remove this parameter from the address/,
    );
  });
});

describe('for any session defaults of the database', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase();
    const name = new URL(database.url).pathname.slice(1);
    for (const setting of [
      'datestyle = german',
      'extra_float_digits = 0',
      "timezone = 'Asia/Kolkata'",
      "intervalstyle = 'iso_8601'",
      'standard_conforming_strings = off',
      'array_nulls = off',
      'synchronous_commit = off',
      "default_transaction_isolation = 'serializable'",
    ]) {
      await database.pool.query(`alter database ${name} set ${setting}`);
    }
  });

  afterAll(() => database.drop());

  it.each([
    ['directly', (url: string) => Promise.resolve({ url, stop: async () => undefined })],
    ['through PgBouncer', startPgBouncer],
  ])(
    'P3 a server that is connected %s becomes ready, and a double round-trips bit for bit',
    async (_how, connect) => {
      const through = await connect(database.url);
      const server = await startTestServer({ databaseUrl: through.url });
      const openInterest = 123456.78901234567;
      const ts = Date.now() - 5_000;
      const chunk = aChunk(['PRECISEUSDT'], { item: { openInterest, markPrice: 0.1 + 0.2, ts } });
      await postChunk(server, chunk);
      const answer = await server.get('/api/market/open-interest/samples?symbol=PRECISEUSDT', {
        'X-API-Key': OPERATOR_KEY,
      });
      const { samples } = (await answer.json()) as { samples: unknown[] };
      await server.close();
      await through.stop();
      expect(samples[0]).toMatchObject({
        openInterest,
        markPrice: 0.1 + 0.2,
        fundingRate: null,
        ts: new Date(ts).toISOString(),
      });
    },
  );

  it('P3 each statement runs with the settings that the code relies on', async () => {
    const db: Database = createDatabase({ url: database.url, max: 1, logger: silentLogger });
    const names = Object.keys(RELIED_ON);
    const { rows } = await db.query(
      'select name, current_setting(name) as value from unnest($1::text[]) as name',
      [names],
    );
    await db.end();
    const settings = Object.fromEntries(
      (rows as { name: string; value: string }[]).map((it) => [it.name, it.value]),
    );
    // The order of day and month, after the comma, concerns only what is not ISO.
    expect({ ...settings, DateStyle: settings['DateStyle']?.split(',')[0] }).toEqual(RELIED_ON);
  });
});
