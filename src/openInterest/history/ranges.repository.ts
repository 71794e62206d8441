import { z } from 'zod';
import { parseDoubles, parseTimes } from '../../platform/database/binaryArrays.ts';
import type { Database } from '../../platform/database/database.ts';
import { execute, selectRows, type Queryable } from '../../platform/database/postgres.ts';

/**
 * SQL of the least and greatest contracts an hour, in both tiers, one row of arrays a symbol. No payload of a block is read.
 * Hours are made by `date_bin`: `extract` computes with numerics, and would be most of what a statement costs.
 */

/** The hour is epoch ms. */
export type HourRange = { symbol: string; hour: number; low: number; high: number; samples: number };

type RangeQuery = { symbols: readonly string[]; from: number; to: number };

const bytes = z.instanceof(Buffer);

const RangesRow = z.object({
  symbol: z.string(),
  hour: bytes.transform(parseTimes),
  low: bytes.transform(parseDoubles),
  high: bytes.transform(parseDoubles),
  samples: bytes.transform(parseDoubles),
});

const RANGE_COLUMNS = ['hour', 'low', 'high', 'samples']
  .map((name) => `array_send(array_agg(${name})) as ${name}`)
  .join(', ');

/** The hours of the cold tier that begin in [from, to), in any order; those of several sources are several. */
export function selectColdRanges(db: Queryable, query: RangeQuery): Promise<HourRange[]> {
  return selectRanges(
    db,
    `select symbol, hour, oi_low as low, oi_high as high, samples::float8 as samples
     from open_interest_hours
     where symbol = any($1::text[]) and hour >= $2::timestamptz and hour < $3::timestamptz`,
    query,
  );
}

/** The hours of the hot tier with a row in [from, to), in any order. A range of more than a day belongs into several calls. */
export function selectHotRanges(db: Database, query: RangeQuery): Promise<HourRange[]> {
  return db.transaction(async (inside) => {
    // Groups are fewer than Postgres expects: otherwise it sorts the rows of a day by way of the disk.
    await execute(inside, `set local work_mem = '16MB'`);
    return selectRanges(
      inside,
      `select symbol, date_bin('1 hour', ts, 'epoch') as hour, min(open_interest) as low,
         max(open_interest) as high, count(*)::float8 as samples
       from open_interest_snapshots
       where symbol = any($1::text[]) and ts >= $2::timestamptz and ts < $3::timestamptz
       group by symbol, 2`,
      query,
    );
  });
}

async function selectRanges(db: Queryable, ranges: string, query: RangeQuery): Promise<HourRange[]> {
  const rows = await selectRows(
    db,
    RangesRow,
    `select symbol, ${RANGE_COLUMNS} from (${ranges}) as ranges group by symbol`,
    [query.symbols, new Date(query.from), new Date(query.to)],
  );
  return rows.flatMap(({ symbol, hour, low, high, samples }) =>
    Array.from(hour, (at, i) => ({
      symbol,
      hour: at,
      low: low[i]!,
      high: high[i]!,
      samples: samples[i]!,
    })),
  );
}
