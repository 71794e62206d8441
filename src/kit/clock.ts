/**
 * Time as a dependency: all code that reads the time or waits uses a `Clock`, so that tests can advance it instead of
 * sleeping. All times are epoch milliseconds.
 */
export type Clock = {
  now(): number;
  /** Runs `task` once after `delayMs`; the returned function cancels it. The timer never keeps the process alive. */
  after(delayMs: number, task: () => void): () => void;
};

export const SECOND_MS = 1_000;
export const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** `setTimeout` fires immediately for delays beyond 32 bits. */
const LONGEST_DELAY_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  after(delayMs, task) {
    const timer = setTimeout(task, Math.min(Math.max(0, delayMs), LONGEST_DELAY_MS));
    timer.unref();
    return () => clearTimeout(timer);
  },
};
