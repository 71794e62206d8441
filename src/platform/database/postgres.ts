import pg from 'pg';
import { z } from 'zod';

/** Anything that runs SQL: the pool, or a client inside a transaction. */
export type Queryable = {
  query(sql: string, params?: unknown[]): Promise<{ rows: unknown[]; rowCount: number | null }>;
};

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
export function getTypeParser(oid: number): (value: string) => unknown {
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
