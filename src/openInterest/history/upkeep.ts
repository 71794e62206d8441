import type { Counter, Gauge } from 'prom-client';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, type Clock } from '../../kit/clock.ts';
import type { Releasers } from '../../kit/lifecycle.ts';
import type { Logger } from '../../kit/logger.ts';
import { startLoop } from '../../kit/loop.ts';
import type { Database } from '../../platform/database/database.ts';
import { selectDatabaseTime } from '../../platform/database/databaseTime.ts';
import { compactDays, expireHours, type CompactionContext } from './compaction.ts';
import { maintainPartitions } from './partitions.ts';
import { selectHistoryTotals, type HistoryTotals } from './totals.ts';

export type HistoryUpkeepContext = {
  db: Database;
  clock: Clock;
  logger: Logger;
  /** How long samples are kept, and how long they stay rows. */
  retentionDays: number;
  hotDays: number;
  metrics: HistoryMetrics;
};

type HistoryMetrics = {
  historyBytes: Gauge<'tier'>;
  historyDays: Gauge<'tier'>;
  historyCompactedAt: Gauge;
  historyFaults: Counter;
};

/** Soon after the start, which has more urgent things to do, and then as often as late samples are worth. */
const FIRST_COMPACTION_MS = MINUTE_MS;
const COMPACTION_EVERY_MS = 10 * MINUTE_MS;

/**
 * Makes and drops partitions, and compacts and expires days. Both run beside readiness: a dump of the history or ten years of
 * old days may delay them for as long as they take.
 */
export function startHistoryUpkeep(context: HistoryUpkeepContext, releasers: Releasers): void {
  startPartitionLoop(context, releasers);
  startCompactionLoop(context, releasers);
}

/** At once, every hour, and every minute while something is in the way. */
function startPartitionLoop(context: HistoryUpkeepContext, releasers: Releasers): void {
  const { db, clock, logger, retentionDays } = context;
  let everyMs = HOUR_MS;

  async function maintain(): Promise<void> {
    const made: string[] = [];
    const dropped: string[] = [];
    everyMs = MINUTE_MS;
    try {
      await maintainPartitions(db, clock.now(), retentionDays, (change) => {
        if ('made' in change) made.push(change.made);
        else dropped.push(change.dropped);
      });
      everyMs = HOUR_MS;
    } finally {
      if (made.length + dropped.length > 0) logger.info({ made, dropped }, 'partitions maintained');
    }
  }

  const loop = startLoop({
    clock,
    everyMs: () => everyMs,
    task: maintain,
    immediately: true,
    onError: (err) => logger.warn({ err, loop: 'partitions' }, 'partitions not maintained, retrying'),
  });
  releasers.push('partitions', () => loop.stop());
}

function startCompactionLoop(context: HistoryUpkeepContext, releasers: Releasers): void {
  const { db, clock, logger } = context;
  const stopping = new AbortController();
  let everyMs = FIRST_COMPACTION_MS;
  const loop = startLoop({
    clock,
    everyMs: () => everyMs,
    async task() {
      everyMs = COMPACTION_EVERY_MS;
      await compactHistory({ db, signal: stopping.signal }, context);
    },
    onError: (err) => logger.warn({ err, loop: 'compaction' }, 'history not compacted, retrying'),
  });
  releasers.push('compaction', () => {
    stopping.abort();
    return loop.stop();
  });
}

/** One run of compaction and of the cold tier's retention. */
async function compactHistory(
  context: CompactionContext,
  { clock, logger, retentionDays, hotDays, metrics }: Omit<HistoryUpkeepContext, 'db'>,
): Promise<void> {
  // What expires is gone: a node whose clock is ahead must not take the history with it.
  const now = Math.min(clock.now(), (await selectDatabaseTime(context.db)).getTime());
  const startedAt = clock.now();
  const hotBefore = now - Math.min(hotDays, retentionDays) * DAY_MS;
  const { days, faults } = await compactDays(context, hotBefore);
  if (days.length > 0) logger.info({ days, ms: clock.now() - startedAt }, 'history compacted');
  metrics.historyFaults.inc(faults.length);
  for (const { err, day, symbol } of faults) {
    logger.error({ err, day, symbol }, 'a day of this symbol cannot be compacted and stays as rows');
  }
  const expired = await expireHours(context, now - retentionDays * DAY_MS);
  if (expired > 0) logger.info({ blocks: expired }, 'expired hour blocks removed');
  measureTiers(metrics, await selectHistoryTotals(context.db, hotBefore));
}

function measureTiers(metrics: HistoryMetrics, { hot, cold }: HistoryTotals): void {
  metrics.historyBytes.set({ tier: 'hot' }, hot.bytes);
  metrics.historyBytes.set({ tier: 'cold' }, cold.bytes);
  metrics.historyDays.set({ tier: 'hot' }, hot.days);
  metrics.historyDays.set({ tier: 'cold' }, cold.days);
  metrics.historyDays.set({ tier: 'backlog' }, hot.backlogDays);
  metrics.historyCompactedAt.set((cold.compactedAt ?? 0) / SECOND_MS);
}
