import { BoundedMap } from '../../../kit/boundedMap.ts';
import { MINUTE_MS, type Clock } from '../../../kit/clock.ts';
import type { CollectorHeartbeat } from './heartbeat.types.ts';
import { MAX_COLLECTORS } from './heartbeats.repository.ts';

/** Without another alternation for this long, one of the two has ended. */
const VALID_MS = MINUTE_MS;

/** Detects two processes that report by one name: a heartbeat of an earlier start follows one of a later start. */
export function createDuplicateCollectors(clock: Clock) {
  const starts = new BoundedMap<string, { lastStart: number; alternatedAt: number }>(MAX_COLLECTORS);
  return {
    observe({ collector, startedAt }: CollectorHeartbeat): void {
      if (startedAt === undefined) return;
      const known = starts.get(collector);
      const alternates = known !== undefined && startedAt < known.lastStart;
      const alternatedAt = alternates ? clock.now() : (known?.alternatedAt ?? -Infinity);
      starts.set(collector, { lastStart: startedAt, alternatedAt });
    },
    has: (collector: string): boolean =>
      clock.now() - (starts.get(collector)?.alternatedAt ?? -Infinity) <= VALID_MS,
    forget: (collector: string): void => void starts.delete(collector),
  };
}
