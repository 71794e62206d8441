import type { Queryable } from '../../platform/database/postgres.ts';
import { selectHotSymbolAfter } from './compaction.repository.ts';
import { daysWithin } from './days.ts';
import { selectColdSymbolAfter } from './hours.repository.ts';
import { selectPartitionDays } from './partitions.repository.ts';
import type { StoredSample } from './samples.repository.ts';
import { readFirstTime, streamSamples } from './tiers.ts';

/** Every symbol that has a sample in either tier from `from` to `to`, epoch ms, and perhaps some more; sorted. */
export async function listSymbols(db: Queryable, range: { from: number; to: number }): Promise<string[]> {
  const symbols = new Set<string>();
  for (let symbol = await selectColdSymbolAfter(db, ''); symbol !== null;) {
    symbols.add(symbol);
    symbol = await selectColdSymbolAfter(db, symbol);
  }
  for (const day of daysWithin(await selectPartitionDays(db), range)) {
    for (let symbol = await selectHotSymbolAfter(db, day, ''); symbol !== null;) {
      symbols.add(symbol);
      symbol = await selectHotSymbolAfter(db, day, symbol);
    }
  }
  return [...symbols].toSorted();
}

/** The samples of one symbol after the other in [from, to), epoch ms, a few hours at a time. */
export async function* streamHistory(
  db: Queryable,
  query: { symbols: readonly string[]; from: number; to: number },
): AsyncGenerator<StoredSample[]> {
  for (const symbol of query.symbols) {
    const first = await readFirstTime(db, symbol);
    if (first === null) continue;
    yield* streamSamples(db, { symbol, from: Math.max(query.from, first), to: query.to });
  }
}
