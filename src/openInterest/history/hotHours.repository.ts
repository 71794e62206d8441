import { z } from 'zod';
import {
  floorTimes,
  parsePackedDoubles,
  parsePackedTimes,
  type PackedColumn,
} from '../../platform/database/binaryArrays.ts';
import { base64Bytes, epochMs, selectRows, type Queryable } from '../../platform/database/postgres.ts';
import { Source } from '../openInterest.types.ts';
import type { ContractColumns, PriceColumns } from './codec/hourCodec.ts';

/** SQL that reads rows of the hot tier an hour at a time, packed: in a tenth of the time of single rows. */

const COLUMNS = [
  'timestamptz_send(ts)',
  'timestamptz_send(created_at)',
  'float8send(open_interest)',
  // No sample has NaN, and a null would leave out its row.
  ...['open_interest_usd', 'mark_price', 'funding_rate'].map(
    (name) => `float8send(coalesce(${name}, 'NaN'))`,
  ),
];

/** An aggregate: 48 bytes a row. */
export const PACKED_SAMPLES = `encode(string_agg(${COLUMNS.join(' || ')}, ''), 'base64') as samples`;

export const HotHourRow = z.object({ hour: epochMs, source: Source, samples: base64Bytes });

/** The rows of one symbol, hour (epoch ms) and source, which two steps parse. */
export type HotHour = { hour: number; source: Source; open: () => HotColumns };

/** In any order. A `ts` has a fraction where the row's has one. */
export type HotColumns = ContractColumns & { prices: () => PriceColumns };

export function toHotHour({ hour, source, samples }: z.output<typeof HotHourRow>): HotHour {
  const column = (nth: number): PackedColumn => ({ nth, of: COLUMNS.length });
  const nullable = (nth: number) => withNulls(parsePackedDoubles(samples, column(nth)));
  return {
    hour,
    source,
    open: () => ({
      ts: parsePackedTimes(samples, column(0)),
      createdAt: floorTimes(parsePackedTimes(samples, column(1))),
      openInterest: parsePackedDoubles(samples, column(2)),
      prices: () => ({ openInterestUsd: nullable(3), markPrice: nullable(4), fundingRate: nullable(5) }),
    }),
  };
}

function withNulls(values: Float64Array): ArrayLike<number | null> {
  return values.some(Number.isNaN) ? Array.from(values, (it) => (Number.isNaN(it) ? null : it)) : values;
}

const HotHourOfSymbolRow = HotHourRow.extend({ symbol: z.string() });

/**
 * The rows of these symbols and hours, epoch ms, at least one; those of more than a month belong into several calls. The rows
 * of all symbols at one time share a few pages, so an hour of many symbols costs little more than that of one.
 */
export async function selectHotHours(
  db: Queryable,
  wanted: readonly { symbol: string; hour: number }[],
): Promise<(HotHour & { symbol: string })[]> {
  const hours = wanted.map((it) => it.hour);
  const rows = await selectRows(
    db,
    HotHourOfSymbolRow,
    `select wanted.hour, held.* from (
       select hour, array_agg(symbol) as symbols
       from unnest($1::text[], $2::timestamptz[]) as wanted(symbol, hour)
       group by hour
     ) as wanted
     cross join lateral (
       select symbol, source, ${PACKED_SAMPLES} from open_interest_snapshots as history
       where history.symbol = any(wanted.symbols)
         and history.ts >= wanted.hour and history.ts < wanted.hour + interval '1 hour'
         and history.ts >= $3::timestamptz and history.ts < $4::timestamptz + interval '1 hour'
       group by symbol, source
     ) as held`,
    [
      wanted.map((it) => it.symbol),
      // pg writes a `Date` in the zone of this process, which takes ten times as long.
      hours.map((it) => new Date(it).toISOString()),
      new Date(hours.reduce((a, b) => Math.min(a, b))),
      new Date(hours.reduce((a, b) => Math.max(a, b))),
    ],
  );
  return rows.map((row) => ({ symbol: row.symbol, ...toHotHour(row) }));
}
