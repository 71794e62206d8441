import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { PG_MIGRATE_LOCK_ID, runner } from 'node-pg-migrate';
import pg from 'pg';
import { z } from 'zod';
import type { Logger } from '../../kit/logger.ts';
import { selectColumn, selectValue, type Queryable } from './postgres.ts';

/** Works from src/platform/database and from dist/platform/database. */
export const MIGRATIONS_FOLDER = fileURLToPath(new URL('../../../migrations', import.meta.url));
const TABLE = 'pgmigrations';

/**
 * Applies all pending migrations in one transaction and returns their names. Throws if another runner is active: two at
 * once are a deployment mistake, which waiting would hide.
 */
export function runMigrations(options: { url: string; logger?: Logger }): Promise<string[]> {
  return run({ ...options, direction: 'up', count: Infinity });
}

/** Reverts the last `count` migrations, with the data of what they drop, and returns their names. */
export function runMigrationsDown(options: { url: string; count: number }): Promise<string[]> {
  return run({ ...options, direction: 'down' });
}

/** Migrations of this build that are not applied, in order. */
export async function listPendingMigrations(db: Queryable): Promise<string[]> {
  const names = new Set(await listAppliedMigrations(db));
  return (await listMigrations()).filter((name) => !names.has(name));
}

/** Migrations recorded in the database, in order of application. */
export async function listAppliedMigrations(db: Queryable): Promise<string[]> {
  const isKnown = await selectValue(db, z.boolean(), 'select to_regclass($1::text) is not null', [TABLE]);
  return isKnown ? selectColumn(db, z.string(), `select name from ${TABLE} order by run_on, id`) : [];
}

/** All migrations of this build, in order. */
export async function listMigrations(): Promise<string[]> {
  const files = await readdir(MIGRATIONS_FOLDER);
  return files
    .filter((file) => file.endsWith('.sql'))
    .map((file) => file.slice(0, -'.sql'.length))
    .toSorted();
}

async function run(options: {
  url: string;
  direction: 'up' | 'down';
  count: number;
  logger?: Logger;
}): Promise<string[]> {
  const { url, direction, count, logger } = options;
  // The runner's own client has no error listener, and its close is not awaited.
  const client = new pg.Client({
    connectionString: url,
    application_name: 'open-interest-migrate',
    connectionTimeoutMillis: 10_000,
  });
  client.on('error', (err) => logger?.warn({ err }, 'postgres connection lost while migrating'));
  await client.connect();
  try {
    await lockMigrations(client);
    const done = await runner({
      dbClient: client,
      dir: MIGRATIONS_FOLDER,
      migrationsTable: TABLE,
      direction,
      count,
      // The runner's lock belongs to a session, which a pooler in transaction mode shares between clients.
      noLock: true,
      singleTransaction: true,
      logger: {
        info: (line) => logger?.debug({ line }, 'migration runner'),
        warn: (line) => logger?.warn({ line }, 'migration runner'),
        error: (line) => logger?.error({ line }, 'migration runner'),
      },
    });
    // The runner commits only if it ran a migration; this commits the migrations table that it may have created.
    if (done.length === 0) await client.query('commit');
    return done.map((migration) => migration.name);
  } finally {
    await client.end();
  }
}

/** Begins the transaction that the runner uses: its own BEGIN has no effect, and its COMMIT ends this one. */
async function lockMigrations(client: pg.Client): Promise<void> {
  await client.query('begin');
  const lock = `select pg_try_advisory_xact_lock(${PG_MIGRATE_LOCK_ID})`;
  if (!(await selectValue(client, z.boolean(), lock)))
    throw new Error('Another migration is already running');
}
