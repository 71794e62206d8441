import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { MINUTE_MS } from '../../src/kit/clock.ts';
import { createPool } from './pool.ts';
import { createDatabase as openDatabase, type Database } from '../../src/platform/database/database.ts';
import { silentLogger } from './silentLogger.ts';
import { TEMPLATE_DATABASE, testPostgresUrl } from './testRun.ts';

export type TestDatabase = {
  url: string;
  /** To look at what is stored. */
  pool: pg.Pool;
  /** A pool of the product, with time for a busy machine. */
  db: Database;
  /** Empties every table of ours. */
  clear(): Promise<void>;
  drop(): Promise<void>;
};

/** Instead of the product's limits of a few seconds, which a busy machine reaches. Those of locks stay. */
export const PATIENT_LIMITS = { connectMs: MINUTE_MS, statementMs: MINUTE_MS, answerMs: MINUTE_MS };

/** A migrated database without rows, for one spec file. */
export function createTestDatabase(): Promise<TestDatabase> {
  // Copying files needs 30 ms; the default strategy writes every page to the WAL.
  return createDatabase(`template ${TEMPLATE_DATABASE} strategy file_copy`);
}

/** A database without our schema. */
export function createEmptyDatabase(): Promise<TestDatabase> {
  return createDatabase('template template0 strategy file_copy');
}

async function createDatabase(how: string): Promise<TestDatabase> {
  const name = `spec_${process.pid}_${randomBytes(4).toString('hex')}`;
  await runAsAdmin(`create database ${name} ${how}`);
  const url = new URL(testPostgresUrl());
  url.pathname = `/${name}`;
  const pool = createPool({ url: url.href, max: 5 });
  const db = openDatabase({ url: url.href, max: 8, logger: silentLogger, limits: PATIENT_LIMITS });
  return {
    url: url.href,
    pool,
    db,
    async clear() {
      const { rows } = await pool.query<{ name: string }>(
        `select oid::regclass::text as name from pg_class
         where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition
           and relname <> 'pgmigrations'`,
      );
      await truncate(pool, rows.map((it) => it.name).join(', '));
    },
    async drop() {
      if (!pool.ended) await pool.end();
      await db.end();
      await runAsAdmin(`drop database if exists ${name} with (force)`);
    },
  };
}

/** Whether one statement on the database waits for a lock. */
export async function isWaiting(pool: pg.Pool): Promise<boolean> {
  const { rowCount } = await pool.query(
    `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
  );
  return rowCount === 1;
}

const DEADLOCK = '40P01';

/** Again after a deadlock: a server that runs beside locks the tables in another order. */
async function truncate(pool: pg.Pool, tables: string, attempts = 5): Promise<void> {
  try {
    await pool.query(`truncate ${tables}`);
  } catch (thrown) {
    if (!(thrown instanceof pg.DatabaseError) || thrown.code !== DEADLOCK || attempts === 1) throw thrown;
    await truncate(pool, tables, attempts - 1);
  }
}

async function runAsAdmin(sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: testPostgresUrl() });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
