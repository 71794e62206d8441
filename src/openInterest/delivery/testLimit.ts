import { createAllowance, type Allowance } from '../../kit/allowance.ts';
import { BoundedMap } from '../../kit/boundedMap.ts';
import { MINUTE_MS, type Clock } from '../../kit/clock.ts';

export const TESTS_PER_MIN = 10;
/** More than test at the same time. */
const USERS = 10_000;

/**
 * Whether a user may send another test. A user names the receiver of a test, so tests must not become a flood; they are
 * counted here when they begin, because those in the ledger have ended and go with their channel.
 */
export function createTestLimit({ now }: Pick<Clock, 'now'>): (userId: string) => boolean {
  const users = new BoundedMap<string, Allowance>(USERS);
  return (userId) => {
    const mayTest = users.get(userId) ?? createAllowance({ most: TESTS_PER_MIN, windowMs: MINUTE_MS, now });
    users.set(userId, mayTest);
    return mayTest();
  };
}
