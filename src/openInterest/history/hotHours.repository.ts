import { z } from 'zod';
import { parseDoubleArray, parseDoubles, parseTimes } from '../../platform/database/binaryArrays.ts';
import { selectRows, type Queryable } from '../../platform/database/postgres.ts';
import { Source } from '../openInterest.types.ts';
import type { ContractColumns, PriceColumns } from './codec/hourCodec.ts';

/** SQL that reads rows of the hot tier an hour at a time, as arrays: in a tenth of the time of single rows. */

const bytes = z.instanceof(Buffer);
const COLUMNS = ['ts', 'created_at', 'open_interest', 'open_interest_usd', 'mark_price', 'funding_rate'];

/** Of rows that are grouped by hour and source. */
export const HOT_HOUR_COLUMNS = [
  `date_bin('1 hour', ts, 'epoch') as hour, source`,
  ...COLUMNS.map((name) => `array_send(array_agg(${name})) as ${name}`),
].join(', ');

export const HotHourRow = z.object({
  hour: z.date(),
  source: Source,
  ts: bytes,
  created_at: bytes,
  open_interest: bytes,
  open_interest_usd: bytes,
  mark_price: bytes,
  funding_rate: bytes,
});

/** The rows of one symbol, hour (epoch ms) and source, which two steps parse. */
export type HotHour = { hour: number; source: Source; open: () => HotColumns };

/** In any order. A `ts` has a fraction where the row's has one. */
export type HotColumns = ContractColumns & { prices: () => PriceColumns };

export function toHotHour(row: z.output<typeof HotHourRow>): HotHour {
  return {
    hour: row.hour.getTime(),
    source: row.source,
    open: () => ({
      ts: parseTimes(row.ts),
      createdAt: parseTimes(row.created_at).map(Math.floor),
      openInterest: parseDoubles(row.open_interest),
      prices: () => ({
        openInterestUsd: parseDoubleArray(row.open_interest_usd),
        markPrice: parseDoubleArray(row.mark_price),
        fundingRate: parseDoubleArray(row.funding_rate),
      }),
    }),
  };
}

const HotHourOfSymbolRow = HotHourRow.extend({ symbol: z.string() });

/** The rows of these symbols and hours, epoch ms, at least one. The hours of more than a month belong into several calls. */
export async function selectHotHours(
  db: Queryable,
  wanted: readonly { symbol: string; hour: number }[],
): Promise<(HotHour & { symbol: string })[]> {
  const hours = wanted.map((it) => it.hour);
  const rows = await selectRows(
    db,
    HotHourOfSymbolRow,
    `select wanted.symbol, held.* from unnest($1::text[], $2::timestamptz[]) as wanted(symbol, hour)
     cross join lateral (
       select ${HOT_HOUR_COLUMNS} from open_interest_snapshots as history
       where history.symbol = wanted.symbol
         and history.ts >= wanted.hour and history.ts < wanted.hour + interval '1 hour'
         and history.ts >= $3::timestamptz and history.ts < $4::timestamptz + interval '1 hour'
       group by 1, source
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
