import { z } from 'zod';
import { selectRow, type Queryable } from '../../platform/database/postgres.ts';
import type { Sample } from '../openInterest.types.ts';

const SAMPLE_COLUMNS = 'symbol, ts, source, open_interest, open_interest_usd, mark_price, funding_rate';

export const PersistedRow = z.object({ inserted: z.number(), stale: z.number() });
export type Persisted = z.infer<typeof PersistedRow>;

/**
 * Stores samples in history and moves `latest` forward, in one statement, so that the two cannot disagree. A sample that
 * is stored already (symbol, ts, source) stays as it is; backfill never becomes the latest.
 *
 * `samples` must be distinct and sorted by symbol (`distinctSamples`): unsorted chunks deadlock each other.
 * One of `tooOld` becomes the latest only where the symbol has a latest already.
 *
 * Returns how many rows were new, and how many of those are no backfill and still did not become the latest.
 */
export async function insertSamples(
  db: Queryable,
  samples: readonly Sample[],
  tooOld: ReadonlySet<Sample> = new Set(),
): Promise<Persisted> {
  return selectRow(
    db,
    PersistedRow,
    `with given as (
       select * from unnest(
         $1::text[], $2::timestamptz[], $3::text[], $4::float8[], $5::float8[], $6::float8[], $7::float8[],
         $8::boolean[]
       ) as given(${SAMPLE_COLUMNS}, is_too_old)
     ),
     history as (
       insert into open_interest_snapshots (${SAMPLE_COLUMNS})
       select ${SAMPLE_COLUMNS} from given order by symbol, ts, source
       on conflict (symbol, ts, source) do nothing
       returning source
     ),
     newest as (
       select distinct on (symbol) ${SAMPLE_COLUMNS} from given
       where source <> 'backfill'
         and (not is_too_old or exists (select from open_interest_latest where symbol = given.symbol))
       order by symbol, ts desc, open_interest_source_rank(source) desc
     ),
     latest as (
       insert into open_interest_latest as stored (${SAMPLE_COLUMNS})
       select ${SAMPLE_COLUMNS} from newest order by symbol
       on conflict (symbol) do update set
         ts = excluded.ts,
         source = excluded.source,
         open_interest = excluded.open_interest,
         open_interest_usd = excluded.open_interest_usd,
         mark_price = excluded.mark_price,
         funding_rate = excluded.funding_rate,
         updated_at = now()
       where (stored.ts, open_interest_source_rank(stored.source))
           < (excluded.ts, open_interest_source_rank(excluded.source))
       returning symbol
     )
     select (select count(*) from history)::int as inserted,
       greatest(0, (select count(*) from history where source <> 'backfill') - (select count(*) from latest))::int
         as stale`,
    [
      samples.map((it) => it.symbol),
      samples.map((it) => new Date(it.ts).toISOString()),
      samples.map((it) => it.source),
      samples.map((it) => it.openInterest),
      samples.map((it) => it.openInterestUsd),
      samples.map((it) => it.markPrice),
      samples.map((it) => it.fundingRate),
      samples.map((it) => tooOld.has(it)),
    ],
  );
}
