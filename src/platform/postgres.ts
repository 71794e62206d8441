import pg from 'pg';
import { z } from 'zod';
import type { Logger } from '../kit/logger.ts';

/** Anything that runs SQL: the pool, or a client inside a transaction. */
export type Queryable = {
  query(sql: string, params?: unknown[]): Promise<{ rows: unknown[]; rowCount: number | null }>;
};

/**
 * A pool that gives up rather than hangs. An ingest has to be answered within 5 s whatever the database does, so the
 * waits add up to less: 1 s for a connection, then 3 s for the answer.
 */
export function createPool(options: { url: string; max?: number; logger: Logger }): pg.Pool {
  const { url, max = 10, logger } = options;
  const pool = new pg.Pool({
    connectionString: url,
    max,
    application_name: 'open-interest',
    // An answer means committed, whatever the database's own default says: with `off` a crash takes back what was
    // acknowledged a moment ago.
    options: '-c synchronous_commit=on',
    types: { getTypeParser },
    connectionTimeoutMillis: 1_000,
    // The server's own limit comes first: it cancels the statement. `query_timeout` only stops waiting for it, and
    // is there for a database that does not answer at all.
    statement_timeout: 2_500,
    query_timeout: 3_000,
    lock_timeout: 1_000,
    idle_in_transaction_session_timeout: 5_000,
    keepAlive: true,
    // Connections are renewed, so that after a failover none stays with the old server for good.
    maxLifetimeSeconds: 1_800,
  });
  // A connection that breaks while it is idle is reported by the pool, and an `error` event that nobody listens to
  // ends the process: without this listener a restart of the database takes the server with it.
  pool.on('error', (err) => logger.debug({ err }, 'idle postgres connection dropped from the pool'));
  // While a connection is checked out, or while the pool is ending, the pool does not listen: the client
  // itself needs a listener. The pool replaces the connection, so this heals by itself.
  pool.on('connect', (client) => {
    client.on('error', (err) => {
      if (!pool.ending) logger.warn({ err }, 'postgres connection lost');
    });
  });
  return pool;
}

/** All rows, each parsed by `schema`. */
export async function selectRows<Schema extends z.ZodType>(
  db: Queryable,
  schema: Schema,
  sql: string,
  params: readonly unknown[] = [],
): Promise<z.output<Schema>[]> {
  const { rows } = await db.query(sql, [...params]);
  return rows.map((row) => parseRow(schema, row, sql));
}

/** The one row that the statement must give. */
export async function selectRow<Schema extends z.ZodType>(
  db: Queryable,
  schema: Schema,
  sql: string,
  params: readonly unknown[] = [],
): Promise<z.output<Schema>> {
  const row = await selectOptionalRow(db, schema, sql, params);
  if (row === null) throw new Error(`expected one row, got none: ${sql}`);
  return row;
}

/** The one row that the statement may give; `null` when there is none. */
export async function selectOptionalRow<Schema extends z.ZodType>(
  db: Queryable,
  schema: Schema,
  sql: string,
  params: readonly unknown[] = [],
): Promise<z.output<Schema> | null> {
  const { rows } = await db.query(sql, [...params]);
  if (rows.length > 1) throw new Error(`expected at most one row, got ${rows.length}: ${sql}`);
  return rows.length === 0 ? null : parseRow(schema, rows[0], sql);
}

/** Runs a statement for its effect; answers how many rows it touched. */
export async function execute(db: Queryable, sql: string, params: readonly unknown[] = []): Promise<number> {
  const { rowCount } = await db.query(sql, [...params]);
  return rowCount ?? 0;
}

function parseRow<Schema extends z.ZodType>(schema: Schema, row: unknown, sql: string): z.output<Schema> {
  const parsed = schema.safeParse(row);
  if (parsed.success) return parsed.data;
  throw new Error(`a row does not fit its model: ${z.prettifyError(parsed.error)}\n${sql}`, {
    cause: parsed.error,
  });
}

const { builtins } = pg.types;

/**
 * float8 is printed by the server with as many digits as it takes to read the same double back, so `Number` is exact.
 * timestamptz becomes a `Date` by pg's own parser.
 */
function getTypeParser(oid: number): (value: string) => unknown {
  if (oid === builtins.INT8) return parseInt8;
  if (oid === builtins.FLOAT8) return Number;
  // A calendar day has no time zone; pg's own parser would make it midnight of wherever this process runs.
  if (oid === builtins.DATE) return String;
  return pg.types.getTypeParser(oid, 'text') as (value: string) => unknown;
}

/** Counts and ids fit a number. What does not stays text, so that a model refuses it instead of rounding it. */
export function parseInt8(text: string): number | string {
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : text;
}
