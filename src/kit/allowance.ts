/** True while `amount` (1 unless given) and what was used before it in the running window are within what is allowed. */
export type Allowance = (amount?: number) => boolean;

/** So much in a window, whatever is left of the one before. `now`: ms of any clock; one that is set back begins a new window. */
export function createAllowance(options: { most: number; windowMs: number; now: () => number }): Allowance {
  const { most, windowMs, now } = options;
  let startedAt = now();
  let used = 0;
  return (amount = 1) => {
    const elapsedMs = now() - startedAt;
    if (elapsedMs < 0 || elapsedMs >= windowMs) {
      startedAt += elapsedMs;
      used = 0;
    }
    used += amount;
    return used <= most;
  };
}
