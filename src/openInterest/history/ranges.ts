import type { Database } from '../../platform/database/database.ts';
import type { Queryable } from '../../platform/database/postgres.ts';
import { DAY_MS } from '../../kit/clock.ts';
import { hourOf } from './blocks.ts';
import { daysWithin, startOf } from './days.ts';
import { selectPartitionDays } from './partitions.repository.ts';
import { selectColdRanges, selectHotRanges, type HourRange } from './ranges.repository.ts';

/** Each keeps a core of the database busy for less than a second. */
const DAYS_AT_ONCE = 3;

type RangeQuery = { symbols: readonly string[]; from: number; to: number };

/**
 * The least and greatest contracts of each symbol and hour from `from` to `to`, epoch ms, in the rows of the hot tier, by
 * symbol, in any order. For many symbols at once: the rows of a few lie on as many pages.
 */
export async function readHotRanges(
  db: Database,
  { symbols, ...range }: RangeQuery,
): Promise<Map<string, HourRange[]>> {
  const bySymbol = new Map(symbols.map((it) => [it, [] as HourRange[]]));
  const days = daysWithin(await selectPartitionDays(db), range);
  for (let i = 0; i < days.length; i += DAYS_AT_ONCE) {
    const found = await Promise.all(
      days.slice(i, i + DAYS_AT_ONCE).map((day) =>
        selectHotRanges(db, {
          symbols,
          from: Math.max(range.from, startOf(day)),
          to: Math.min(range.to, startOf(day) + DAY_MS),
        }),
      ),
    );
    for (const it of found.flat()) bySymbol.get(it.symbol)?.push(it);
  }
  return bySymbol;
}

/**
 * The same over both tiers and all sources, by symbol, oldest first: a few symbols a call. `hot` is what `readHotRanges` found
 * before, so that what is compacted meanwhile is found twice and never missed; then `samples` counts it twice.
 */
export async function readHourRanges(
  db: Queryable,
  query: RangeQuery,
  hot: ReadonlyMap<string, readonly HourRange[]>,
): Promise<Map<string, HourRange[]>> {
  const cold = await selectColdRanges(db, { ...query, from: hourOf(query.from) });
  const bySymbol = new Map(query.symbols.map((it) => [it, new Map<number, HourRange>()]));
  for (const range of [...query.symbols.flatMap((it) => hot.get(it) ?? []), ...cold]) {
    const hours = bySymbol.get(range.symbol);
    const held = hours?.get(range.hour);
    hours?.set(range.hour, held ? joinRanges(held, range) : range);
  }
  return new Map(
    Array.from(bySymbol, ([symbol, hours]) => [
      symbol,
      [...hours.values()].toSorted((a, b) => a.hour - b.hour),
    ]),
  );
}

function joinRanges(a: HourRange, b: HourRange): HourRange {
  return {
    ...a,
    low: Math.min(a.low, b.low),
    high: Math.max(a.high, b.high),
    samples: a.samples + b.samples,
  };
}
