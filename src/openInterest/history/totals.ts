import type { Queryable } from '../../platform/database/postgres.ts';
import { daysBefore } from './days.ts';
import { selectColdTotals } from './hours.repository.ts';
import { selectHotDays } from './partitions.repository.ts';

/** What the two tiers hold. `bytes` are those on disk, with indexes; samples of the hot tier are the planner's estimate. */
export type HistoryTotals = {
  hot: TierTotals & { /** Days that wait to be compacted. */ backlogDays: number };
  cold: TierTotals & { blocks: number; payloadBytes: number; compactedAt: number | null };
};

type TierTotals = {
  days: number;
  oldest: string | null;
  newest: string | null;
  samples: number;
  bytes: number;
};

/** `hotBefore`, epoch ms: days that ended by then belong into the cold tier. Cheap: nothing is counted. */
export async function selectHistoryTotals(db: Queryable, hotBefore: number): Promise<HistoryTotals> {
  const hotDays = await selectHotDays(db);
  const cold = await selectColdTotals(db);
  // Partitions are made a week ahead; an empty one is no day of history.
  const filled = hotDays.filter((it) => it.samples > 0);
  const sum = (value: (day: (typeof hotDays)[number]) => number): number =>
    hotDays.reduce((total, day) => total + value(day), 0);
  const waiting = new Set(
    daysBefore(
      filled.map((it) => it.day),
      hotBefore,
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
