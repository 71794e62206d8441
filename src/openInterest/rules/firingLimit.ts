import { createAllowance, type Allowance } from '../../kit/allowance.ts';
import { BoundedMap } from '../../kit/boundedMap.ts';
import { HOUR_MS, type Clock } from '../../kit/clock.ts';
import type { NewFiring } from './evaluation.repository.ts';

/** Several times for every symbol of the board: a rule that fires more often is a mistake, and would fill the database. */
export const MOST_FIRINGS_AN_HOUR = 5_000;
/** More rules than fire in an hour; of another one the count begins again. */
const RULES = 10_000;

/** Counts the firings of rules. A changed rule is another one. */
export function createFiringLimit({ now }: Pick<Clock, 'now'>) {
  const counts = new BoundedMap<string, Allowance>(RULES);
  return {
    /** Answers the ids of the rules that have now fired too often. */
    count(firings: readonly Pick<NewFiring, 'ruleId' | 'ruleVersion'>[]): string[] {
      const beyond = new Set<string>();
      for (const { ruleId, ruleVersion } of firings) {
        const key = `${ruleId} ${ruleVersion}`;
        const mayFire =
          counts.get(key) ?? createAllowance({ most: MOST_FIRINGS_AN_HOUR, windowMs: HOUR_MS, now });
        counts.set(key, mayFire);
        if (!mayFire()) beyond.add(ruleId);
      }
      return [...beyond];
    },
  };
}

export type FiringLimit = ReturnType<typeof createFiringLimit>;
