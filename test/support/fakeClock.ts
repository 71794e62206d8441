import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '../../src/kit/clock.ts';

export type FakeClock = Clock & {
  /** Moves time and runs what falls due, in order. */
  advance(ms: number): void;
  /** Jumps without running anything, as a stepped system clock does. */
  set(epochMs: number): void;
  pending(): number;
};

/** A clock that moves only by `advance` and `set`. */
export function createFakeClock(startAt = Date.UTC(2026, 10, 20, 14, 0, 0)): FakeClock {
  let now = startAt;
  let order = 0;
  const timers = new Map<number, { dueAt: number; task: () => void }>();

  function nextDue(until: number): number | undefined {
    let best: number | undefined;
    for (const [id, timer] of timers) {
      if (timer.dueAt > until) continue;
      const bestDue = best === undefined ? Infinity : timers.get(best)!.dueAt;
      if (timer.dueAt < bestDue) best = id;
    }
    return best;
  }

  return {
    now: () => now,
    after(delayMs, task) {
      const id = order++;
      timers.set(id, { dueAt: now + Math.max(0, delayMs), task });
      return () => timers.delete(id);
    },
    advance(ms) {
      const until = now + ms;
      for (let id = nextDue(until); id !== undefined; id = nextDue(until)) {
        const timer = timers.get(id)!;
        timers.delete(id);
        now = Math.max(now, timer.dueAt);
        timer.task();
      }
      now = until;
    },
    set(epochMs) {
      now = epochMs;
    },
    pending: () => timers.size,
  };
}

/** Advances `clock` in steps; after each, `turns` of the event loop let the due tasks finish. */
export async function passTime(
  clock: Pick<FakeClock, 'advance'>,
  ms: number,
  { stepMs, turns }: { stepMs: number; turns: number },
): Promise<void> {
  for (let done = 0; done < ms; done += stepMs) {
    clock.advance(stepMs);
    for (let turn = 0; turn < turns; turn += 1) await nextTurn();
  }
}
