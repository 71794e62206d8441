import { DAY_MS } from '../../kit/clock.ts';
import type { Queryable } from '../../platform/database/postgres.ts';
import { daysBefore } from './days.ts';
import type { HistoryTotals } from './history.types.ts';
import { selectColdTotals } from './hours.repository.ts';
import { selectHotDays } from './partitions.repository.ts';

/** Days that ended by this moment, epoch ms, belong into the cold tier. */
export function hotBefore(
  { hotDays, retentionDays }: { hotDays: number; retentionDays: number },
  now: number,
): number {
  return now - Math.min(hotDays, retentionDays) * DAY_MS;
}

/** `before` is `hotBefore`. Cheap: no row of a sample is read. */
export async function selectHistoryTotals(db: Queryable, before: number): Promise<HistoryTotals> {
  const hotDays = await selectHotDays(db);
  // Partitions are made a week ahead; an empty one is no day of history.
  const filled = hotDays.filter((it) => it.samples > 0);
  const sum = (value: (day: (typeof hotDays)[number]) => number): number =>
    hotDays.reduce((total, day) => total + value(day), 0);
  const waiting = daysBefore(
    filled.map((it) => it.day),
    before,
  );
  return {
    hot: {
      days: filled.length,
      oldest: filled[0]?.day ?? null,
      newest: filled.at(-1)?.day ?? null,
      samples: sum((it) => it.samples),
      bytes: sum((it) => it.bytes),
      backlogDays: waiting.length,
    },
    cold: await selectColdTotals(db),
  };
}
