import { readdirSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { withDatabase } from '../support/withServer.ts';

/** The table of each row model. A model that is missing here, or no longer exists, fails below. */
const TABLES: Readonly<Record<string, readonly string[]>> = {
  AccessChangeRow: ['access_changes'],
  AlertFiringRow: ['alert_firings'],
  AlertRow: ['open_interest_alerts'],
  AlertRuleRow: ['alert_rules'],
  BuiltInRuleRow: ['built_in_rules'],
  ChannelRow: ['alert_channels'],
  HeartbeatRow: ['collector_heartbeats'],
  HourRow: ['open_interest_hours'],
  LiquidationRow: ['liquidation_minutes'],
  PointRow: ['positioning_points'],
  JournalRow: ['open_interest_liquid_journal'],
  MethodChangeRow: ['alert_method_changes'],
  LiquidSymbolRow: ['open_interest_liquid_symbols'],
  RuleStateRow: ['alert_rule_states'],
  SampleRow: ['open_interest_snapshots', 'open_interest_latest'],
  SavedViewsRow: ['saved_views'],
  StoredRow: ['open_interest_latest'],
  UniverseStateRow: ['open_interest_liquid_state'],
  WatchlistsRow: ['watchlists'],
};

/** What a statement computes: no column to compare with, and parsed by every spec that makes the call. */
const COMPUTED = ['ColdTotalsRow', 'HistoryBucketRow', 'HotHourRow', 'JournalCountRow', 'PersistedRow'];

/** Cast by its statement: ids are text on the wire. */
const CAST = [
  'AlertFiringRow.id',
  'AlertFiringRow.rule_id',
  'AlertRow.id',
  'AlertRuleRow.id',
  'RuleStateRow.rule_id',
  'ChannelRow.id',
];

/** `window` is reserved in SQL. */
const RENAMED: Readonly<Record<string, string>> = { window: 'change_window' };

const SRC = path.resolve(import.meta.dirname, '../../src');

const repositories = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.repository.ts'),
);

const models = new Map<string, z.ZodType>();
for (const file of repositories) {
  const module = (await import(pathToFileURL(path.join(SRC, file)).href)) as Record<string, unknown>;
  for (const [name, it] of Object.entries(module)) {
    if (name.endsWith('Row') && it instanceof z.ZodType) models.set(name, it);
  }
}

type Column = { type: string; isNullable: boolean; allowed: string[] | null };
const database = withDatabase();

async function columnsOf(table: string): Promise<Map<string, Column>> {
  const columns = await database.pool.query<{ name: string; type: string; nullable: string }>(
    `select column_name as name, data_type as type, is_nullable as nullable
     from information_schema.columns where table_name = $1`,
    [table],
  );
  const checks = await database.pool.query<{ text: string; columns: string[] }>(
    `select pg_get_constraintdef(oid) as text, array(
       select attname::text from pg_attribute where attrelid = conrelid and attnum = any(conkey)
     ) as columns
     from pg_constraint where conrelid = $1::regclass and contype = 'c'`,
    [table],
  );
  return new Map(
    columns.rows.map(({ name, type, nullable }) => {
      const check = checks.rows.find((it) => it.columns.length === 1 && it.columns[0] === name);
      const literals = Array.from(check?.text.matchAll(/'([^']+)'::text/g) ?? [], (match) => match[1]!);
      return [name, { type, isNullable: nullable === 'YES', allowed: literals.length > 0 ? literals : null }];
    }),
  );
}

/** What a model accepts for a column: its Postgres type and, for an enum, its values. */
function describeField(field: z.ZodType): { types: string[]; values: string[] | null } {
  if (field instanceof z.ZodNullable) return describeField(field.unwrap() as z.ZodType);
  if (field instanceof z.ZodEnum) return { types: ['text'], values: field.options.map(String) };
  if (field instanceof z.ZodString) return { types: ['text'], values: null };
  if (field instanceof z.ZodNumber)
    return { types: ['double precision', 'bigint', 'integer', 'smallint'], values: null };
  if (field instanceof z.ZodBoolean) return { types: ['boolean'], values: null };
  if (field instanceof z.ZodDate) return { types: ['timestamp with time zone'], values: null };
  if (field instanceof z.ZodCustom) return { types: ['bytea'], values: null };
  if (field instanceof z.ZodDefault) return describeField(field.unwrap() as z.ZodType);
  if (field instanceof z.ZodArray) return { types: ['ARRAY', 'jsonb'], values: null };
  if (field instanceof z.ZodObject) return { types: ['jsonb'], values: null };
  if (field instanceof z.ZodPipe) return describeField(field.in as z.ZodType);
  throw new Error(`no idea what column ${field.def.type} reads`);
}

/** By column: a model may name its fields as they are on the wire. */
function fieldsOf(model: z.ZodType): [string, z.ZodType][] {
  if (!(model instanceof z.ZodObject)) throw new Error('a row model is an object');
  return Object.entries(model.shape as Record<string, z.ZodType>).map(([name, field]) => [
    RENAMED[name] ?? name.replaceAll(/[A-Z]|\d+/g, (part) => `_${part.toLowerCase()}`),
    field,
  ]);
}

describe('row models', () => {
  it('are all listed here with their table', () => {
    expect([...models.keys()].toSorted()).toEqual([...Object.keys(TABLES), ...COMPUTED].toSorted());
  });

  const cases = Object.entries(TABLES).flatMap(([model, tables]) =>
    tables.map((table) => ({ model, table })),
  );

  it.each(cases)('$model agrees with the columns of $table: names, types, null', async ({ model, table }) => {
    const columns = await columnsOf(table);
    for (const [name, field] of fieldsOf(models.get(model)!)) {
      const column = columns.get(name);
      expect([name, column]).toEqual([name, expect.anything()]);
      if (CAST.includes(`${model}.${name}`)) continue;
      const { types, values } = describeField(field);
      expect([name, types]).toEqual([name, expect.arrayContaining([column!.type])]);
      expect([name, field.safeParse(null).success]).toEqual([name, column!.isNullable]);
      if (column!.allowed) expect([name, values?.toSorted()]).toEqual([name, column!.allowed.toSorted()]);
    }
  });
});
