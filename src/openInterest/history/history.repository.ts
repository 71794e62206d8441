import { z } from 'zod';
import { parseDoubleArray, parseDoubles, parseTimes } from '../../platform/database/binaryArrays.ts';
import { selectRows, type Queryable } from '../../platform/database/postgres.ts';
import { SampleRow } from './samples.repository.ts';
import { Source, type Sample } from '../openInterest.types.ts';

/** SQL that thins out one symbol's history, in either tier. */

const PastRow = SampleRow.pick({ ts: true, open_interest: true, open_interest_usd: true, mark_price: true });

/**
 * A symbol's past after `from`, at most a day ago, which is always in the hot tier; oldest first: the last sample of each bucket of `bucketSec` until `fineFrom`, then every
 * moment. Of several sources at one moment the best one counts.
 */
export async function selectPast(
  db: Queryable,
  query: { symbol: string; from: Date; fineFrom: Date; bucketSec: number },
): Promise<Pick<Sample, 'ts' | 'openInterest' | 'openInterestUsd' | 'markPrice'>[]> {
  const rows = await selectRows(
    db,
    PastRow,
    `with past as (
       select ts, open_interest, open_interest_usd, mark_price, open_interest_source_rank(source) as rank,
         case when ts >= $3::timestamptz then ts
           else date_bin(make_interval(secs => $4::int), ts, timestamptz 'epoch') end as bucket
       from open_interest_snapshots
       where symbol = $1::text and ts > $2::timestamptz
     )
     select distinct on (bucket) ts, open_interest, open_interest_usd, mark_price
     from past
     order by bucket, ts desc, rank desc`,
    [query.symbol, query.from, query.fineFrom, query.bucketSec],
  );
  return rows.map((row) => ({
    ts: row.ts.getTime(),
    openInterest: row.open_interest,
    openInterestUsd: row.open_interest_usd,
    markPrice: row.mark_price,
  }));
}

export const HistoryBucketRow = z.object({
  bucket: z.date(),
  first_ts: z.date(),
  last_ts: z.date(),
  samples: z.number(),
  open_interest_open: z.number(),
  open_interest: z.number(),
  open_interest_min: z.number(),
  open_interest_max: z.number(),
  open_interest_usd: z.number().nullable(),
  mark_price: z.number().nullable(),
  funding_rate: z.number().nullable(),
  /** Of the first and of the last sample. */
  first_source: Source,
  source: Source,
});
export type HistoryBucketRow = z.infer<typeof HistoryBucketRow>;

/** One symbol's samples in [from, to), epoch ms, in buckets that are aligned to the epoch. */
export type BucketQuery = { symbol: string; from: number; to: number; bucketMs: number };

const paramsOf = (query: BucketQuery): unknown[] => [
  query.symbol,
  new Date(query.from),
  new Date(query.to),
  query.bucketMs / 1_000,
];

/** The hot tier's buckets, oldest first: values of the first and the last sample, lowest and highest. Empty ones are absent. */
export async function selectHotBuckets(db: Queryable, query: BucketQuery): Promise<HistoryBucketRow[]> {
  return selectRows(
    db,
    HistoryBucketRow,
    `with ranked as (
       select date_bin(make_interval(secs => $4::float8), ts, timestamptz 'epoch') as bucket, ts, source,
         open_interest, open_interest_usd, mark_price, funding_rate, open_interest_source_rank(source) as rank
       from open_interest_snapshots
       where symbol = $1::text and ts >= $2::timestamptz and ts < $3::timestamptz
     )
     select bucket, min(ts) as first_ts, max(ts) as last_ts, count(*) as samples,
       (array_agg(open_interest order by ts, rank))[1] as open_interest_open,
       (array_agg(open_interest order by ts desc, rank desc))[1] as open_interest,
       min(open_interest) as open_interest_min,
       max(open_interest) as open_interest_max,
       (array_agg(open_interest_usd order by ts desc, rank desc))[1] as open_interest_usd,
       (array_agg(mark_price order by ts desc, rank desc))[1] as mark_price,
       (array_agg(funding_rate order by ts desc, rank desc))[1] as funding_rate,
       (array_agg(source order by ts, rank))[1] as first_source,
       (array_agg(source order by ts desc, rank desc))[1] as source
     from ranked
     group by bucket
     order by bucket`,
    paramsOf(query),
  );
}

const bytes = z.instanceof(Buffer);
const [times, doubles, nullables] = [
  bytes.transform(parseTimes),
  bytes.transform(parseDoubles),
  bytes.transform(parseDoubleArray),
];
const CandleColumns = z.object({
  hour: times,
  first_ts: times,
  last_ts: times,
  samples: doubles,
  oi_open: doubles,
  oi_high: doubles,
  oi_low: doubles,
  oi_close: doubles,
  usd_close: nullables,
  mark_price: nullables,
  funding_rate: nullables,
});
const CANDLE_ARRAYS = Object.keys(CandleColumns.shape)
  .map((name) => `array_send(array_agg(${name === 'samples' ? 'samples::float8' : name})) as ${name}`)
  .join(', ');

/**
 * The candles of the cold tier in any order, each as part of its bucket: `bucketMs` is an hour or a multiple of it. They are
 * read as one row of arrays a source, because as 720 rows they cost more than the samples of a day.
 */
export async function selectCandles(db: Queryable, query: BucketQuery): Promise<HistoryBucketRow[]> {
  const columns = await selectRows(
    db,
    CandleColumns.extend({ source: Source }),
    `select source, ${CANDLE_ARRAYS} from open_interest_hours
     where symbol = $1::text and hour >= $2::timestamptz and hour < $3::timestamptz
     group by source`,
    paramsOf(query).slice(0, 3),
  );
  return columns.flatMap(({ source, ...it }) =>
    Array.from(it.hour, (hour, i) => ({
      bucket: new Date(Math.floor(hour / query.bucketMs) * query.bucketMs),
      first_ts: new Date(it.first_ts[i]!),
      last_ts: new Date(it.last_ts[i]!),
      samples: it.samples[i]!,
      open_interest_open: it.oi_open[i]!,
      open_interest: it.oi_close[i]!,
      open_interest_min: it.oi_low[i]!,
      open_interest_max: it.oi_high[i]!,
      open_interest_usd: it.usd_close[i]!,
      mark_price: it.mark_price[i]!,
      funding_rate: it.funding_rate[i]!,
      first_source: source,
      source,
    })),
  );
}
