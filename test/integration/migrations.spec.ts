import { describe, expect, it } from '@jest/globals';
import { PG_MIGRATE_LOCK_ID } from 'node-pg-migrate';
import { z } from 'zod';
import {
  listMigrations,
  listPendingMigrations,
  runMigrations,
  runMigrationsDown,
} from '../../src/platform/database/migrations.ts';
import { execute, selectRows } from '../../src/platform/database/postgres.ts';
import { createEmptyDatabase } from '../support/database.ts';
import { withEach } from '../support/withOpened.ts';

describe('migrations', () => {
  const database = withEach(createEmptyDatabase, 'drop');

  it('apply to an empty database, all of them, in order', async () => {
    const all = await listMigrations();
    expect(all.length).toBeGreaterThan(0);
    expect(await runMigrations(database)).toEqual(all);
    expect(await runMigrations(database)).toEqual([]);
  });

  it('revert to an empty schema and apply again to the same one', async () => {
    const all = await listMigrations();
    const empty = await describeSchema();
    await runMigrations(database);
    const full = await describeSchema();
    expect(full.length).toBeGreaterThan(empty.length);
    expect(await runMigrationsDown({ url: database.url, count: all.length })).toEqual(all.toReversed());
    expect(await describeSchema()).toEqual(empty);
    expect(await runMigrations(database)).toEqual(all);
    expect(await describeSchema()).toEqual(full);
  });

  it('P7 revert exactly what they created: each one down and up leaves the schema unchanged', async () => {
    await runMigrations(database);
    const full = await describeSchema();
    const all = await listMigrations();
    for (let count = 1; count <= all.length; count += 1) {
      const taken = await runMigrationsDown({ url: database.url, count });
      expect(taken).toEqual(all.toReversed().slice(0, count));
      expect(await describeSchema()).not.toEqual(full);
      await runMigrations(database);
      expect(await describeSchema()).toEqual(full);
    }
  });

  it('revert the tail of hour blocks to whole payloads', async () => {
    const all = await listMigrations();
    await runMigrations(database);
    await execute(
      database.pool,
      `insert into open_interest_hours (symbol, hour, source, samples, first_ts, last_ts,
         oi_open, oi_high, oi_low, oi_close, codec, payload, tail)
       select symbol, '2026-11-20 14:00Z', 'realtime', 1, now(), now(), 1, 1, 1, 1, 2, 'begin', tail::bytea
       from (values ('AUSDT', ', end'), ('BUSDT', null)) as given(symbol, tail)`,
    );
    const count = all.length - all.findIndex((it) => it.endsWith('_open-interest-hours-tail'));
    await runMigrationsDown({ url: database.url, count });
    const payloads = await selectRows(
      database.pool,
      z.object({ payload: z.string() }),
      `select convert_from(payload, 'UTF8') as payload from open_interest_hours order by symbol`,
    );
    expect(payloads.map((it) => it.payload)).toEqual(['begin, end', 'begin']);
  });

  it('are refused while another runner is active', async () => {
    const other = await database.pool.connect();
    try {
      await other.query('select pg_advisory_lock($1::bigint)', [PG_MIGRATE_LOCK_ID]);
      await expect(runMigrations(database)).rejects.toThrow('Another migration is already running');
    } finally {
      other.release(true);
    }
    expect(await listPendingMigrations(database.pool)).toEqual(await listMigrations());
  });

  it('are applied as a whole or not at all: a conflict in the last one leaves the database unchanged', async () => {
    await runMigrations(database);
    const [last = ''] = await runMigrationsDown({ url: database.url, count: 1 });
    const before = await describeSchema();
    await execute(database.pool, 'delete from pgmigrations');
    // Every migration but the last now meets its own tables.
    await expect(runMigrations(database)).rejects.toThrow('already exists');
    expect(await describeSchema()).toEqual(before);
    expect(await listPendingMigrations(database.pool)).toContain(last);
  });

  describe('listPendingMigrations', () => {
    it('lists all of them for an empty database', async () => {
      expect(await listPendingMigrations(database.pool)).toEqual(await listMigrations());
    });

    it('lists none when the database is up to date, and the last one when it was reverted', async () => {
      await runMigrations(database);
      expect(await listPendingMigrations(database.pool)).toEqual([]);
      const taken = await runMigrationsDown({ url: database.url, count: 1 });
      expect(await listPendingMigrations(database.pool)).toEqual(taken);
    });
  });

  /** Everything that a migration can make, one line each; the runner's own table does not count. */
  async function describeSchema(): Promise<string[]> {
    const rows = await selectRows(
      database.pool,
      z.object({ line: z.string() }),
      `select line from (
         select format('%s %s.%s %s %s', c.relkind, c.relname, a.attname,
                       format_type(a.atttypid, a.atttypmod), case when a.attnotnull then 'not null' end)
                || coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '') as line
         from pg_class c
         join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
         left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
         where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'S', 'c')
         union all
         select 'index ' || indexdef from pg_indexes where schemaname = 'public'
         union all
         select format('constraint %s on %s: %s', conname, conrelid::regclass, pg_get_constraintdef(oid))
         from pg_constraint where connamespace = 'public'::regnamespace and contype <> 'n'
         union all
         select format('partition %s: %s', oid::regclass, pg_get_expr(relpartbound, oid))
         from pg_class where relispartition and relnamespace = 'public'::regnamespace and relkind <> 'I'
         union all
         select 'function ' || pg_get_functiondef(oid)
         from pg_proc where pronamespace = 'public'::regnamespace and prokind in ('f', 'p')
         union all
         select 'trigger ' || pg_get_triggerdef(oid) from pg_trigger where not tgisinternal
         union all
         select format('type %s %s', typtype, typname)
         from pg_type where typnamespace = 'public'::regnamespace and typtype in ('d', 'e', 'r')
         union all
         select format('comment %s %s: %s', classoid::regclass, objsubid, description)
         from pg_description d
         join pg_class c on c.oid = d.objoid and c.relnamespace = 'public'::regnamespace
         union all
         select 'schema ' || nspname from pg_namespace where nspname !~ '^(pg_|information_schema)'
         union all
         select 'extension ' || extname from pg_extension
       ) as lines
       where line not like '%pgmigrations%'
       order by line`,
    );
    return rows.map((row) => row.line);
  }
});
