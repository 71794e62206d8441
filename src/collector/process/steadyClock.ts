import { performance } from 'node:perf_hooks';
import { systemClock, type Clock } from '../../kit/clock.ts';

/**
 * The time of day at the start of the process, then advanced by elapsed time only. Rates and waits need this
 * clock: setting the system clock forward by a minute must not expire the last minute, and setting it back by ten must not
 * add a wait of ten minutes.
 */
export const steadyClock: Clock = {
  now: () => performance.timeOrigin + performance.now(),
  after: (delayMs, task) => systemClock.after(delayMs, task),
};
