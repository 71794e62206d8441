/** One request's weight, from the moment it is allowed. */
type Use = { readonly weight: number };

/** How long a request that we gave up may take to reach the exchange's counter. */
const STRAGGLER_MS = 10_000;

export type OwnUse = ReturnType<typeof createOwnUse>;

/**
 * What this process has used of a limit "so much in any window". The exchange counts a request at some moment between
 * our sending it and its answer, and which one is not known; so a request counts here from before it is sent until a
 * whole window after it is answered. While `total` is kept at or below a limit, no window of the exchange's, wherever it
 * begins, holds more than that limit.
 */
export function createOwnUse(windowMs: number) {
  /** In the order in which they expire. */
  const ended: { weight: number; expiresAt: number }[] = [];
  let endedWeight = 0;
  let underWay = 0;

  function forget(now: number): void {
    let expired = 0;
    for (const use of ended) {
      if (use.expiresAt > now) break;
      endedWeight -= use.weight;
      expired += 1;
    }
    ended.splice(0, expired);
  }

  return {
    begin(weight: number): Use {
      underWay += weight;
      return { weight };
    },
    /** `answered` false: timed out or cut off. It may still be on its way and be counted later. */
    end({ weight }: Use, now: number, answered: boolean): void {
      underWay -= weight;
      endedWeight += weight;
      const expiresAt = now + windowMs + (answered ? 0 : STRAGGLER_MS);
      let place = ended.length;
      while (place > 0 && ended[place - 1]!.expiresAt > expiresAt) place -= 1;
      ended.splice(place, 0, { weight, expiresAt });
    },
    total(now: number): number {
      forget(now);
      return underWay + endedWeight;
    },
    underWay: () => underWay,
    /** Weight that may have been counted at or after the moment `at`, which is less than a window ago. */
    since(at: number): number {
      let weight = underWay;
      for (let place = ended.length - 1; place >= 0; place -= 1) {
        const use = ended[place]!;
        if (use.expiresAt - windowMs < at) break;
        weight += use.weight;
      }
      return weight;
    },
    /** How long until `total` has fallen to `target`; `Infinity` when only answers to come can bring that about. */
    msUntil(target: number, now: number): number {
      forget(now);
      let total = underWay + endedWeight;
      if (total <= target) return 0;
      for (const use of ended) {
        total -= use.weight;
        if (total <= target) return use.expiresAt - now;
      }
      return Infinity;
    },
  };
}
