import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { listAppliedMigrations, MIGRATIONS_FOLDER } from './migrations.ts';
import { selectRow, type Queryable } from './postgres.ts';

/** A table or column that a down migration drops: `{ what: 'open_interest_alerts', size: '12 MB' }`; empty ones too. */
type Loss = { what: string; size: string };

/** The last `count` applied migrations, newest first; `null` if there are fewer. */
export async function selectLastMigrations(db: Queryable, count: number): Promise<string[] | null> {
  const applied = await listAppliedMigrations(db);
  return count > applied.length ? null : applied.slice(-count).toReversed();
}

export async function listLosses(db: Queryable, names: readonly string[]): Promise<Loss[]> {
  const losses: Loss[] = [];
  for (const name of names) {
    for (const { table, column } of findDrops(await readDownMigration(name))) {
      const size = await describeSize(db, table);
      losses.push({ what: column ? `${table}.${column}` : table, size });
    }
  }
  return losses;
}

async function readDownMigration(name: string): Promise<string> {
  const sql = await readFile(path.join(MIGRATIONS_FOLDER, `${name}.sql`), 'utf8');
  return sql.split(/^--\s*Down Migration.*$/im)[1] ?? '';
}

function findDrops(sql: string): { table: string; column?: string }[] {
  const statements = sql.replaceAll(/--.*$/gm, '').split(';');
  return statements.flatMap((statement) => {
    const table = /\bdrop\s+table\s+(?:if\s+exists\s+)?(\w+)/i.exec(statement)?.[1];
    if (table) return [{ table }];
    const altered = /\balter\s+table\s+(?:if\s+exists\s+)?(?:only\s+)?(\w+)/i.exec(statement)?.[1];
    if (!altered) return [];
    const columns = statement.matchAll(/\bdrop\s+column\s+(?:if\s+exists\s+)?(\w+)/gi);
    return Array.from(columns, ([, column]) => ({ table: altered, column: column! }));
  });
}

/** Includes partitions and indexes; `empty` without rows. `table` comes from a migration, so it needs no escaping. */
async function describeSize(db: Queryable, table: string): Promise<string> {
  const { size, filled } = await selectRow(
    db,
    z.object({ size: z.string(), filled: z.boolean() }),
    `select exists (select from ${table}) as filled,
       pg_size_pretty(pg_total_relation_size('${table}')
         + (select coalesce(sum(pg_total_relation_size(relid)), 0) from pg_partition_tree('${table}'))) as size`,
  );
  return filled ? size : 'empty';
}
