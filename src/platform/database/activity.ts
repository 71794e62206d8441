import { z } from 'zod';
import { epochMs, selectRow, selectRows, type Queryable } from './postgres.ts';

/** A session that has a lock on a table. Application and query are empty for one that our role may not read. */
export const TableLock = z.object({
  /** `null` if the lock is not on a single table. */
  table: z.string().nullable(),
  pid: z.number(),
  application: z.string(),
  /** When its transaction began. */
  since: epochMs.nullable(),
  query: z.string(),
});
export type TableLock = z.output<typeof TableLock>;

/** The sessions of this database that others wait for, the one that is waited for longest first. */
export function selectBlockingLocks(db: Queryable): Promise<TableLock[]> {
  return selectRows(
    db,
    TableLock,
    `select (select min(relation::regclass::text) from pg_locks
             where pid = waiting.pid and not granted and relation is not null) as "table",
       blocking.pid, coalesce(blocking.application_name, '') as application, blocking.xact_start as since,
       left(coalesce(blocking.query, ''), 200) as query
     from pg_stat_activity as waiting
     cross join lateral unnest(pg_blocking_pids(waiting.pid)) as blocker(pid)
     join pg_stat_activity as blocking on blocking.pid = blocker.pid
     where waiting.datname = current_database() and waiting.wait_event_type = 'Lock'
     order by waiting.query_start, waiting.pid, blocking.pid
     limit 20`,
  );
}

const UsageRow = z.object({
  max: z.number(),
  reserved: z.number(),
  used: z.number(),
  by: z.array(z.object({ application: z.string(), role: z.string(), connections: z.number() })),
});

/** Of all databases of the server. Ordinary roles can use `max - reserved`; `by` is sorted by connections. */
export type ConnectionUsage = z.infer<typeof UsageRow>;

export function selectConnectionUsage(db: Queryable): Promise<ConnectionUsage> {
  return selectRow(
    db,
    UsageRow,
    `with clients as (
       select coalesce(application_name, '') as application, coalesce(usename::text, '') as role,
         count(*)::int as connections
       from pg_stat_activity where backend_type = 'client backend' group by 1, 2
     )
     select current_setting('max_connections')::int as max,
       (current_setting('superuser_reserved_connections')::int
         + coalesce(current_setting('reserved_connections', true)::int, 0)) as reserved,
       (select coalesce(sum(connections), 0)::int from clients) as used,
       (select coalesce(json_agg(top), '[]') from (
          select application, role, connections from clients order by connections desc, application limit 10
        ) as top) as by`,
  );
}
