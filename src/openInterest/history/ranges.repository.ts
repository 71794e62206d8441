import { z } from 'zod';
import { selectRows, type Queryable } from '../../platform/database/postgres.ts';

/** SQL of the least and greatest contracts an hour, in both tiers. No payload of a block is read. */

const RangeRow = z.object({
  symbol: z.string(),
  /** Epoch ms. */
  hour: z.number(),
  low: z.number(),
  high: z.number(),
  samples: z.number(),
});
export type HourRange = z.infer<typeof RangeRow>;

type RangeQuery = { symbols: readonly string[]; from: number; to: number };

/** The hours of the cold tier that begin in [from, to), by symbol and hour. */
export function selectColdRanges(db: Queryable, query: RangeQuery): Promise<HourRange[]> {
  return selectRows(
    db,
    RangeRow,
    `select symbol, (extract(epoch from hour) * 1000)::float8 as hour, min(oi_low) as low, max(oi_high) as high,
       sum(samples)::int as samples
     from open_interest_hours
     where symbol = any($1::text[]) and hour >= $2::timestamptz and hour < $3::timestamptz
     group by symbol, open_interest_hours.hour
     order by symbol, open_interest_hours.hour`,
    [query.symbols, new Date(query.from), new Date(query.to)],
  );
}

/** The hours of the hot tier with a row in [from, to), by symbol and hour. A range of more than a day belongs into several calls. */
export function selectHotRanges(db: Queryable, query: RangeQuery): Promise<HourRange[]> {
  return selectRows(
    db,
    RangeRow,
    `select symbol, floor(extract(epoch from ts) / 3600)::float8 * 3600000 as hour, min(open_interest) as low,
       max(open_interest) as high, count(*)::int as samples
     from open_interest_snapshots
     where symbol = any($1::text[]) and ts >= $2::timestamptz and ts < $3::timestamptz
     group by symbol, 2
     order by symbol, 2`,
    [query.symbols, new Date(query.from), new Date(query.to)],
  );
}
