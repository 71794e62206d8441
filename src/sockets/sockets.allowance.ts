import type { Clock } from '../kit/clock.ts';

/** True while `amount` and what was used before it in the running window are within what is allowed. */
export type Allowance = (amount?: number) => boolean;

/** So much in a window, whatever is left of the one before. A clock that is set back begins a new window. */
export function createAllowance(options: { most: number; windowMs: number; clock: Clock }): Allowance {
  const { most, windowMs, clock } = options;
  let startedAt = clock.now();
  let used = 0;
  return (amount = 1) => {
    const elapsedMs = clock.now() - startedAt;
    if (elapsedMs < 0 || elapsedMs >= windowMs) {
      startedAt += elapsedMs;
      used = 0;
    }
    used += amount;
    return used <= most;
  };
}
