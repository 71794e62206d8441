import { z } from 'zod';
import { execute, selectRows, selectValue, type Queryable } from '../../platform/database/postgres.ts';
import { HotHourRow, PACKED_SAMPLES, toHotHour, type HotHour } from './hotHours.repository.ts';
import type { HourRange } from './hours.repository.ts';
import { partitionName } from './partitions.repository.ts';

/** SQL that removes samples from the hot tier; only compaction uses it. A day is a UTC day, `2026-11-20`. */

/** Whether this transaction is the one that compacts; every other one gets `false` until it ends. */
export function tryLockCompaction(db: Queryable): Promise<boolean> {
  const sql = `select pg_try_advisory_xact_lock(hashtext('open_interest_hours compaction'))`;
  return selectValue(db, z.boolean(), sql);
}

/** How many rows each hour of a symbol has, oldest first; epoch ms. */
export type HotHours = { symbol: string; hours: { hour: number; rows: number }[] };

/** The hours of the first symbol after `after` that has a row of `day`; `null` when there is none. */
export async function selectHotHoursAfter(
  db: Queryable,
  day: string,
  after: string,
): Promise<HotHours | null> {
  const found = await selectRows(
    db,
    z.object({ symbol: z.string(), hour: z.date(), rows: z.number() }),
    `select symbol, date_bin('1 hour', ts, 'epoch') as hour, count(*) as rows
     from ${partitionName(day)}
     where symbol = (select symbol from ${partitionName(day)} where symbol > $1::text order by symbol limit 1)
     group by symbol, hour
     order by hour`,
    [after],
  );
  const hours = found.map(({ hour, rows }) => ({ hour: hour.getTime(), rows }));
  return found[0] ? { symbol: found[0].symbol, hours } : null;
}

/**
 * Deletes the rows of `symbol` in [from, to), epoch ms, of `day` and returns them. One statement does both, so concurrent
 * writes cannot make them differ. A `ts` has a fraction where the row's has one.
 */
export async function deleteHotSamples(db: Queryable, day: string, range: HourRange): Promise<HotHour[]> {
  const removed = await selectRows(
    db,
    HotHourRow,
    `with removed as (
       delete from ${partitionName(day)}
       where symbol = $1::text and ts >= $2::timestamptz and ts < $3::timestamptz
       returning *
     )
     select date_bin('1 hour', ts, 'epoch') as hour, source, ${PACKED_SAMPLES}
     from removed
     group by 1, source
     order by 1`,
    [range.symbol, new Date(range.from), new Date(range.to)],
  );
  return removed.map(toHotHour);
}

/**
 * Blocks writers, but no readers, of the rows of `day` until the transaction ends; returns whether there are none. Throws
 * 55P03 when the lock is not free within 100 ms.
 */
export async function lockEmptyPartition(db: Queryable, day: string): Promise<boolean> {
  await execute(db, `set local lock_timeout = '100'`);
  await execute(db, `lock table ${partitionName(day)} in share row exclusive mode`);
  return selectValue(db, z.boolean(), `select not exists (select from ${partitionName(day)})`);
}
