import { SECOND_MS } from '../../../kit/clock.ts';

/**
 * - `reserved`: rare, heavy, and needed by other jobs (exchangeInfo, all tickers)
 * - `steady`: the poller's sweep
 * - `spare`: everything that is not urgent (snapshots, backfill)
 */
export type Priority = 'reserved' | 'steady' | 'spare';

/**
 * Added to a request's arrival to order the queue. A better class goes first, but a request that arrives later than this
 * difference does not overtake, so no class starves.
 */
const HANDICAP_MS: Readonly<Record<Priority, number>> = {
  reserved: 0,
  steady: 60 * SECOND_MS,
  spare: 90 * SECOND_MS,
};

export type RequestQueue<Waiter> = ReturnType<typeof createRequestQueue<Waiter>>;

/** Requests that wait for the budget, by class and in order of arrival within a class. */
export function createRequestQueue<Waiter>() {
  const queue: { waiter: Waiter; orderedAt: number; since: number }[] = [];

  return {
    join(waiter: Waiter, priority: Priority, now: number): void {
      const orderedAt = now + HANDICAP_MS[priority];
      const after = queue.findLastIndex((it) => it.orderedAt <= orderedAt);
      queue.splice(after + 1, 0, { waiter, orderedAt, since: now });
    },
    first: (): Waiter | undefined => queue[0]?.waiter,
    /** False when it is not in the queue. */
    leave(waiter: Waiter): boolean {
      const at = queue.findIndex((it) => it.waiter === waiter);
      if (at >= 0) queue.splice(at, 1);
      return at >= 0;
    },
    /** Empties the queue. */
    leaveAll: () => queue.splice(0).map((it) => it.waiter),
    /** When the first request joined; `null`: the queue is empty. */
    firstSince: () => queue[0]?.since ?? null,
  };
}
