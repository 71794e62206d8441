import { z } from 'zod';
import { execute, selectRow, selectRows, type Queryable } from '../../platform/database/postgres.ts';
import type { Sample } from '../openInterest.types.ts';
import { partitionName } from './partitions.repository.ts';
import { SAMPLE_COLUMNS, SampleRow, toSample } from './samples.repository.ts';

/** SQL that takes samples out of the hot tier, for compaction alone. A day is a UTC day, `2026-11-20`. */

/** Whether this transaction is the one that compacts; others are told `false` until it ends. */
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
    z.object({ symbol: z.string() }),
    `select symbol from ${partitionName(day)} where symbol > $1::text order by symbol limit 1`,
    [after],
  );
  return row?.symbol ?? null;
}

const HotRow = SampleRow.extend({ created_at: z.date(), is_whole: z.boolean() });

/**
 * Removes all rows of `symbol` on `day` and answers them: what is answered and what is removed cannot differ, whatever is
 * written at the same time. `isWhole`: the time has no fraction of a millisecond.
 */
export async function deleteHotSamples(
  db: Queryable,
  day: string,
  symbol: string,
): Promise<(Sample & { createdAt: number; isWhole: boolean })[]> {
  const rows = await selectRows(
    db,
    HotRow,
    `delete from ${partitionName(day)} where symbol = $1::text
     returning ${SAMPLE_COLUMNS}, created_at, date_trunc('milliseconds', ts) = ts as is_whole`,
    [symbol],
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
