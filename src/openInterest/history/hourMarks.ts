import type { Queryable } from '../../platform/database/postgres.ts';
import type { HourMark } from '../board/usual.ts';
import { daysWithin, startOf } from './days.ts';
import { selectColdMarks, selectHotMarks } from './hourMarks.repository.ts';
import { selectPartitionDays } from './partitions.repository.ts';

/**
 * Symbols at the whole hours in [from, to], epoch ms, oldest first, over both tiers. An hour without a sample in its last ten
 * minutes is absent. The hot tier is read first, so what is compacted meanwhile is found twice and never missed.
 */
export async function readHourMarks(
  db: Queryable,
  query: { symbols: readonly string[]; from: number; to: number },
): Promise<Map<string, HourMark[]>> {
  const [firstDay] = daysWithin(await selectPartitionDays(db), query);
  const hot = firstDay
    ? await selectHotMarks(db, { ...query, from: Math.max(query.from, startOf(firstDay)) })
    : [];
  const bySymbol = new Map(query.symbols.map((it) => [it, new Map<number, HourMark>()]));
  for (const row of [...hot, ...(await selectColdMarks(db, query))]) {
    const marks = bySymbol.get(row.symbol)!;
    for (const [i, at] of row.at.entries())
      marks.set(at, { at, openInterest: row.open_interest[i]!, markPrice: row.mark_price[i]! });
  }
  return new Map(
    Array.from(bySymbol, ([symbol, marks]) => [symbol, [...marks.values()].toSorted((a, b) => a.at - b.at)]),
  );
}
