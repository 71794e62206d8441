import { z } from 'zod';
import { selectRows, type Queryable } from '../../platform/database/postgres.ts';
import { SampleRow } from './samples.repository.ts';
import { Source, type Sample } from '../openInterest.types.ts';

/** SQL that thins out one symbol's history in `open_interest_snapshots`. */

const PastRow = SampleRow.pick({ ts: true, open_interest: true, open_interest_usd: true, mark_price: true });

/**
 * A symbol's past after `from`, oldest first: the last sample of each bucket of `bucketSec` until `fineFrom`, then every
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
  open_interest: z.number(),
  open_interest_min: z.number(),
  open_interest_max: z.number(),
  open_interest_usd: z.number().nullable(),
  mark_price: z.number().nullable(),
  source: Source,
});
export type HistoryBucketRow = z.infer<typeof HistoryBucketRow>;

/**
 * A symbol's history in buckets aligned to the epoch: last value, lowest and highest, and which source gave the last
 * value. Buckets without a sample are absent.
 */
export async function selectHistoryBuckets(
  db: Queryable,
  query: { symbol: string; from: Date; to: Date; bucketSec: number },
): Promise<HistoryBucketRow[]> {
  return selectRows(
    db,
    HistoryBucketRow,
    `with ranked as (
       select date_bin(make_interval(secs => $4::int), ts, timestamptz 'epoch') as bucket, ts, source,
         open_interest, open_interest_usd, mark_price, open_interest_source_rank(source) as rank
       from open_interest_snapshots
       where symbol = $1::text and ts >= $2::timestamptz and ts < $3::timestamptz
     )
     select bucket, min(ts) as first_ts, max(ts) as last_ts,
       (array_agg(open_interest order by ts desc, rank desc))[1] as open_interest,
       min(open_interest) as open_interest_min,
       max(open_interest) as open_interest_max,
       (array_agg(open_interest_usd order by ts desc, rank desc))[1] as open_interest_usd,
       (array_agg(mark_price order by ts desc, rank desc))[1] as mark_price,
       (array_agg(source order by ts desc, rank desc))[1] as source
     from ranked
     group by bucket
     order by bucket`,
    [query.symbol, query.from, query.to, query.bucketSec],
  );
}
