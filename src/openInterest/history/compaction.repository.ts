import { z } from 'zod';
import { execute, selectRow, selectRows, type Queryable } from '../../platform/database/postgres.ts';
import type { Sample } from '../openInterest.types.ts';
import type { HourRange } from './hours.repository.ts';
import { partitionName } from './partitions.repository.ts';
import { SAMPLE_COLUMNS, SampleRow, toSample } from './samples.repository.ts';

/** SQL that removes samples from the hot tier; only compaction uses it. A day is a UTC day, `2026-11-20`. */

/** Whether this transaction is the one that compacts; every other one gets `false` until it ends. */
export async function tryLockCompaction(db: Queryable): Promise<boolean> {
  const { locked } = await selectRow(
    db,
    z.object({ locked: z.boolean() }),
    `select pg_try_advisory_xact_lock(hashtext('open_interest_hours compaction')) as locked`,
  );
  return locked;
}

/** The first symbol after `after` that has a row of `day`; `null` when there is none. */
export async function selectHotSymbolAfter(
  db: Queryable,
  day: string,
  after: string,
): Promise<string | null> {
  const [row] = await selectRows(
    db,
    SampleRow.pick({ symbol: true }),
    `select symbol from ${partitionName(day)} where symbol > $1::text order by symbol limit 1`,
    [after],
  );
  return row?.symbol ?? null;
}

/** A place in a day's rows, ordered by symbol and time; epoch ms. */
export type HotPosition = { symbol: string; ts: number };

/** Symbol and time of the first row of `day` at or after `position`; `null` when there is none. */
export async function selectHotPositionFrom(
  db: Queryable,
  day: string,
  position: HotPosition,
): Promise<HotPosition | null> {
  const [row] = await selectRows(
    db,
    SampleRow.pick({ symbol: true, ts: true }),
    `select symbol, ts from ${partitionName(day)}
     where (symbol, ts) >= ($1::text, $2::timestamptz)
     order by symbol, ts
     limit 1`,
    [position.symbol, new Date(position.ts)],
  );
  return row ? { symbol: row.symbol, ts: row.ts.getTime() } : null;
}

/** The time of the row of that symbol that follows `rows` others from `first` on, epoch ms; `null` when there are fewer. */
export async function selectHotTimeAfterRows(
  db: Queryable,
  day: string,
  first: HotPosition,
  rows: number,
): Promise<number | null> {
  const [row] = await selectRows(
    db,
    SampleRow.pick({ ts: true }),
    `select ts from ${partitionName(day)}
     where symbol = $1::text and ts >= $2::timestamptz
     order by ts
     offset $3::int limit 1`,
    [first.symbol, new Date(first.ts), rows],
  );
  return row?.ts.getTime() ?? null;
}

const HotRow = SampleRow.extend({ created_at: z.date(), is_whole: z.boolean() });

/**
 * Deletes the rows of `symbol` in [from, to), epoch ms, of `day` and returns them. One statement does both, so concurrent
 * writes cannot make them differ. `isWhole`: the time has no fraction of a millisecond.
 */
export async function deleteHotSamples(
  db: Queryable,
  day: string,
  range: HourRange,
): Promise<(Sample & { createdAt: number; isWhole: boolean })[]> {
  const rows = await selectRows(
    db,
    HotRow,
    `delete from ${partitionName(day)} 
     where symbol = $1::text and ts >= $2::timestamptz and ts < $3::timestamptz
     returning ${SAMPLE_COLUMNS}, created_at, date_trunc('milliseconds', ts) = ts as is_whole`,
    [range.symbol, new Date(range.from), new Date(range.to)],
  );
  return rows.map((row) => ({
    ...toSample(row),
    createdAt: row.created_at.getTime(),
    isWhole: row.is_whole,
  }));
}

/**
 * Blocks writers, but no readers, of the rows of `day` until the transaction ends; returns whether there are none. Throws
 * 55P03 when the lock is not free within 100 ms.
 */
export async function lockEmptyPartition(db: Queryable, day: string): Promise<boolean> {
  await execute(db, `set local lock_timeout = '100'`);
  await execute(db, `lock table ${partitionName(day)} in share row exclusive mode`);
  const { empty } = await selectRow(
    db,
    z.object({ empty: z.boolean() }),
    `select not exists (select from ${partitionName(day)}) as empty`,
  );
  return empty;
}
