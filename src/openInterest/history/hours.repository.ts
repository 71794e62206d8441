import { z } from 'zod';
import {
  base64Bytes,
  columnOf,
  columnsOf,
  epochMs,
  execute,
  selectColumn,
  selectRow,
  selectRows,
  type Queryable,
} from '../../platform/database/postgres.ts';
import { Source } from '../openInterest.types.ts';
import { HistoryTotals } from './history.types.ts';
import type { HourBlock, HourPayload } from './blocks.ts';

/**
 * SQL of `open_interest_hours`, the cold tier, and of `open_interest_cold_days`, its account by day; `upsertHours.repository.ts`
 * writes both.
 */

const nullable = z.number().nullable();
const bytes = z.instanceof(Uint8Array);

/** `tail` is the end of the payload where it is stored apart (`upsertHours.repository.ts`). */
export const HourRow = z.object({
  symbol: z.string(),
  hour: epochMs,
  source: Source,
  samples: z.number(),
  firstTs: epochMs,
  lastTs: epochMs,
  oiOpen: z.number(),
  oiHigh: z.number(),
  oiLow: z.number(),
  oiClose: z.number(),
  usdOpen: nullable,
  usdHigh: nullable,
  usdLow: nullable,
  usdClose: nullable,
  markPrice: nullable,
  fundingRate: nullable,
  codec: z.number(),
  payload: bytes,
  tail: bytes.nullable(),
});
export const HOUR_COLUMNS = Object.keys(HourRow.shape).map(columnOf).join(', ');
const HOUR_FIELDS = columnsOf(HourRow);
const PayloadRow = HourRow.pick({ symbol: true, hour: true, source: true, codec: true }).extend({
  payload: base64Bytes,
});
const PAYLOAD_FIELDS = columnsOf(PayloadRow, {
  payload: `encode(payload || coalesce(tail, ''), 'base64')`,
});

/** Hours of one symbol that begin in [from, to), epoch ms. */
export type HourRange = { symbol: string; from: number; to: number };

/** The blocks, oldest first. A range of more than some days belongs into several calls. */
export async function selectHours(db: Queryable, range: HourRange): Promise<HourBlock[]> {
  const rows = await selectRows(
    db,
    HourRow,
    `select ${HOUR_FIELDS} from open_interest_hours
     where symbol = $1::text and hour >= $2::timestamptz and hour < $3::timestamptz
     order by hour, open_interest_source_rank(source)`,
    [range.symbol, new Date(range.from), new Date(range.to)],
  );
  return rows.map(joinTail);
}

/** The payloads of these symbols and hours, epoch ms: some hundred of them. */
export function selectPayloads(
  db: Queryable,
  wanted: readonly { symbol: string; hour: number }[],
): Promise<HourPayload[]> {
  return selectRows(
    db,
    PayloadRow,
    `select ${PAYLOAD_FIELDS}
     from unnest($1::text[], $2::timestamptz[]) as wanted(symbol, hour)
     join open_interest_hours using (symbol, hour)`,
    [wanted.map((it) => it.symbol), wanted.map((it) => new Date(it.hour).toISOString())],
  );
}

/** The payloads of the hours of a symbol, in any order: some hundred of them. */
export function selectPayloadsWithin(db: Queryable, range: HourRange): Promise<HourPayload[]> {
  return selectRows(
    db,
    PayloadRow,
    `select ${PAYLOAD_FIELDS} from open_interest_hours
     where symbol = $1::text and hour >= $2::timestamptz and hour < $3::timestamptz`,
    [range.symbol, new Date(range.from), new Date(range.to)],
  );
}

/** Hours and sample counts of the last `limit` blocks that begin at or before `at`, newest first, of one source or of all. */
export async function selectHourCountsBefore(
  db: Queryable,
  query: { symbol: string; at: number; source: Source | null; limit: number },
): Promise<{ hour: number; samples: number }[]> {
  return selectRows(
    db,
    HourRow.pick({ hour: true, samples: true }),
    `select hour, samples from open_interest_hours
     where symbol = $1::text and hour <= $2::timestamptz and ($3::text is null or source = $3::text)
     order by hour desc
     limit $4::int`,
    [query.symbol, new Date(query.at), query.source, query.limit],
  );
}

/** Of each symbol and source the newest block whose first sample lies in [notBefore's hour, at]. */
export async function selectHoursAt(
  db: Queryable,
  query: { symbols: readonly string[]; at: number; notBefore: number; sources: readonly Source[] },
): Promise<HourBlock[]> {
  const rows = await selectRows(
    db,
    HourRow,
    `select held.* from unnest($1::text[]) as wanted(symbol)
     cross join unnest($4::text[]) as given(source)
     cross join lateral (
       select ${HOUR_FIELDS} from open_interest_hours as hours
       where hours.symbol = wanted.symbol and hours.source = given.source
         and hours.hour <= $2::timestamptz and hours.hour > $3::timestamptz - interval '1 hour'
         and hours.first_ts <= $2::timestamptz
       order by hours.hour desc
       limit 1
     ) as held`,
    [query.symbols, new Date(query.at), new Date(query.notBefore), query.sources],
  );
  return rows.map(joinTail);
}

/** The first symbol after `after` that has a block; `null` when there is none. */
export async function selectColdSymbolAfter(db: Queryable, after: string): Promise<string | null> {
  const [symbol] = await selectColumn(
    db,
    z.string(),
    'select symbol from open_interest_hours where symbol > $1::text order by symbol limit 1',
    [after],
  );
  return symbol ?? null;
}

/** First and last hour of `symbol`, epoch ms; `null` when it has none. */
export async function selectOptionalColdSpan(
  db: Queryable,
  symbol: string,
): Promise<{ first: number; last: number } | null> {
  const { first, last } = await selectRow(
    db,
    z.object({ first: epochMs.nullable(), last: epochMs.nullable() }),
    'select min(hour) as first, max(hour) as last from open_interest_hours where symbol = $1::text',
    [symbol],
  );
  return first === null || last === null ? null : { first, last };
}

/** How many samples each day should have, by the account that compaction keeps. */
export function selectColdAccount(db: Queryable): Promise<{ day: string; samples: number }[]> {
  return selectRows(
    db,
    z.object({ day: z.string(), samples: z.number() }),
    'select day, samples from open_interest_cold_days order by day',
  );
}

/** Removes the blocks of `symbol` whose hour is before `before`; answers how many. */
export async function deleteHoursBefore(db: Queryable, symbol: string, before: Date): Promise<number> {
  return execute(db, 'delete from open_interest_hours where symbol = $1::text and hour < $2::timestamptz', [
    symbol,
    before,
  ]);
}

/** Removes the accounts of days before `before` (`2026-11-20`); answers how many. */
export async function deleteColdDaysBefore(db: Queryable, before: string): Promise<number> {
  return execute(db, 'delete from open_interest_cold_days where day < $1::date', [before]);
}

export const ColdTotalsRow = HistoryTotals.shape.cold.extend({ compactedAt: epochMs.nullable() });

/** What the cold tier holds; `bytes` on disk, with its index. */
export function selectColdTotals(db: Queryable): Promise<HistoryTotals['cold']> {
  return selectRow(
    db,
    ColdTotalsRow,
    `select count(*) as days, min(day)::text as oldest, max(day)::text as newest,
       coalesce(sum(samples), 0)::int8 as samples, pg_total_relation_size('open_interest_hours') as bytes,
       coalesce(sum(blocks), 0)::int8 as blocks, coalesce(sum(payload_bytes), 0)::int8 as "payloadBytes",
       max(compacted_at) as "compactedAt"
     from open_interest_cold_days`,
  );
}

function joinTail({ tail, ...row }: z.output<typeof HourRow>): HourBlock {
  return tail === null ? row : { ...row, payload: Buffer.concat([row.payload, tail]) };
}
