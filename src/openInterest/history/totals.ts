import { DAY_MS } from '../../kit/clock.ts';
import type { Queryable } from '../../platform/database/postgres.ts';
import { daysBefore } from './days.ts';
import { selectColdTotals } from './hours.repository.ts';
import { selectHotDays } from './partitions.repository.ts';

/** The contents of both tiers. `bytes` are those on disk, with indexes; samples of the hot tier are the planner's estimate. */
export type HistoryTotals = {
  hot: TierTotals & { /** Days that are not compacted yet and should be. */ backlogDays: number };
  cold: TierTotals & { blocks: number; payloadBytes: number; /** Epoch ms. */ compactedAt: number | null };
};

type TierTotals = {
  days: number;
  /** `2026-11-20` */
  oldest: string | null;
  newest: string | null;
  samples: number;
  bytes: number;
};

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
  const cold = await selectColdTotals(db);
  // Partitions are made a week ahead; an empty one is no day of history.
  const filled = hotDays.filter((it) => it.samples > 0);
  const sum = (value: (day: (typeof hotDays)[number]) => number): number =>
    hotDays.reduce((total, day) => total + value(day), 0);
  const waiting = new Set(
    daysBefore(
      filled.map((it) => it.day),
      before,
    ),
  );
  return {
    hot: {
      days: filled.length,
      oldest: filled[0]?.day ?? null,
      newest: filled.at(-1)?.day ?? null,
      samples: sum((it) => it.samples),
      bytes: sum((it) => it.bytes),
      backlogDays: waiting.size,
    },
    cold: {
      days: cold.days,
      oldest: cold.oldest,
      newest: cold.newest,
      samples: cold.samples,
      bytes: cold.bytes,
      blocks: cold.blocks,
      payloadBytes: cold.payload_bytes,
      compactedAt: cold.compacted_at?.getTime() ?? null,
    },
  };
}
