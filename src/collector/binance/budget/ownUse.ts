/** How long a request that was given up may take to reach the exchange's counter. */
const STRAGGLER_MS = 10_000;

export type OwnUse = ReturnType<typeof createOwnUse>;

/**
 * What this process has used of a limit "this much in any window". The exchange counts a request at an unknown moment
 * between our sending it and its answer, so it counts here from before it is sent until a whole window after its answer.
 * While `total` stays at or below a limit, no window of the exchange, wherever it begins, holds more than that.
 */
export function createOwnUse(windowMs: number) {
  /** In the order in which they expire. */
  const ended: { weight: number; expiresAt: number }[] = [];
  let endedWeight = 0;
  let underWay = 0;

  function expire(now: number): void {
    while (ended.length > 0 && ended[0]!.expiresAt <= now) endedWeight -= ended.shift()!.weight;
  }

  return {
    /** Call the result when the request ends. `answered` false: timed out or cut off; it may still be counted later. */
    spend(weight: number): (now: number, answered: boolean) => void {
      underWay += weight;
      return (now, answered) => {
        underWay -= weight;
        endedWeight += weight;
        const expiresAt = now + windowMs + (answered ? 0 : STRAGGLER_MS);
        const after = ended.findLastIndex((it) => it.expiresAt <= expiresAt);
        ended.splice(after + 1, 0, { weight, expiresAt });
      };
    },
    total(now: number): number {
      expire(now);
      return underWay + endedWeight;
    },
    underWay: () => underWay,
    /** Weight that may have been counted at or after `at`, which is less than a window ago. */
    since(at: number): number {
      let weight = underWay;
      for (let i = ended.length - 1; i >= 0 && ended[i]!.expiresAt - windowMs >= at; i -= 1)
        weight += ended[i]!.weight;
      return weight;
    },
    /** How long until `total` has fallen to `target`; `Infinity`: not before outstanding answers arrive. */
    msUntil(target: number, now: number): number {
      expire(now);
      let total = underWay + endedWeight;
      if (total <= target) return 0;
      for (const { weight, expiresAt } of ended) {
        total -= weight;
        if (total <= target) return expiresAt - now;
      }
      return Infinity;
    },
  };
}
