import { z } from 'zod';
import { execute, selectRow, selectRows, type Queryable } from '../../platform/database/postgres.ts';
import { parseDoubleArray, parseTimeArray } from '../../platform/database/binaryArrays.ts';
import { Source } from '../openInterest.types.ts';
import type { BlockSample } from './codec/hourCodec.ts';
import type { HourRange } from './hours.repository.ts';
import { partitionName } from './partitions.repository.ts';
import { SampleRow } from './samples.repository.ts';

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

/** The rows of one hour and source that left the hot tier, in any order. */
export type RemovedHour = { hour: number; source: Source; samples: BlockSample[] };

const bytes = z.instanceof(Buffer);
const COLUMNS = ['ts', 'created_at', 'open_interest', 'open_interest_usd', 'mark_price', 'funding_rate'];
const RemovedHourRow = z.object({
  hour: z.date(),
  source: Source,
  ts: bytes.transform(parseTimeArray),
  created_at: bytes.transform(parseTimeArray),
  open_interest: bytes.transform(parseDoubleArray),
  open_interest_usd: bytes.transform(parseDoubleArray),
  mark_price: bytes.transform(parseDoubleArray),
  funding_rate: bytes.transform(parseDoubleArray),
});

/**
 * Deletes the rows of `symbol` in [from, to), epoch ms, of `day` and returns them. One statement does both, so concurrent
 * writes cannot make them differ. A `ts` has a fraction where the row's has one.
 */
export async function deleteHotSamples(db: Queryable, day: string, range: HourRange): Promise<RemovedHour[]> {
  const column = (name: string): string => `array_send(array_agg(${name})) as ${name}`;
  const removed = await selectRows(
    db,
    RemovedHourRow,
    `with removed as (
       delete from ${partitionName(day)}
       where symbol = $1::text and ts >= $2::timestamptz and ts < $3::timestamptz
       returning *
     )
     select date_bin('1 hour', ts, 'epoch') as hour, source, ${COLUMNS.map(column).join(', ')}
     from removed
     group by hour, source
     order by hour`,
    [range.symbol, new Date(range.from), new Date(range.to)],
  );
  return removed.map((it) => ({
    hour: it.hour.getTime(),
    source: it.source,
    samples: it.ts.map((ts, i) => ({
      ts: ts!,
      openInterest: it.open_interest[i]!,
      openInterestUsd: it.open_interest_usd[i]!,
      markPrice: it.mark_price[i]!,
      fundingRate: it.funding_rate[i]!,
      createdAt: Math.floor(it.created_at[i]!),
    })),
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
