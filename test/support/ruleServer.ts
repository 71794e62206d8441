import type { AlertFiring, AlertRuleInput } from '../../src/openInterest/rules/rules.types.ts';
import { AlertRule } from '../../src/openInterest/rules/rules.types.ts';
import type { TestDatabase } from './database.ts';
import type { JumpClock } from './jumpClock.ts';
import { bearer, getJson, postChunk } from './openInterestCalls.ts';
import { OPERATOR_KEY, type TestServer } from './testServer.ts';
import { waitFor } from './waitFor.ts';

type RuleServer = { server: TestServer; clock: JumpClock; database: TestDatabase };

/** Stores a rule of a Pro user. */
export async function storeRule(server: TestServer, rule: AlertRuleInput, sub: string): Promise<AlertRule> {
  const response = await server.post('/api/alert-rules', rule, await bearer(server, 'pro', { sub }));
  return AlertRule.parse(await response.json());
}

/** Waits until the enabled rules that are stored now are the ones that `server` evaluates. */
export async function untilEvaluated({ server, clock, database }: RuleServer): Promise<void> {
  const { rows } = await database.pool.query<{ count: number }>(
    `select count(*)::int from alert_rules where (rule->>'enabled')::boolean`,
  );
  await waitFor('the evaluation of the rules', async () => {
    clock.jump(1_000);
    return (await readMetric(server, 'oi_rules_held')) === rows[0]!.count;
  });
}

export async function readMetric(server: TestServer, name: string): Promise<number> {
  const text = await (await server.get('/metrics', { 'X-API-Key': OPERATOR_KEY })).text();
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
}

/** Posts one sample of each value at `ageMs` before the server's clock, and waits until its window is published. */
export async function postValues(
  { server, clock }: Pick<RuleServer, 'server' | 'clock'>,
  values: readonly { symbol: string; openInterest: number; markPrice?: number }[],
  ageMs = 0,
): Promise<void> {
  const ts = clock.now() - ageMs;
  const before = await readMetric(server, 'oi_broadcast_updates_total');
  const data = values.map((it) => ({ markPrice: 10, fundingRate: 0.0001, ...it, ts }));
  await postChunk(server, { source: 'realtime', data });
  await waitFor('the window', async () => {
    clock.jump(100);
    return (await readMetric(server, 'oi_broadcast_updates_total')) > before;
  });
}

/** The firings of a Pro user, newest first. */
export async function listFirings(server: TestServer, sub: string): Promise<AlertFiring[]> {
  const headers = await bearer(server, 'pro', { sub });
  const body = (await getJson(server, '/api/alert-firings?limit=200', headers)) as { firings: AlertFiring[] };
  return body.firings;
}
