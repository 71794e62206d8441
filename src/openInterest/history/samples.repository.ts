import { z } from 'zod';
import {
  selectOptionalRow,
  selectRow,
  selectRows,
  type Queryable,
} from '../../platform/database/postgres.ts';
import { Source, type Sample } from '../openInterest.types.ts';

/** Reads `open_interest_snapshots`, the hot tier of history; `insertSamples.repository.ts` writes it. */

export const SampleRow = z.object({
  symbol: z.string(),
  ts: z.date(),
  source: Source,
  open_interest: z.number(),
  open_interest_usd: z.number().nullable(),
  mark_price: z.number().nullable(),
  funding_rate: z.number().nullable(),
});

export const SAMPLE_COLUMNS =
  'symbol, ts, source, open_interest, open_interest_usd, mark_price, funding_rate';

/** The newest row of each of `symbols` at or before `at` and not older than `notBefore`, backfill left out. */
export async function selectHotSamplesAt(
  db: Queryable,
  symbols: readonly string[],
  at: Date,
  notBefore: Date,
): Promise<Sample[]> {
  const rows = await selectRows(
    db,
    SampleRow,
    `select found.* from unnest($1::text[]) as wanted(symbol)
     cross join lateral (
       select ${SAMPLE_COLUMNS} from open_interest_snapshots as history
       where history.symbol = wanted.symbol and history.ts <= $2::timestamptz and history.ts >= $3::timestamptz
         and history.source <> 'backfill'
       order by history.ts desc, open_interest_source_rank(history.source) desc
       limit 1
     ) as found`,
    [symbols, at, notBefore],
  );
  return rows.map(toSample);
}

/** The newest row of `symbol` at or before `at` and not older than `notBefore`, of any source. */
export async function selectOptionalHotSampleAt(
  db: Queryable,
  symbol: string,
  at: Date,
  notBefore: Date,
): Promise<Sample | null> {
  const row = await selectOptionalRow(
    db,
    SampleRow,
    `select ${SAMPLE_COLUMNS} from open_interest_snapshots
     where symbol = $1::text and ts <= $2::timestamptz and ts >= $3::timestamptz
     order by ts desc, open_interest_source_rank(source) desc
     limit 1`,
    [symbol, at, notBefore],
  );
  return row && toSample(row);
}

/** A place in the order of a symbol's samples. Without a source it is the moment's beginning. */
export type SamplePosition = { ts: Date; source: Source | null };

/** After every sample: the last day that Postgres and JavaScript write alike. */
export const END_OF_TIME: SamplePosition = { ts: new Date(Date.UTC(9999, 11, 31)), source: null };

/** A sample with the time at which it was stored, epoch ms. */
export type StoredSample = Sample & { createdAt: number };

const StoredSampleRow = SampleRow.extend({ created_at: z.date() });

/** The last rows of `symbol` before `before` and not before `from`, newest first, of one source or of all. */
export async function selectHotSamplesBefore(
  db: Queryable,
  query: { symbol: string; from: number; before: SamplePosition; source: Source | null; limit: number },
): Promise<StoredSample[]> {
  const rows = await selectRows(
    db,
    StoredSampleRow,
    `select ${SAMPLE_COLUMNS}, created_at from open_interest_snapshots
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
  return rows.map(toStoredSample);
}

/** The rows of `symbol` in [from, to), epoch ms, oldest first. */
export async function selectHotSamples(
  db: Queryable,
  query: { symbol: string; from: number; to: number },
): Promise<StoredSample[]> {
  const rows = await selectRows(
    db,
    StoredSampleRow,
    `select ${SAMPLE_COLUMNS}, created_at from open_interest_snapshots
     where symbol = $1::text and ts >= $2::timestamptz and ts < $3::timestamptz
     order by ts, open_interest_source_rank(source)`,
    [query.symbol, new Date(query.from), new Date(query.to)],
  );
  return rows.map(toStoredSample);
}

/** The time of the first row of `symbol` in [from, to), epoch ms; `null` when there is none. */
export async function selectFirstHotTime(
  db: Queryable,
  query: { symbol: string; from: number; to: number },
): Promise<number | null> {
  const { first } = await selectRow(
    db,
    z.object({ first: z.date().nullable() }),
    `select min(ts) as first from open_interest_snapshots
     where symbol = $1::text and ts >= $2::timestamptz and ts < $3::timestamptz`,
    [query.symbol, new Date(query.from), new Date(query.to)],
  );
  return first?.getTime() ?? null;
}

function toStoredSample(row: z.infer<typeof StoredSampleRow>): StoredSample {
  return { ...toSample(row), createdAt: row.created_at.getTime() };
}

export function toSample(row: z.infer<typeof SampleRow>): Sample {
  return {
    symbol: row.symbol,
    openInterest: row.open_interest,
    openInterestUsd: row.open_interest_usd,
    markPrice: row.mark_price,
    fundingRate: row.funding_rate,
    ts: row.ts.getTime(),
    source: row.source,
  };
}
