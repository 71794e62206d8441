import { z } from 'zod';
import { TableLock } from '../../../platform/database/activity.ts';
import {
  columnsOf,
  epochMs,
  selectRow,
  selectRows,
  type Queryable,
} from '../../../platform/database/postgres.ts';

/** SQL that only the operator's page asks; the tables belong to other repositories. */

export const StoredRow = z.object({ symbol: z.string(), updatedAt: epochMs });

/** When the stored row of each symbol last moved, epoch ms on the database's clock. */
export async function selectStoredAt(
  db: Queryable,
  symbols: readonly string[],
): Promise<Map<string, number>> {
  const rows = await selectRows(
    db,
    StoredRow,
    `select ${columnsOf(StoredRow)} from open_interest_latest where symbol = any($1::text[])`,
    [symbols],
  );
  return new Map(rows.map((row) => [row.symbol, row.updatedAt]));
}

const StoredState = z.object({ symbols: z.number(), newestAgeMs: z.number().nullable(), now: z.number() });

/**
 * How many symbols got a newer stored sample in the last `windowSec`, from whichever node, and how long ago the newest
 * was written: ages by the database's own clock, whose time is `now` (epoch ms).
 */
export function selectStoredState(db: Queryable, windowSec: number): Promise<z.output<typeof StoredState>> {
  return selectRow(
    db,
    StoredState,
    `select count(*) filter (where updated_at >= now() - make_interval(secs => $1::int))::int as symbols,
       (extract(epoch from clock_timestamp() - max(updated_at)) * 1000)::float8 as "newestAgeMs",
       (extract(epoch from clock_timestamp()) * 1000)::float8 as now
     from open_interest_latest`,
    [windowSec],
  );
}

/** Sessions that hold a lock on one of our tables which writes wait for, the oldest first. */
export function selectTableLocks(db: Queryable): Promise<TableLock[]> {
  return selectRows(
    db,
    TableLock,
    `select min(relation::regclass::text) as "table", held.pid,
       coalesce(application_name, '') as application, xact_start as since, left(coalesce(query, ''), 200) as query
     from pg_locks as held join pg_stat_activity as session on session.pid = held.pid
     where granted and database = (select oid from pg_database where datname = current_database())
       and mode in ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
       and relation in (select oid from pg_class where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace)
       and held.pid <> pg_backend_pid()
     group by held.pid, application_name, xact_start, query
     order by xact_start`,
  );
}

export const JournalCountRow = z.object({ event: z.enum(['entered', 'left']), changes: z.number() });

/** How many symbols entered and left the liquid universe since a moment. */
export async function selectJournalCounts(
  db: Queryable,
  since: Date,
): Promise<{ entered: number; left: number }> {
  const rows = await selectRows(
    db,
    JournalCountRow,
    `select event, count(*)::int as changes from open_interest_liquid_journal
     where at >= $1::timestamptz
     group by event`,
    [since],
  );
  const of = (event: 'entered' | 'left') => rows.find((row) => row.event === event)?.changes ?? 0;
  return { entered: of('entered'), left: of('left') };
}
