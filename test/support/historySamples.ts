import { SECOND_MS } from '../../src/kit/clock.ts';
import { makeDays } from '../../src/openInterest/history/partitions.ts';
import { selectPartitionDays } from '../../src/openInterest/history/partitions.repository.ts';
import { insertSamples } from '../../src/openInterest/history/insertSamples.repository.ts';
import type { Sample } from '../../src/openInterest/openInterest.types.ts';
import { aSample } from './builders.ts';
import type { TestDatabase } from './database.ts';

/** Samples of `symbols` every 10 minutes of the day that begins at `from`, every fifth without a price. */
export function aDay(symbols: readonly string[], from: number, given: Partial<Sample> = {}): Sample[] {
  const markPrice = 93_041.35;
  return symbols.flatMap((symbol, s) =>
    Array.from({ length: 144 }, (_, i) => {
      const openInterest = (90_761_482 + 1_000 * s + 77 * ((i * 31) % 144)) / 1_000;
      return aSample({
        symbol,
        ts: from + i * 600 * SECOND_MS + 13 * s,
        openInterest,
        openInterestUsd: i % 5 === 0 ? null : openInterest * markPrice,
        markPrice: i % 5 === 0 ? null : markPrice,
        ...given,
      });
    }),
  );
}

/** Stores samples as ingest does, the days that they need included. */
export async function storeSamples(
  database: TestDatabase,
  samples: readonly Sample[],
): Promise<readonly Sample[]> {
  await makeDays(
    database.db,
    samples.map((it) => it.ts),
  );
  const sorted = samples.toSorted((a, b) => (a.symbol < b.symbol ? -1 : Number(a.symbol > b.symbol)));
  for (let i = 0; i < sorted.length; i += 500) await insertSamples(database.db, sorted.slice(i, i + 500));
  return samples;
}

/** Both tiers without a row, and without a partition. */
export async function clearHistory({ pool }: TestDatabase): Promise<void> {
  await pool.query('truncate open_interest_hours, open_interest_cold_days, open_interest_latest');
  for (const day of await selectPartitionDays(pool)) {
    await pool.query(`drop table open_interest_snapshots_${day.replaceAll('-', '_')}`);
  }
}
