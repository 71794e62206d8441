import pg from 'pg';
import { z } from 'zod';

/** Runs SQL: a pool, or a client inside a transaction. */
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

/** Throws unless the statement returns exactly one row. */
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

/** `null` if there is no row; throws if there are several. */
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

/** Returns the number of affected rows. */
export async function execute(db: Queryable, sql: string, params: readonly unknown[] = []): Promise<number> {
  const { rowCount } = await db.query(sql, [...params]);
  return rowCount ?? 0;
}

/** The one column of all rows. */
export async function selectColumn<Schema extends z.ZodType>(
  db: Queryable,
  schema: Schema,
  sql: string,
  params: readonly unknown[] = [],
): Promise<z.output<Schema>[]> {
  const { rows } = await db.query(sql, [...params]);
  return rows.map((row) => parseRow(schema, Object.values(row as object)[0], sql));
}

/** The one column of the one row; throws unless the statement returns exactly one. */
export async function selectValue<Schema extends z.ZodType>(
  db: Queryable,
  schema: Schema,
  sql: string,
  params: readonly unknown[] = [],
): Promise<z.output<Schema>> {
  const row = await selectRow(db, z.record(z.string(), z.unknown()), sql, params);
  return parseRow(schema, Object.values(row)[0], sql);
}

function parseRow<Schema extends z.ZodType>(schema: Schema, row: unknown, sql: string): z.output<Schema> {
  const parsed = schema.safeParse(row);
  if (parsed.success) return parsed.data;
  throw new Error(`a row does not fit its model: ${z.prettifyError(parsed.error)}\n${sql}`, {
    cause: parsed.error,
  });
}

/** In a row model: a timestamptz as epoch ms. */
export const epochMs = z.date().transform((it) => it.getTime());

/** In a row model: `encode(…, 'base64')`, which is read in two thirds of the time of a bytea. */
export const base64Bytes = z.string().transform((it) => Buffer.from(it, 'base64'));

/** In a row model: a timestamptz as ISO text in UTC. */
export const isoText = z.date().transform((it) => it.toISOString());

/**
 * The columns of a row model, for `select` and `returning`: `ts, mark_price as "markPrice"`. `computed`: the expressions of
 * fields that are no columns, such as `{ id: 'id::text' }`.
 */
export function columnsOf({ shape }: z.ZodObject, computed: Readonly<Record<string, string>> = {}): string {
  return Object.keys(shape)
    .map((name) => {
      const column = computed[name] ?? columnOf(name);
      return column === name ? name : `${column} as "${name}"`;
    })
    .join(', ');
}

/** The column that a field of a row model reads: `mark_price` of `markPrice`. */
export function columnOf(field: string): string {
  return field.replaceAll(/[A-Z]|\d+/g, (part) => `_${part.toLowerCase()}`);
}

const { builtins } = pg.types;

/**
 * `Number` is exact for float8: the server prints as many digits as the double needs. pg parses timestamptz to a `Date`.
 */
export function getTypeParser(oid: number): (value: string) => unknown {
  if (oid === builtins.INT8) return parseInt8;
  if (oid === builtins.FLOAT8) return Number;
  // A date has no time zone; pg would parse it as midnight in the zone of this process.
  if (oid === builtins.DATE) return String;
  return pg.types.getTypeParser(oid, 'text') as (value: string) => unknown;
}

/** A value beyond the safe integers stays text, so that a row model refuses it instead of rounding it. */
export function parseInt8(text: string): number | string {
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : text;
}
