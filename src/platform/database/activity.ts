import { z } from 'zod';
import { selectRow, selectRows, type Queryable } from './postgres.ts';

const WaitRow = z.object({
  relation: z.string().nullable(),
  waiting_pid: z.number(),
  waiting_sec: z.number(),
  waiting_query: z.string(),
  blocking_pid: z.number(),
  blocking_application: z.string(),
  blocking_state: z.string().nullable(),
  blocking_since: z.date().nullable(),
  blocking_query: z.string(),
});

export type LockWait = {
  /** The locked table; `null` if the lock is not on a single table. */
  relation: string | null;
  waiting: { pid: number; sec: number; query: string };
  /** Application and query are empty for a session that our role may not read. */
  blocking: {
    pid: number;
    application: string;
    state: string | null;
    /** Start of its transaction. */
    since: Date | null;
    query: string;
  };
};

/** Sessions of this database that wait for a lock, each with the session that blocks it, longest wait first. */
export async function selectLockWaits(db: Queryable): Promise<LockWait[]> {
  const rows = await selectRows(
    db,
    WaitRow,
    `select (select min(relation::regclass::text) from pg_locks
             where pid = waiting.pid and not granted and relation is not null) as relation,
       waiting.pid as waiting_pid,
       extract(epoch from clock_timestamp() - waiting.query_start)::float8 as waiting_sec,
       left(coalesce(waiting.query, ''), 200) as waiting_query,
       blocking.pid as blocking_pid, coalesce(blocking.application_name, '') as blocking_application,
       blocking.state as blocking_state, blocking.xact_start as blocking_since,
       left(coalesce(blocking.query, ''), 200) as blocking_query
     from pg_stat_activity as waiting
     cross join lateral unnest(pg_blocking_pids(waiting.pid)) as blocker(pid)
     join pg_stat_activity as blocking on blocking.pid = blocker.pid
     where waiting.datname = current_database() and waiting.wait_event_type = 'Lock'
     order by waiting.query_start, waiting.pid, blocking.pid
     limit 20`,
  );
  return rows.map((row) => ({
    relation: row.relation,
    waiting: { pid: row.waiting_pid, sec: row.waiting_sec, query: row.waiting_query },
    blocking: {
      pid: row.blocking_pid,
      application: row.blocking_application,
      state: row.blocking_state,
      since: row.blocking_since,
      query: row.blocking_query,
    },
  }));
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
