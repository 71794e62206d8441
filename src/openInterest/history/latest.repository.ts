import { z } from 'zod';
import { columnsOf, execute, selectRows, type Queryable } from '../../platform/database/postgres.ts';
import { SAMPLE_FIELDS, SampleRow } from './samples.repository.ts';
import type { Sample } from '../openInterest.types.ts';

/** SQL that reads and trims `open_interest_latest` (the newest sample of each symbol). Ingest writes it. */

const LatestRow = SampleRow.extend({ updatedAt: z.date() });
const LATEST_FIELDS = columnsOf(LatestRow);

/** `newestUpdateAt`: the newest write among `samples`, `null` when there are none. */
export type LatestRead = { samples: Sample[]; newestUpdateAt: Date | null };

/**
 * The newest sample of at most `limit` symbols: members of the universe first, then those that moved last. However many
 * rows there are, this is what a board has room for.
 */
export async function selectLatest(db: Queryable, limit: number): Promise<LatestRead> {
  const rows = await selectRows(
    db,
    LatestRow,
    `select ${LATEST_FIELDS} from open_interest_latest
     order by (symbol in (select symbol from open_interest_liquid_symbols)) desc, ts desc, symbol
     limit $1::int`,
    [limit],
  );
  const newest = Math.max(...rows.map((row) => row.updatedAt.getTime()));
  return { samples: rows.map(toSample), newestUpdateAt: rows.length === 0 ? null : new Date(newest) };
}

/** The newest samples of these symbols. */
export function selectLatestOf(db: Queryable, symbols: readonly string[]): Promise<Sample[]> {
  return selectRows(
    db,
    SampleRow,
    `select ${SAMPLE_FIELDS} from open_interest_latest where symbol = any($1::text[])`,
    [symbols],
  );
}

/** Latest rows written at or after `since`. */
export async function selectLatestChangedSince(db: Queryable, since: Date): Promise<LatestRead> {
  const rows = await selectRows(
    db,
    LatestRow,
    `select ${LATEST_FIELDS} from open_interest_latest
     where updated_at >= $1::timestamptz
     order by updated_at`,
    [since],
  );
  return { samples: rows.map(toSample), newestUpdateAt: rows.at(-1)?.updatedAt ?? null };
}

/** Forgets symbols whose last sample is older than what history keeps. */
export async function deleteLatestBefore(db: Queryable, before: Date): Promise<number> {
  return execute(db, 'delete from open_interest_latest where ts < $1::timestamptz', [before]);
}

/** Deletes the rows of these symbols, unless a newer sample has arrived since. */
export async function deleteLatest(
  db: Queryable,
  gone: readonly Pick<Sample, 'symbol' | 'ts'>[],
): Promise<number> {
  return execute(
    db,
    `delete from open_interest_latest as latest
     using unnest($1::text[], $2::timestamptz[]) as gone(symbol, ts)
     where latest.symbol = gone.symbol and latest.ts <= gone.ts`,
    [gone.map((it) => it.symbol), gone.map((it) => new Date(it.ts).toISOString())],
  );
}

/**
 * Deletes at most `batch` symbols beyond the `keep` that moved last, never members of the universe. Returns how many: 0
 * when none is left.
 */
export async function deleteLatestBeyond(db: Queryable, keep: number, batch: number): Promise<number> {
  return execute(
    db,
    `with oldest_kept as (
       select ts from open_interest_latest order by ts desc offset greatest($1::int - 1, 0) limit 1
     )
     delete from open_interest_latest where ctid = any(array(
       select ctid from open_interest_latest
       where ts < (select ts from oldest_kept)
         and symbol not in (select symbol from open_interest_liquid_symbols)
       limit $2::int
     ))`,
    [keep, batch],
  );
}

function toSample({ updatedAt: _updatedAt, ...sample }: z.output<typeof LatestRow>): Sample {
  return sample;
}
