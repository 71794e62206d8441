import { MINUTE_MS, type Clock } from '../../../kit/clock.ts';
import { MAX_COLLECTORS } from './heartbeats.repository.ts';
import type { CollectorHeartbeat } from './heartbeat.types.ts';

/** Finds two processes that report by the same name: beats of an earlier start come after those of a later one. */
export type Twins = {
  observe(heartbeat: CollectorHeartbeat): void;
  has(collector: string): boolean;
  forget(collector: string): void;
};

/** As long as none of two is heard again, it may have been ended. */
const REMEMBERED_MS = MINUTE_MS;

export function createTwins(clock: Clock): Twins {
  const starts = new Map<string, { last: number; twinAt: number }>();
  return {
    observe({ collector, startedAt }) {
      if (startedAt === undefined) return;
      const held = starts.get(collector) ?? { last: startedAt, twinAt: -Infinity };
      if (startedAt < held.last) held.twinAt = clock.now();
      held.last = startedAt;
      starts.delete(collector);
      starts.set(collector, held);
      if (starts.size > MAX_COLLECTORS) starts.delete(starts.keys().next().value!);
    },
    has: (collector) => clock.now() - (starts.get(collector)?.twinAt ?? -Infinity) <= REMEMBERED_MS,
    forget: (collector) => void starts.delete(collector),
  };
}
