import type { Clock } from '../../src/kit/clock.ts';

export type JumpClock = Clock & {
  /** Moves time forward; due timers run immediately, in order. */
  jump(ms: number): void;
  jumpTo(epochMs: number): void;
};

/**
 * The real time plus what was jumped. For whole servers: their database and their sockets live in real time, and a test
 * cannot wait for the next 5-minute mark.
 */
export function createJumpClock(startAt = Date.now()): JumpClock {
  const origin = performance.now();
  let jumpedMs = 0;
  const pending = new Set<Entry>();

  const now = (): number => Math.floor(startAt + performance.now() - origin + jumpedMs);

  function arm(entry: Entry): void {
    clearTimeout(entry.timer);
    entry.timer = setTimeout(() => fire(entry), Math.min(Math.max(0, entry.dueAt - now()), 2 ** 31 - 1));
    entry.timer.unref();
  }

  function fire(entry: Entry): void {
    clearTimeout(entry.timer);
    if (pending.delete(entry)) entry.task();
  }

  function jump(ms: number): void {
    jumpedMs += ms;
    for (const entry of [...pending].toSorted((a, b) => a.dueAt - b.dueAt)) {
      if (entry.dueAt <= now()) fire(entry);
      else if (pending.has(entry)) arm(entry);
    }
  }

  return {
    now,
    jump,
    jumpTo: (epochMs) => jump(Math.max(0, epochMs - now())),
    after(delayMs, task) {
      const entry: Entry = { dueAt: now() + Math.max(0, delayMs), task, timer: undefined };
      pending.add(entry);
      arm(entry);
      return () => {
        clearTimeout(entry.timer);
        pending.delete(entry);
      };
    },
  };
}

type Entry = { dueAt: number; task: () => void; timer: NodeJS.Timeout | undefined };
