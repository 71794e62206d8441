import { z } from 'zod';
import {
  parseDoubleArray,
  parsePackedDoubles,
  parsePackedTimes,
} from '../../platform/database/binaryArrays.ts';
import {
  columnsOf,
  selectOptionalRow,
  selectRows,
  type Queryable,
} from '../../platform/database/postgres.ts';
import { SampleRow } from './samples.repository.ts';
import { Source } from '../openInterest.types.ts';

/** SQL that thins out one symbol's history, in either tier. */

const PastRow = SampleRow.pick({ ts: true, openInterest: true, openInterestUsd: true, markPrice: true });

/**
 * A symbol's past after `from`, at most a day ago, which is always in the hot tier; oldest first: the last sample of each bucket of `bucketSec` until `fineFrom`, then every
 * moment. Of several sources at one moment the best one counts.
 */
export function selectPast(
  db: Queryable,
  query: { symbol: string; from: Date; fineFrom: Date; bucketSec: number },
): Promise<z.output<typeof PastRow>[]> {
  return selectRows(
    db,
    PastRow,
    `with past as (
       select ts, open_interest, open_interest_usd, mark_price, open_interest_source_rank(source) as rank,
         case when ts >= $3::timestamptz then ts
           else date_bin(make_interval(secs => $4::int), ts, timestamptz 'epoch') end as bucket
       from open_interest_snapshots
       where symbol = $1::text and ts > $2::timestamptz
     )
     select distinct on (bucket) ${columnsOf(PastRow)}
     from past
     order by bucket, ts desc, rank desc`,
    [query.symbol, query.from, query.fineFrom, query.bucketSec],
  );
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
  bytes.transform((it) => parsePackedTimes(it)),
  bytes.transform((it) => parsePackedDoubles(it)),
  bytes.transform(parseDoubleArray),
];
const TimeColumns = z.object({ hour: times, first_ts: times, last_ts: times });
const DoubleColumns = z.object({
  samples: doubles,
  oi_open: doubles,
  oi_high: doubles,
  oi_low: doubles,
  oi_close: doubles,
});
const NullableColumns = z.object({ usd_close: nullables, mark_price: nullables, funding_rate: nullables });
const CandleColumns = z.object({
  source: z.string().transform((text) => z.array(Source).parse(text.split(','))),
  ...TimeColumns.shape,
  ...DoubleColumns.shape,
  ...NullableColumns.shape,
});
const CANDLE_COLUMNS = [
  `string_agg(source, ',') as source`,
  ...Object.keys(TimeColumns.shape).map((it) => `string_agg(timestamptz_send(${it}), '') as ${it}`),
  ...Object.keys(DoubleColumns.shape).map((it) => `string_agg(float8send(${it}::float8), '') as ${it}`),
  ...Object.keys(NullableColumns.shape).map((it) => `array_send(array_agg(${it})) as ${it}`),
].join(', ');

/**
 * The candles of the cold tier in any order, each as part of its bucket: `bucketMs` is an hour or a multiple of it. They are
 * read as one row of columns, because as 720 rows they cost more than the samples of a day.
 */
export async function selectCandles(db: Queryable, query: BucketQuery): Promise<HistoryBucketRow[]> {
  const columns = await selectOptionalRow(
    db,
    CandleColumns,
    `select ${CANDLE_COLUMNS} from open_interest_hours
     where symbol = $1::text and hour >= $2::timestamptz and hour < $3::timestamptz
     having count(*) > 0`,
    paramsOf(query).slice(0, 3),
  );
  if (columns === null) return [];
  return columns.source.map((source, i) => ({
    bucket: new Date(Math.floor(columns.hour[i]! / query.bucketMs) * query.bucketMs),
    first_ts: new Date(columns.first_ts[i]!),
    last_ts: new Date(columns.last_ts[i]!),
    samples: columns.samples[i]!,
    open_interest_open: columns.oi_open[i]!,
    open_interest: columns.oi_close[i]!,
    open_interest_min: columns.oi_low[i]!,
    open_interest_max: columns.oi_high[i]!,
    open_interest_usd: columns.usd_close[i]!,
    mark_price: columns.mark_price[i]!,
    funding_rate: columns.funding_rate[i]!,
    first_source: source,
    source,
  }));
}
