import type { Queryable } from '../../platform/database/postgres.ts';
import { daysWithin } from './days.ts';
import { selectPartitionDays } from './partitions.repository.ts';
import type { StoredSample } from './samples.repository.ts';
import { selectColdSymbols, selectHotSymbols } from './symbols.repository.ts';
import { readFirstTime, streamSamples } from './tiers.ts';

/** Every symbol that has a sample in either tier from `from` to `to`, epoch ms, and perhaps some more; sorted. */
export async function listSymbols(db: Queryable, range: { from: number; to: number }): Promise<string[]> {
  const symbols = new Set(await selectColdSymbols(db));
  for (const day of daysWithin(await selectPartitionDays(db), range)) {
    for (const symbol of await selectHotSymbols(db, day)) symbols.add(symbol);
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
