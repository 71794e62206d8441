import { performance } from 'node:perf_hooks';
import { systemClock, type Clock } from '../../kit/clock.ts';

/**
 * The time of day at the start of the process, and from then on as many milliseconds as have really passed. What counts
 * requests a minute, or waits, needs this one: when the system's clock is set forward by a minute, nothing of the last
 * minute has become older; when it is set back by ten, nothing must wait ten minutes.
 */
export const steadyClock: Clock = {
  now: () => performance.timeOrigin + performance.now(),
  after: (delayMs, task) => systemClock.after(delayMs, task),
};
