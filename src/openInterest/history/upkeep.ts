import type { Counter, Gauge } from 'prom-client';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, type Clock } from '../../kit/clock.ts';
import type { Releasers } from '../../kit/lifecycle.ts';
import type { Logger } from '../../kit/logger.ts';
import { every } from '../../kit/loop.ts';
import type { Database } from '../../platform/database/database.ts';
import { selectAgreedTime } from '../../platform/database/databaseTime.ts';
import { compactDays, expireHours } from './compaction.ts';
import { createThrottle } from './throttle.ts';
import { maintainPartitions } from './partitions.ts';
import type { HistoryTotals } from './history.types.ts';
import { hotBefore, selectHistoryTotals } from './totals.ts';

type HistoryUpkeepContext = {
  db: Database;
  clock: Clock;
  logger: Logger;
  /** How long samples are kept, and how many of those days stay rows. */
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

/** The first run waits until the start is over; later runs mainly merge late samples. */
const FIRST_COMPACTION_MS = MINUTE_MS;
const COMPACTION_EVERY_MS = 10 * MINUTE_MS;

/**
 * Makes and drops partitions; compacts and expires days. Neither delays readiness, because a dump of the history or ten years
 * of old days can block them for minutes.
 */
export function startHistoryUpkeep(context: HistoryUpkeepContext, releasers: Releasers): void {
  startPartitionLoop(context, releasers);
  startCompactionLoop(context, releasers);
}

/** Immediately, then hourly, or every minute after a failed run. */
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

  every({ clock, logger, releasers }, 'partitions', () => everyMs, maintain, { immediately: true });
}

function startCompactionLoop(context: HistoryUpkeepContext, releasers: Releasers): void {
  const { clock, logger } = context;
  const stopping = new AbortController();
  let everyMs = FIRST_COMPACTION_MS;
  every(
    { clock, logger, releasers },
    'compaction',
    () => everyMs,
    () => {
      everyMs = COMPACTION_EVERY_MS;
      return compactHistory(context, stopping.signal);
    },
  );
  releasers.push('compaction signal', () => stopping.abort());
}

/** One run of compaction and of the cold tier's retention. */
async function compactHistory(context: HistoryUpkeepContext, signal: AbortSignal): Promise<void> {
  const { db, clock, logger, retentionDays, metrics } = context;
  const now = await selectAgreedTime(db, clock.now());
  const startedAt = clock.now();
  const before = hotBefore(context, now);
  const { days, faults } = await compactDays({ db, signal, onMoved: createThrottle(clock, signal) }, before);
  if (days.length > 0) logger.info({ days, ms: clock.now() - startedAt }, 'history compacted');
  metrics.historyFaults.inc(faults.length);
  for (const { err, day, symbol } of faults) {
    logger.error({ err, day, symbol }, 'a day of this symbol cannot be compacted and stays as rows');
  }
  const expired = await expireHours({ db, signal }, now - retentionDays * DAY_MS);
  if (expired > 0) logger.info({ blocks: expired }, 'expired hour blocks removed');
  measureTiers(metrics, await selectHistoryTotals(db, before));
}

function measureTiers(metrics: HistoryMetrics, { hot, cold }: HistoryTotals): void {
  metrics.historyBytes.set({ tier: 'hot' }, hot.bytes);
  metrics.historyBytes.set({ tier: 'cold' }, cold.bytes);
  metrics.historyDays.set({ tier: 'hot' }, hot.days);
  metrics.historyDays.set({ tier: 'cold' }, cold.days);
  metrics.historyDays.set({ tier: 'backlog' }, hot.backlogDays);
  metrics.historyCompactedAt.set((cold.compactedAt ?? 0) / SECOND_MS);
}
