import { z } from 'zod';
import { selectRows, type Queryable } from '../../platform/database/postgres.ts';

/** SQL of symbols at whole hours, in both tiers: the last sample in the ten minutes before. No payload of a block is read. */

const MarkRow = z.object({
  symbol: z.string(),
  /** Epoch ms. */
  at: z.number(),
  open_interest: z.number(),
  mark_price: z.number().nullable(),
});
export type MarkRow = z.infer<typeof MarkRow>;

/** The whole hours in [from, to], epoch ms. */
type MarkQuery = { symbols: readonly string[]; from: number; to: number };

const paramsOf = ({ symbols, from, to }: MarkQuery): unknown[] => [symbols, new Date(from), new Date(to)];

/** One probe of the primary key a symbol and hour. */
export function selectHotMarks(db: Queryable, query: MarkQuery): Promise<MarkRow[]> {
  return selectRows(
    db,
    MarkRow,
    `select wanted.symbol, (extract(epoch from mark.at) * 1000)::float8 as at, held.open_interest, held.mark_price
     from unnest($1::text[]) as wanted(symbol)
     cross join generate_series($2::timestamptz, $3::timestamptz, interval '1 hour') as mark(at)
     cross join lateral (
       select history.open_interest, history.mark_price from open_interest_snapshots as history
       where history.symbol = wanted.symbol and history.ts < mark.at and history.ts >= mark.at - interval '10 minutes'
         and history.ts < $3::timestamptz and history.ts >= $2::timestamptz - interval '10 minutes'
       order by history.ts desc, open_interest_source_rank(history.source) desc
       limit 1
     ) as held`,
    paramsOf(query),
  );
}

export function selectColdMarks(db: Queryable, query: MarkQuery): Promise<MarkRow[]> {
  return selectRows(
    db,
    MarkRow,
    `select distinct on (symbol, hour) symbol, (extract(epoch from hour) * 1000 + 3600000)::float8 as at,
       oi_close as open_interest, mark_price
     from open_interest_hours
     where symbol = any($1::text[]) and last_ts >= hour + interval '50 minutes'
       and hour >= $2::timestamptz - interval '1 hour' and hour < $3::timestamptz
     order by symbol, hour, last_ts desc, open_interest_source_rank(source) desc`,
    paramsOf(query),
  );
}
