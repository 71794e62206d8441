import { SECOND_MS } from '../../../kit/clock.ts';

/**
 * - `reserved`: rare, heavy and awaited by the rest (exchangeInfo, all tickers)
 * - `steady`: the poller's sweep
 * - `spare`: what can wait (snapshots, backfill)
 */
export type Priority = 'reserved' | 'steady' | 'spare';

/**
 * How much later than it came a waiter counts as having come. A better class goes first, but nobody is overtaken by
 * those who come more than the difference later: whoever waits gets there.
 */
const HANDICAP_MS: Readonly<Record<Priority, number>> = {
  reserved: 0,
  steady: 60 * SECOND_MS,
  spare: 90 * SECOND_MS,
};

/** Those who wait for the budget: by class, and in the order of their coming within a class. */
export function createWaitingLine<Waiter>() {
  const line: { waiter: Waiter; priority: Priority; turn: number; since: number }[] = [];

  return {
    join(waiter: Waiter, priority: Priority, now: number): void {
      const turn = now + HANDICAP_MS[priority];
      let place = line.length;
      while (place > 0 && line[place - 1]!.turn > turn) place -= 1;
      line.splice(place, 0, { waiter, priority, turn, since: now });
    },
    first: () => line[0],
    /** False when it is not in the line. */
    leave(waiter: Waiter): boolean {
      const place = line.findIndex((it) => it.waiter === waiter);
      if (place < 0) return false;
      line.splice(place, 1);
      return true;
    },
    /** Empties the line. */
    leaveAll: () => line.splice(0).map((it) => it.waiter),
    length: () => line.length,
    /** When the first in line joined it; `null`: nobody waits. */
    firstSince: () => line[0]?.since ?? null,
  };
}
