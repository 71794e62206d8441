import type { Queryable } from '../../platform/database/postgres.ts';
import { DAY_MS } from '../../kit/clock.ts';
import { hourOf } from './blocks.ts';
import { daysWithin, startOf } from './days.ts';
import { selectPartitionDays } from './partitions.repository.ts';
import { selectColdRanges, selectHotRanges, type HourRange } from './ranges.repository.ts';

/** A statement aggregates the rows of all symbols in it within half a second, and more of them by way of the disk. */
const HOT_SLICE_MS = DAY_MS / 2;
/** Each keeps a core of the database busy. */
const HOT_SLICES_AT_ONCE = 2;

type RangeQuery = { symbols: readonly string[]; from: number; to: number };

/**
 * The least and greatest contracts of each symbol and hour from `from` to `to`, epoch ms, in the rows of the hot tier, by
 * symbol, in any order. For many symbols at once: the rows of a few lie on as many pages.
 */
export async function readHotRanges(
  db: Queryable,
  { symbols, ...range }: RangeQuery,
): Promise<Map<string, HourRange[]>> {
  const bySymbol = new Map(symbols.map((it) => [it, [] as HourRange[]]));
  const slices = daysWithin(await selectPartitionDays(db), range)
    .flatMap((day) => [startOf(day), startOf(day) + HOT_SLICE_MS])
    .map((from) => ({ from: Math.max(range.from, from), to: Math.min(range.to, from + HOT_SLICE_MS) }))
    .filter(({ from, to }) => from < to);
  for (let i = 0; i < slices.length; i += HOT_SLICES_AT_ONCE) {
    const part = slices.slice(i, i + HOT_SLICES_AT_ONCE);
    const found = await Promise.all(part.map((slice) => selectHotRanges(db, { symbols, ...slice })));
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
