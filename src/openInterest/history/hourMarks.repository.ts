import { z } from 'zod';
import { parseDoubleArray, parseDoubles, parseTimes } from '../../platform/database/binaryArrays.ts';
import { selectRows, type Queryable } from '../../platform/database/postgres.ts';

/**
 * SQL of symbols at whole hours, in both tiers: the last sample in the ten minutes before; one row of arrays a symbol. No
 * payload of a block is read.
 */

const bytes = z.instanceof(Buffer);

const MarksRow = z.object({
  symbol: z.string(),
  /** Epoch ms. */
  at: bytes.transform(parseTimes),
  open_interest: bytes.transform(parseDoubles),
  mark_price: bytes.transform(parseDoubleArray),
});
type MarksRow = z.infer<typeof MarksRow>;

const MARK_COLUMNS = ['at', 'open_interest', 'mark_price']
  .map((name) => `array_send(array_agg(${name})) as ${name}`)
  .join(', ');

/** The whole hours in [from, to], epoch ms. */
type MarkQuery = { symbols: readonly string[]; from: number; to: number };

/** One probe of the primary key a symbol and hour. */
export function selectHotMarks(db: Queryable, query: MarkQuery): Promise<MarksRow[]> {
  return selectMarks(
    db,
    `select wanted.symbol, mark.at, held.open_interest, held.mark_price
     from unnest($1::text[]) as wanted(symbol)
     cross join generate_series($2::timestamptz, $3::timestamptz, interval '1 hour') as mark(at)
     cross join lateral (
       select history.open_interest, history.mark_price from open_interest_snapshots as history
       where history.symbol = wanted.symbol and history.ts < mark.at and history.ts >= mark.at - interval '10 minutes'
         and history.ts < $3::timestamptz and history.ts >= $2::timestamptz - interval '10 minutes'
       order by history.ts desc, open_interest_source_rank(history.source) desc
       limit 1
     ) as held`,
    query,
  );
}

export function selectColdMarks(db: Queryable, query: MarkQuery): Promise<MarksRow[]> {
  return selectMarks(
    db,
    `select distinct on (symbol, hour) symbol, hour + interval '1 hour' as at, oi_close as open_interest, mark_price
     from open_interest_hours
     where symbol = any($1::text[]) and last_ts >= hour + interval '50 minutes'
       and hour >= $2::timestamptz - interval '1 hour' and hour < $3::timestamptz
     order by symbol, hour, last_ts desc, open_interest_source_rank(source) desc`,
    query,
  );
}

function selectMarks(db: Queryable, marks: string, { symbols, from, to }: MarkQuery): Promise<MarksRow[]> {
  return selectRows(db, MarksRow, `select symbol, ${MARK_COLUMNS} from (${marks}) as marks group by symbol`, [
    symbols,
    new Date(from),
    new Date(to),
  ]);
}
