import { HOUR_MS, MINUTE_MS, type Clock } from '../../kit/clock.ts';
import type { Releasers } from '../../kit/lifecycle.ts';
import type { Logger } from '../../kit/logger.ts';
import { startLoop } from '../../kit/loop.ts';
import type { Database } from '../../platform/database/database.ts';
import { maintainPartitions } from './partitions.ts';

/**
 * Keeps the partitions of history: at once, every hour, and every minute while something is in the way. Beside readiness,
 * because a dump of the history or ten years of old days may delay it for as long as they like.
 */
export function startPartitionLoop(
  deps: { db: Database; clock: Clock; logger: Logger; retentionDays: number },
  releasers: Releasers,
): void {
  const { db, clock, logger, retentionDays } = deps;
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
    onError: (err) =>
      logger.warn({ err, loop: 'partitions' }, 'partitions not maintained, will be tried again'),
  });
  releasers.push('partitions', () => loop.stop());
}
