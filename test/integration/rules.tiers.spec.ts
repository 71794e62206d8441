import { beforeEach, describe, expect, it } from '@jest/globals';
import { SECOND_MS } from '../../src/kit/clock.ts';
import { selectHeldRules, selectRulesRevision } from '../../src/openInterest/rules/evaluation.repository.ts';
import { insertRule } from '../../src/openInterest/rules/rules.repository.ts';
import {
  deleteAccessWithoutRules,
  upsertSeenAccess,
  type TokenAccess,
} from '../../src/openInterest/rules/userAccess.repository.ts';
import { aRule } from '../support/alertRules.ts';
import { createJumpClock } from '../support/jumpClock.ts';
import { bearer, readMetric } from '../support/openInterestCalls.ts';
import { storeRule, untilEvaluated } from '../support/ruleServer.ts';
import { waitFor } from '../support/waitFor.ts';
import { withDatabase, withFreshServer } from '../support/withServer.ts';

const NOW = Math.floor(Date.now() / SECOND_MS) * SECOND_MS;
const HOUR = 3_600_000;

describe('the rules that are evaluated', () => {
  const database = withDatabase();

  beforeEach(async () => {
    await database.clear();
    for (let i = 0; i < 12; i += 1) await insertRule(database.db, 'ada', aRule({ name: `rule ${i}` }));
    await insertRule(database.db, 'eve', aRule());
  });

  const see = (given: Partial<TokenAccess>) =>
    upsertSeenAccess(database.db, [{ sub: 'ada', tier: 'elite', role: 'user', issuedAt: NOW, ...given }]);
  const change = (tier: string | null, changedAt: number, sub = 'ada') =>
    database.pool.query('insert into access_changes values ($1, $2, $3, $4)', [
      sub,
      tier,
      tier === null,
      new Date(changedAt),
    ]);
  async function heldOf(userId = 'ada'): Promise<string[]> {
    const { rules } = await selectHeldRules(database.db);
    return rules.flatMap((it) => (it.userId === userId ? it.rule.name : [])).toSorted();
  }

  it('are all of a user of whom no tier is known', async () => {
    expect(await heldOf()).toHaveLength(12);
  });

  it('are the oldest ten enabled ones of a user who was seen with Pro, whatever others have', async () => {
    await see({ tier: 'pro' });
    await database.pool.query(
      `update alert_rules set rule = rule || '{"enabled": false}' where rule->>'name' = 'rule 3'`,
    );
    expect(await heldOf()).toEqual([0, 1, 10, 2, 4, 5, 6, 7, 8, 9].map((i) => `rule ${i}`));
    expect(await heldOf('eve')).toHaveLength(1);
  });

  it.each([
    ['none, once a newer token has tier Free', { tier: 'free' } as const, null, 0],
    ['all, once a newer token has tier Elite again', { issuedAt: NOW } as const, ['free', NOW - HOUR], 12],
    ['none after a change that is newer than the token', { issuedAt: NOW } as const, ['free', NOW + HOUR], 0],
    ['none after a change within the minute before the token', {} as const, ['free', NOW - 60_000], 0],
    ['ten after a change to Pro', {} as const, ['pro', NOW + HOUR], 10],
    [
      'all of an admin, whatever the tier',
      { tier: 'free', role: 'admin' } as const,
      ['free', NOW + HOUR],
      12,
    ],
    ['none of a revoked admin', { role: 'admin' } as const, [null, NOW + HOUR], 0],
  ] as const)('are %s', async (_, seen, changed, count) => {
    await see({ tier: 'pro', issuedAt: NOW - 2 * HOUR });
    await see(seen);
    // Of another page that is still open.
    await see({ tier: 'pro', issuedAt: NOW - HOUR });
    if (changed) await change(...(changed as [string | null, number]));
    expect(await heldOf()).toHaveLength(count);
  });

  it('are read again when a tier changes, and not for another token of the same tier', async () => {
    await see({ tier: 'pro' });
    const before = await selectRulesRevision(database.db);
    await see({ tier: 'pro', issuedAt: NOW + HOUR });
    await change('free', NOW + 2 * HOUR, 'without rules');
    expect(await selectRulesRevision(database.db)).toBe(before);
    // Of a transaction that was committed late.
    await change('free', NOW + HOUR);
    expect(await selectRulesRevision(database.db)).not.toBe(before);
  });

  it('are read again when one was replaced by another that was committed late', async () => {
    const before = await selectRulesRevision(database.db);
    await database.pool.query(`delete from alert_rules where rule->>'name' = 'rule 3'`);
    await insertRule(database.db, 'ada', aRule());
    await database.pool.query(
      `update alert_rules set updated_at = now() - interval '1 minute'
       where updated_at = (select max(updated_at) from alert_rules)`,
    );
    await database.pool.query(
      `update alert_rules set updated_at = now() - interval '2 minutes' where rule->>'name' = 'rule 4'`,
    );
    expect(await selectRulesRevision(database.db)).not.toBe(before);
  });

  it('C5 leave nothing of users without rules', async () => {
    await see({});
    await see({ sub: 'no rules' });
    await database.pool.query(`delete from alert_rules where user_id = 'ada'`);
    const deleteBefore = (at: number) => deleteAccessWithoutRules(database.db, new Date(at), 5);
    expect([await deleteBefore(NOW), await deleteBefore(NOW + 1), await deleteBefore(NOW + 1)]).toEqual([
      0, 1, 0,
    ]);
  });
});

describe('the rules of a user whose tier ends without an access change', () => {
  const fresh = withFreshServer({ newClock: createJumpClock });

  it('rest from the first token with tier Free on, and are evaluated again with the next of Pro', async () => {
    const tokenAt = (tier: 'free' | 'pro', issuedAt: number) =>
      bearer(fresh.server, tier, { sub: 'ada', issuedAt });
    const now = Math.floor(fresh.clock.now() / SECOND_MS) * SECOND_MS;
    await storeRule(fresh.server, aRule(), 'ada');
    await untilEvaluated(fresh);
    for (const [tier, issuedAt, held] of [
      ['free', now, 0],
      ['pro', now - HOUR, 0],
      ['pro', now + SECOND_MS, 1],
    ] as const) {
      expect((await fresh.server.get('/api/alert-channels', await tokenAt(tier, issuedAt))).status).toBe(200);
      await waitFor(`${held} rules`, async () => {
        fresh.clock.jump(2_000);
        return (await readMetric(fresh.server, 'oi_rules_held')) === held;
      });
    }
  });
});
