import type { Clock } from '../../kit/clock.ts';
import { coerceError } from '../../kit/errors.ts';

/**
 * Ends the process, as every fault does that nobody caught: outside of all promises, where nobody may catch it. For a
 * store that is broken: going on would lose every reading in silence, and only the next start can put the store aside.
 */
export function endProcess(clock: Clock, thrown: unknown): void {
  clock.after(0, () => {
    throw coerceError(thrown);
  });
}
