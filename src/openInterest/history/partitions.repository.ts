import { z } from 'zod';
import { execute, selectColumn, selectRows, type Queryable } from '../../platform/database/postgres.ts';
import { dayOf, endOf } from './days.ts';

/** SQL that makes and drops the daily partitions of `open_interest_snapshots`. A partition is named after its UTC day. */

const PREFIX = 'open_interest_snapshots_';

/** The UTC days that have a partition, as `2026-11-20`, oldest first. */
export async function selectPartitionDays(db: Queryable): Promise<string[]> {
  const names = await selectColumn(
    db,
    z.string(),
    `select child.relname::text
     from pg_inherits
     join pg_class as child on child.oid = pg_inherits.inhrelid
     where pg_inherits.inhparent = 'open_interest_snapshots'::regclass
     order by child.relname`,
  );
  return names.map(dayOfPartition);
}

/**
 * The days of the hot tier, oldest first, with their size on disk. `samples` is the planner's estimate; of a day that was
 * never analysed it is derived from its pages.
 */
export async function selectHotDays(
  db: Queryable,
): Promise<{ day: string; samples: number; bytes: number }[]> {
  const rows = await selectRows(
    db,
    z.object({ name: z.string(), samples: z.number(), bytes: z.number() }),
    `select child.relname::text as name, pg_total_relation_size(child.oid) as bytes,
       case when child.reltuples > 0 then child.reltuples
         else floor(pg_relation_size(child.oid) / 8192 * 75) end::int8 as samples
     from pg_inherits
     join pg_class as child on child.oid = pg_inherits.inhrelid
     where pg_inherits.inhparent = 'open_interest_snapshots'::regclass
     order by child.relname`,
  );
  return rows.map(({ name, ...size }) => ({ day: dayOfPartition(name), ...size }));
}

/**
 * Makes the partition of one UTC day. A table that is made first and attached then leaves readers, writers and a dump of
 * the history alone; `create table … partition of` would wait for all of them. Names and bounds cannot be parameters, so
 * the day is checked here.
 */
export async function createPartition(db: Queryable, day: string): Promise<void> {
  await execute(
    db,
    `create table ${partitionName(day)} (like open_interest_snapshots including defaults including constraints)`,
  );
  await execute(
    db,
    `alter table open_interest_snapshots attach partition ${partitionName(day)}
     for values from ('${day}T00:00:00Z') to ('${dayOf(endOf(day))}T00:00:00Z')`,
  );
}

/**
 * While the drop waits for a lock, of a dump for instance, it blocks all readers and writers of history, so it waits for
 * 100 ms only: then it fails with 55P03, and the day is dropped at the next attempt.
 */
export async function dropPartition(db: Queryable, day: string): Promise<void> {
  await execute(db, `set local lock_timeout = '100'`);
  await execute(db, `drop table if exists ${partitionName(day)}`);
}

/** Keeps two nodes from making and dropping partitions at the same time; released when the transaction ends. */
export async function lockPartitions(db: Queryable): Promise<void> {
  await execute(db, `select pg_advisory_xact_lock(hashtext('open_interest_snapshots partitions'))`);
}

/** Whether an insert failed because its day has no partition. */
export function isPartitionMissing(thrown: unknown): boolean {
  // The code is that of a broken check, which would be named.
  const { code, constraint, table } = thrown as { code?: string; constraint?: string; table?: string };
  return code === '23514' && constraint === undefined && table === 'open_interest_snapshots';
}

function dayOfPartition(name: string): string {
  return name.slice(PREFIX.length).replaceAll('_', '-');
}

export function partitionName(day: string): string {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day)) throw new Error(`not a day: ${day}`);
  return `${PREFIX}${day.replaceAll('-', '_')}`;
}
