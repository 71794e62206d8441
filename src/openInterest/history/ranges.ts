import type { Queryable } from '../../platform/database/postgres.ts';
import { hourOf } from './blocks.ts';
import { daysWithin, endOf, startOf } from './days.ts';
import { selectPartitionDays } from './partitions.repository.ts';
import { selectColdRanges, selectHotRanges, type HourRange } from './ranges.repository.ts';

/**
 * The least and greatest contracts of each symbol and hour from `from` to `to`, epoch ms, over both tiers and all sources,
 * oldest first. A few symbols a call: a statement reads every row that they have in a day. The hot tier is read first, so
 * what is compacted meanwhile is found twice and never missed; then `samples` counts it twice.
 */
export async function readHourRanges(
  db: Queryable,
  query: { symbols: readonly string[]; from: number; to: number },
): Promise<Map<string, HourRange[]>> {
  const found: HourRange[] = [];
  for (const day of daysWithin(await selectPartitionDays(db), query)) {
    const [from, to] = [Math.max(query.from, startOf(day)), Math.min(query.to, endOf(day))];
    for (const range of await selectHotRanges(db, { ...query, from, to })) found.push(range);
  }
  const cold = await selectColdRanges(db, { ...query, from: hourOf(query.from) });
  for (const range of cold) found.push(range);
  const bySymbol = new Map<string, Map<number, HourRange>>();
  for (const range of found) {
    let hours = bySymbol.get(range.symbol);
    if (hours === undefined) bySymbol.set(range.symbol, (hours = new Map()));
    const held = hours.get(range.hour);
    hours.set(range.hour, held ? joinRanges(held, range) : range);
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
