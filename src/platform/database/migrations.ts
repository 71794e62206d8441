import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { PG_MIGRATE_LOCK_ID, runner } from 'node-pg-migrate';
import pg from 'pg';
import { z } from 'zod';
import type { Logger } from '../../kit/logger.ts';
import { selectRow, selectRows, type Queryable } from './postgres.ts';

/** The same three steps up from src/platform/database and from dist/platform/database. */
export const MIGRATIONS_FOLDER = fileURLToPath(new URL('../../../migrations', import.meta.url));
const TABLE = 'pgmigrations';

/**
 * Brings the database up to date, all pending migrations in one transaction; answers their names. Throws when another
 * runner is at work: two of them at once would be a mistake of deployment, and waiting would hide it.
 */
export function runMigrations(options: { url: string; logger?: Logger }): Promise<string[]> {
  return run({ ...options, direction: 'up', count: Infinity });
}

/** Takes back the last `count` migrations, with the data that only they hold; answers their names. */
export function runMigrationsDown(options: {
  url: string;
  count: number;
  logger?: Logger;
}): Promise<string[]> {
  return run({ ...options, direction: 'down' });
}

/** Migrations that stand in the folder and not in the database, in the order in which they would run. */
export async function listPendingMigrations(db: Queryable): Promise<string[]> {
  const names = new Set(await listAppliedMigrations(db));
  return (await listMigrations()).filter((name) => !names.has(name));
}

/** Migrations that stand in the database, in the order in which they were applied. */
export async function listAppliedMigrations(db: Queryable): Promise<string[]> {
  const { known } = await selectRow(
    db,
    z.object({ known: z.boolean() }),
    'select to_regclass($1::text) is not null as known',
    [TABLE],
  );
  if (!known) return [];
  const rows = await selectRows(
    db,
    z.object({ name: z.string() }),
    `select name from ${TABLE} order by run_on, id`,
  );
  return rows.map((row) => row.name);
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
  // A client of our own: the runner's has no error listener and is not waited for when it closes.
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
      // Its own lock belongs to a session, which a pooler in transaction mode hands to another client.
      noLock: true,
      singleTransaction: true,
      logger: {
        info: (line) => logger?.debug({ line }, 'migration runner'),
        warn: (line) => logger?.warn({ line }, 'migration runner'),
        error: (line) => logger?.error({ line }, 'migration runner'),
      },
    });
    // The runner commits only what it ran; the table that it may have made is committed here.
    if (done.length === 0) await client.query('commit');
    return done.map((migration) => migration.name);
  } finally {
    await client.end();
  }
}

/** Begins the transaction in which the runner works: its own BEGIN then changes nothing, and its COMMIT ends this one. */
async function lockMigrations(client: pg.Client): Promise<void> {
  await client.query('begin');
  const { locked } = await selectRow(
    client,
    z.object({ locked: z.boolean() }),
    `select pg_try_advisory_xact_lock(${PG_MIGRATE_LOCK_ID}) as locked`,
  );
  if (!locked) throw new Error('Another migration is already running');
}
