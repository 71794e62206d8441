import { z } from 'zod';
import {
  columnsOf,
  epochMs,
  selectOptionalRow,
  selectRows,
  selectValue,
  type Queryable,
} from '../../platform/database/postgres.ts';
import { Sample, type Source } from '../openInterest.types.ts';

/** Reads `open_interest_snapshots`, the hot tier of history; `insertSamples.repository.ts` writes it. */

export const SampleRow = Sample.unwrap().extend({ symbol: z.string(), ts: epochMs });
export const SAMPLE_FIELDS = columnsOf(SampleRow);

/** The newest row of each of `symbols` at or before `at` and not older than `notBefore`, backfill left out. */
export function selectHotSamplesAt(
  db: Queryable,
  symbols: readonly string[],
  at: Date,
  notBefore: Date,
): Promise<Sample[]> {
  return selectRows(
    db,
    SampleRow,
    `select found.* from unnest($1::text[]) as wanted(symbol)
     cross join lateral (
       select ${SAMPLE_FIELDS} from open_interest_snapshots as history
       where history.symbol = wanted.symbol and history.ts <= $2::timestamptz and history.ts >= $3::timestamptz
         and history.source <> 'backfill'
       order by history.ts desc, open_interest_source_rank(history.source) desc
       limit 1
     ) as found`,
    [symbols, at, notBefore],
  );
}

/** The newest row of `symbol` at or before `at` and not older than `notBefore`, of any source. */
export function selectOptionalHotSampleAt(
  db: Queryable,
  symbol: string,
  at: Date,
  notBefore: Date,
): Promise<Sample | null> {
  return selectOptionalRow(
    db,
    SampleRow,
    `select ${SAMPLE_FIELDS} from open_interest_snapshots
     where symbol = $1::text and ts <= $2::timestamptz and ts >= $3::timestamptz
     order by ts desc, open_interest_source_rank(source) desc
     limit 1`,
    [symbol, at, notBefore],
  );
}

/** A place in the order of a symbol's samples. Without a source it is the moment's beginning. */
export type SamplePosition = { ts: Date; source: Source | null };

/** After every sample: the last day that Postgres and JavaScript write alike. */
export const END_OF_TIME: SamplePosition = { ts: new Date(Date.UTC(9999, 11, 31)), source: null };

const StoredSampleRow = SampleRow.extend({ createdAt: epochMs });
const STORED_FIELDS = columnsOf(StoredSampleRow);
/** A sample with the time at which it was stored, epoch ms. */
export type StoredSample = z.output<typeof StoredSampleRow>;

/** The last rows of `symbol` before `before` and not before `from`, newest first, of one source or of all. */
export function selectHotSamplesBefore(
  db: Queryable,
  query: { symbol: string; from: number; before: SamplePosition; source: Source | null; limit: number },
): Promise<StoredSample[]> {
  return selectRows(
    db,
    StoredSampleRow,
    `select ${STORED_FIELDS} from open_interest_snapshots
     where symbol = $1::text and ts >= $6::timestamptz and ts <= $2::timestamptz
       and ($3::text is null or source = $3::text)
       and (ts < $2::timestamptz or open_interest_source_rank(source) < open_interest_source_rank($5::text))
     order by ts desc, open_interest_source_rank(source) desc
     limit $4::int`,
    [
      query.symbol,
      query.before.ts,
      query.source,
      query.limit,
      query.before.source,
      new Date(query.from).toISOString(),
    ],
  );
}

/** The rows of `symbol` in [from, to), epoch ms, oldest first. */
export function selectHotSamples(
  db: Queryable,
  query: { symbol: string; from: number; to: number },
): Promise<StoredSample[]> {
  return selectRows(
    db,
    StoredSampleRow,
    `select ${STORED_FIELDS} from open_interest_snapshots
     where symbol = $1::text and ts >= $2::timestamptz and ts < $3::timestamptz
     order by ts, open_interest_source_rank(source)`,
    [query.symbol, new Date(query.from), new Date(query.to)],
  );
}

/** The time of the first row of `symbol` in [from, to), epoch ms; `null` when there is none. */
export function selectFirstHotTime(
  db: Queryable,
  query: { symbol: string; from: number; to: number },
): Promise<number | null> {
  return selectValue(
    db,
    epochMs.nullable(),
    `select min(ts) from open_interest_snapshots
     where symbol = $1::text and ts >= $2::timestamptz and ts < $3::timestamptz`,
    [query.symbol, new Date(query.from), new Date(query.to)],
  );
}
