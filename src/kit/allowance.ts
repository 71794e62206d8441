/** Uses `amount` (default 1) of the current window; false beyond the limit. */
export type Allowance = (amount?: number) => boolean;

/** A fixed-window limit of `most` per `windowMs`. `now`: ms of any clock; setting it back starts a new window. */
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
