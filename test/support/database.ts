import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { createPool } from '../../src/platform/postgres.ts';
import { silentLogger } from './silentLogger.ts';
import { TEMPLATE_DATABASE, testPostgresUrl } from './testRun.ts';

export type TestDatabase = {
  url: string;
  /** The pool of the product, with its timeouts and parsers. */
  pool: pg.Pool;
  drop(): Promise<void>;
};

/** A migrated database without rows, for one spec file. */
export function createTestDatabase(): Promise<TestDatabase> {
  // A copy of files takes 30 ms; the default writes every page to the log.
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
  const pool = createPool({ url: url.href, max: 5, logger: silentLogger });
  return {
    url: url.href,
    pool,
    async drop() {
      if (!pool.ended) await pool.end();
      await runAsAdmin(`drop database if exists ${name} with (force)`);
    },
  };
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
