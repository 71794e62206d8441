import type { Clock } from '../../kit/clock.ts';
import { coerceError } from '../../kit/errors.ts';

/**
 * Ends the process by an uncaught error, thrown outside of all promises. For a corrupt store: to continue would lose every
 * reading silently, and only the next start can replace the store.
 */
export function endProcess(clock: Clock, thrown: unknown): void {
  clock.after(0, () => {
    throw coerceError(thrown);
  });
}
