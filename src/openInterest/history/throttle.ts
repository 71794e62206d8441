import { SECOND_MS, type Clock } from '../../kit/clock.ts';
import { sleep } from '../../kit/sleep.ts';

/** A clock that jumps must not stop the work. */
const LONGEST_PAUSE_MS = SECOND_MS;

/**
 * Returns a function that a background job awaits after each step: it pauses for as long as the step took, so the job uses at
 * most half of a core and of the disk, and less where requests slow its steps down. Pauses end when `signal` aborts.
 */
export function createThrottle(clock: Clock, signal: AbortSignal): () => Promise<void> {
  let stepAt = clock.now();
  return async () => {
    await sleep(clock, Math.min(clock.now() - stepAt, LONGEST_PAUSE_MS), signal);
    stepAt = clock.now();
  };
}
