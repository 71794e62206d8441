import { expect } from '@jest/globals';
import type { AlertFiring } from '../../src/openInterest/rules/alertFiring.types.ts';
import {
  AlertRule,
  ReplayLine,
  type AlertRuleInput,
  type ReplayedFiring,
} from '../../src/openInterest/rules/rules.types.ts';
import type { TestDatabase } from './database.ts';
import type { JumpClock } from './jumpClock.ts';
import { bearer, getJson, postChunk, readMetric } from './openInterestCalls.ts';
import type { TestServer } from './testServer.ts';
import { waitFor } from './waitFor.ts';

type PostedValue = {
  symbol: string;
  openInterest: number;
  markPrice?: number;
  fundingRate?: number;
  ts?: number;
};
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

/** Posts one sample of each value at its time, or `ageMs` before the server's clock, and waits until its window is published. */
export async function postValues(
  { server, clock }: Pick<RuleServer, 'server' | 'clock'>,
  values: readonly PostedValue[],
  ageMs = 0,
): Promise<void> {
  const ts = clock.now() - ageMs;
  const before = await readMetric(server, 'oi_broadcast_updates_total');
  const data = values.map((it) => ({ markPrice: 10, fundingRate: 0.0001, ts, ...it }));
  await postChunk(server, { source: 'realtime', data });
  await waitFor('the window', async () => {
    clock.jump(100);
    return (await readMetric(server, 'oi_broadcast_updates_total')) > before;
  });
}

/** The firings of a Pro user, of one rule or of all, newest first. */
export async function listFirings(server: TestServer, sub: string, ruleId?: string): Promise<AlertFiring[]> {
  const headers = await bearer(server, 'pro', { sub });
  const path = `/api/alert-firings?limit=200${ruleId === undefined ? '' : `&ruleId=${ruleId}`}`;
  const body = (await getJson(server, path, headers)) as { firings: AlertFiring[] };
  return body.firings;
}

/** The lines of a replay that a Pro user asks for. */
export async function replayRule(
  server: TestServer,
  query: { rule: AlertRuleInput; from: number; to: number },
  sub: string,
): Promise<ReplayLine[]> {
  const headers = await bearer(server, 'pro', { sub });
  const response = await server.post('/api/alert-rules/replay', query, headers);
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/x-ndjson']);
  const lines = (await response.text()).trimEnd().split('\n');
  return lines.map((line) => ReplayLine.parse(JSON.parse(line)));
}

/** Of a firing that was stored, what a replay knows too. */
export function replayedOf({
  symbol,
  direction,
  firedAt,
  quiet,
  evidence,
}: AlertFiring | ReplayedFiring): ReplayedFiring {
  return { symbol, direction, firedAt, quiet, evidence };
}

/** For lists of firings whose order does not matter. */
export function byTime(a: ReplayedFiring, b: ReplayedFiring): number {
  return a.firedAt - b.firedAt || (a.symbol < b.symbol ? -1 : 1);
}
