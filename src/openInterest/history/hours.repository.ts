import { z } from 'zod';
import { execute, selectRow, selectRows, type Queryable } from '../../platform/database/postgres.ts';
import { Source } from '../openInterest.types.ts';
import type { HourBlock, HourKey, HourPayload, HourSummary } from './blocks.ts';

/** SQL of `open_interest_hours`, the cold tier, and of `open_interest_cold_days`, its account by day. */

const nullable = z.number().nullable();

const HourSummaryRow = z.object({
  symbol: z.string(),
  hour: z.date(),
  source: Source,
  samples: z.number(),
  first_ts: z.date(),
  last_ts: z.date(),
  oi_open: z.number(),
  oi_high: z.number(),
  oi_low: z.number(),
  oi_close: z.number(),
  usd_open: nullable,
  usd_high: nullable,
  usd_low: nullable,
  usd_close: nullable,
  mark_price: nullable,
  funding_rate: nullable,
});

export const HourRow = HourSummaryRow.extend({ codec: z.number(), payload: z.instanceof(Uint8Array) });
const COLUMNS = Object.keys(HourRow.shape).join(', ');
const Payload = HourRow.pick({ symbol: true, hour: true, source: true, codec: true, payload: true });

/** Hours of one symbol that begin in [from, to), epoch ms. */
export type HourRange = { symbol: string; from: number; to: number };

/** The blocks, oldest first. A range of more than some days belongs into several calls. */
export async function selectHours(db: Queryable, range: HourRange): Promise<HourBlock[]> {
  const rows = await selectRows(
    db,
    HourRow,
    `select ${COLUMNS} from open_interest_hours
     where symbol = $1::text and hour >= $2::timestamptz and hour < $3::timestamptz
     order by hour, open_interest_source_rank(source)`,
    [range.symbol, new Date(range.from), new Date(range.to)],
  );
  return rows.map(toBlock);
}

/** The payloads of these symbols and hours, epoch ms: some hundred of them. */
export async function selectPayloads(
  db: Queryable,
  wanted: readonly { symbol: string; hour: number }[],
): Promise<HourPayload[]> {
  const rows = await selectRows(
    db,
    Payload,
    `select symbol, hour, source, codec, payload
     from unnest($1::text[], $2::timestamptz[]) as wanted(symbol, hour)
     join open_interest_hours using (symbol, hour)`,
    [wanted.map((it) => it.symbol), wanted.map((it) => new Date(it.hour))],
  );
  return rows.map((row) => ({ ...row, hour: row.hour.getTime() }));
}

/** Hours and sample counts of the last `limit` blocks that begin at or before `at`, newest first, of one source or of all. */
export async function selectHourCountsBefore(
  db: Queryable,
  query: { symbol: string; at: number; source: Source | null; limit: number },
): Promise<{ hour: number; samples: number }[]> {
  const rows = await selectRows(
    db,
    HourSummaryRow.pick({ hour: true, samples: true }),
    `select hour, samples from open_interest_hours
     where symbol = $1::text and hour <= $2::timestamptz and ($3::text is null or source = $3::text)
     order by hour desc
     limit $4::int`,
    [query.symbol, new Date(query.at), query.source, query.limit],
  );
  return rows.map((row) => ({ hour: row.hour.getTime(), samples: row.samples }));
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
       select ${COLUMNS} from open_interest_hours as hours
       where hours.symbol = wanted.symbol and hours.source = given.source
         and hours.hour <= $2::timestamptz and hours.hour > $3::timestamptz - interval '1 hour'
         and hours.first_ts <= $2::timestamptz
       order by hours.hour desc
       limit 1
     ) as held`,
    [query.symbols, new Date(query.at), new Date(query.notBefore), query.sources],
  );
  return rows.map(toBlock);
}

/** Writes blocks over those that are held, and notes the difference in the account of `day` (`2026-11-20`). */
export async function upsertHours(db: Queryable, day: string, blocks: readonly HourBlock[]): Promise<void> {
  const column = (value: (block: HourBlock) => unknown): unknown[] => blocks.map(value);
  const time = (value: (block: HourBlock) => number): unknown[] =>
    blocks.map((it) => new Date(value(it)).toISOString());
  const updates = Object.keys(HourRow.shape).filter((it) => !['symbol', 'hour', 'source'].includes(it));
  await execute(
    db,
    `with given as (
       select * from unnest(
         $2::text[], $3::timestamptz[], $4::text[], $5::int[], $6::timestamptz[], $7::timestamptz[],
         $8::float8[], $9::float8[], $10::float8[], $11::float8[], $12::float8[], $13::float8[], $14::float8[],
         $15::float8[], $16::float8[], $17::float8[], $18::smallint[], $19::bytea[]
       ) as given(${COLUMNS})
     ),
     held as (
       select held.samples, length(held.payload) as bytes
       from open_interest_hours as held join given using (symbol, hour, source)
     ),
     written as (
       insert into open_interest_hours (${COLUMNS}) select ${COLUMNS} from given
       on conflict (symbol, hour, source) do update set ${updates.map((it) => `${it} = excluded.${it}`).join(', ')}
     )
     insert into open_interest_cold_days as account (day, blocks, samples, payload_bytes)
     select $1::date,
       (select count(*) from given) - (select count(*) from held),
       (select coalesce(sum(samples), 0) from given) - (select coalesce(sum(samples), 0) from held),
       (select coalesce(sum(length(payload)), 0) from given) - (select coalesce(sum(bytes), 0) from held)
     on conflict (day) do update set
       blocks = account.blocks + excluded.blocks,
       samples = account.samples + excluded.samples,
       payload_bytes = account.payload_bytes + excluded.payload_bytes,
       compacted_at = now()`,
    [
      day,
      column((it) => it.symbol),
      time((it) => it.hour),
      column((it) => it.source),
      column((it) => it.samples),
      time((it) => it.firstTs),
      time((it) => it.lastTs),
      column((it) => it.oi.open),
      column((it) => it.oi.high),
      column((it) => it.oi.low),
      column((it) => it.oi.close),
      column((it) => it.usd.open),
      column((it) => it.usd.high),
      column((it) => it.usd.low),
      column((it) => it.usd.close),
      column((it) => it.markPrice),
      column((it) => it.fundingRate),
      column((it) => it.codec),
      column((it) => it.payload),
    ],
  );
}

/** The first symbol after `after` that has a block; `null` when there is none. */
export async function selectColdSymbolAfter(db: Queryable, after: string): Promise<string | null> {
  const [row] = await selectRows(
    db,
    z.object({ symbol: z.string() }),
    'select symbol from open_interest_hours where symbol > $1::text order by symbol limit 1',
    [after],
  );
  return row?.symbol ?? null;
}

/** First and last hour of `symbol`, epoch ms; `null` when it has none. */
export async function selectOptionalColdSpan(
  db: Queryable,
  symbol: string,
): Promise<{ first: number; last: number } | null> {
  const { first, last } = await selectRow(
    db,
    z.object({ first: z.date().nullable(), last: z.date().nullable() }),
    'select min(hour) as first, max(hour) as last from open_interest_hours where symbol = $1::text',
    [symbol],
  );
  return first && last && { first: first.getTime(), last: last.getTime() };
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

export const ColdTotalsRow = z.object({
  days: z.number(),
  blocks: z.number(),
  samples: z.number(),
  payload_bytes: z.number(),
  oldest: z.string().nullable(),
  newest: z.string().nullable(),
  compacted_at: z.date().nullable(),
  bytes: z.number(),
});

/** What the cold tier holds; `bytes` on disk, with its index. */
export function selectColdTotals(db: Queryable): Promise<z.output<typeof ColdTotalsRow>> {
  return selectRow(
    db,
    ColdTotalsRow,
    `select count(*) as days, coalesce(sum(blocks), 0)::int8 as blocks, coalesce(sum(samples), 0)::int8 as samples,
       coalesce(sum(payload_bytes), 0)::int8 as payload_bytes, min(day)::text as oldest, max(day)::text as newest,
       max(compacted_at) as compacted_at, pg_total_relation_size('open_interest_hours') as bytes
     from open_interest_cold_days`,
  );
}

function toSummary(row: z.output<typeof HourSummaryRow>): HourKey & HourSummary {
  return {
    symbol: row.symbol,
    hour: row.hour.getTime(),
    source: row.source,
    samples: row.samples,
    firstTs: row.first_ts.getTime(),
    lastTs: row.last_ts.getTime(),
    oi: { open: row.oi_open, high: row.oi_high, low: row.oi_low, close: row.oi_close },
    usd: { open: row.usd_open, high: row.usd_high, low: row.usd_low, close: row.usd_close },
    markPrice: row.mark_price,
    fundingRate: row.funding_rate,
  };
}

function toBlock(row: z.output<typeof HourRow>): HourBlock {
  return { ...toSummary(row), codec: row.codec, payload: row.payload };
}
