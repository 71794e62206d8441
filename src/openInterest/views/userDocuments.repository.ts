import type { z } from 'zod';
import { selectOptionalRow, type Queryable } from '../../platform/database/postgres.ts';

/**
 * SQL of tables with one document a user, which is read and replaced whole:
 * `(user_id text primary key, COLUMN jsonb, version integer, updated_at timestamptz)`.
 */
export type DocumentTable<Row extends z.ZodType> = { name: string; column: string; row: Row };

/** `null`: the user has stored nothing. */
export function selectOptionalDocument<Row extends z.ZodType>(
  db: Queryable,
  { name, column, row }: DocumentTable<Row>,
  userId: string,
): Promise<z.output<Row> | null> {
  const sql = `select ${column}, version from ${name} where user_id = $1::text`;
  return selectOptionalRow(db, row, sql, [userId]);
}

/** `null` unless the stored document has that version; 0: none is stored. */
export function replaceOptionalDocument<Row extends z.ZodType>(
  db: Queryable,
  { name, column, row }: DocumentTable<Row>,
  { userId, version, document }: { userId: string; version: number; document: unknown },
): Promise<z.output<Row> | null> {
  const sql =
    version === 0
      ? `insert into ${name} (user_id, ${column}) values ($1::text, $2::jsonb)
         on conflict do nothing returning ${column}, version`
      : `update ${name} set ${column} = $2::jsonb, version = version + 1, updated_at = now()
         where user_id = $1::text and version = $3::int returning ${column}, version`;
  const values = [userId, JSON.stringify(document)];
  return selectOptionalRow(db, row, sql, version === 0 ? values : [...values, version]);
}
