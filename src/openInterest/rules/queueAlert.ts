import { randomUUID } from 'node:crypto';
import { MINUTE_MS } from '../../kit/clock.ts';
import type { Queryable } from '../../platform/database/postgres.ts';
import { WINDOW_MS, WINDOWS } from '../board/windows.shared.ts';
import type { Firing } from '../delivery/firing.types.ts';
import { enqueueDeliveries } from '../delivery/outbox.repository.ts';
import type { OpenInterestContext } from '../openInterest.context.ts';
import type { OpenInterestAlert } from '../openInterest.types.ts';
import { selectEnabledBuiltInRules } from './builtInRule.repository.ts';
import { BUILT_IN } from './builtInRule.types.ts';
import { selectMethodChanges } from './evaluation.repository.ts';
import { sendingOf } from './quietHours.ts';
import { evidenceOf, type RuleWindow } from './reading.ts';

/** What arrives later, after an outage of the collector, is no news. */
const MOST_LATE_MS = 15 * MINUTE_MS;

type Ctx = Pick<OpenInterestContext, 'board' | 'clock'>;

/**
 * Queues a new alert of the collector for the channels that built-in rules name. Run it in the transaction that stores the
 * alert, so that both are stored or neither is.
 */
export async function queueAlert(ctx: Ctx, db: Queryable, alert: OpenInterestAlert): Promise<void> {
  const at = Date.parse(alert.ts);
  if (at < ctx.clock.now() - MOST_LATE_MS) return;
  const direction = alert.direction === 'UP' ? 'up' : 'down';
  const rules = (await selectEnabledBuiltInRules(db)).filter(
    ({ rule }) =>
      (rule.direction === 'both' || rule.direction === direction) &&
      (rule.symbols === 'all' || rule.symbols.includes(alert.symbol)),
  );
  if (rules.length === 0) return;
  const changes = await selectMethodChanges(db);
  if (changes.some((it) => it.confirmedAt === null)) return;
  const { symbol, timeframe: window } = alert;
  const fired = { ...BUILT_IN, symbol, window: windowOf(window) ?? window, direction, firedAt: at } as const;
  const evidence = describeAlert(ctx, alert, at);
  const firings = rules.map(({ userId, version, rule }) => {
    return { ...fired, id: randomUUID(), userId, ruleVersion: version, evidence, ...sendingOf(rule, at) };
  });
  await enqueueDeliveries(db, firings);
}

/** The window of `5 min` or `1 hour`; `null`: rules have no such window. */
function windowOf(timeframe: string): RuleWindow | null {
  const [, count, unit] = /^(\d+)\s*(m|h)/.exec(timeframe) ?? [];
  return WINDOWS.find((it) => it === `${count}${unit}`) ?? null;
}

/** What the alert says, and what the board knows of its symbol now; where it knows nothing, values are `null` and coverage is 0. */
function describeAlert(
  { board }: Pick<Ctx, 'board'>,
  { symbol, timeframe, baseline, current, ...alert }: OpenInterestAlert,
  at: number,
): Firing['evidence'] {
  const row = board.get(symbol)?.row;
  const series = board.seriesOf(symbol);
  const window = windowOf(timeframe);
  const markPrice = row?.markPrice ?? null;
  const usdOf = (contracts: number): number | null => (markPrice === null ? null : contracts * markPrice);
  const said = {
    changePct: alert.pctChange * 100,
    changeUsd: usdOf(current - baseline),
    priceChangePct: alert.priceChange === null ? null : alert.priceChange * 100,
    fundingRate: alert.fundingRate,
  };
  const base = { ts: at - (window === null ? 0 : WINDOW_MS[window]), openInterest: baseline };
  const points = {
    base: { ...base, openInterestUsd: null },
    current: { ts: at, openInterest: current, openInterestUsd: usdOf(current) },
  };
  if (row === undefined || series === undefined || window === null)
    return { ...said, ...points, coverage: 0, reading: null, unusual: null };
  const before =
    said.priceChangePct === null || markPrice === null ? null : markPrice / (1 + said.priceChangePct / 100);
  const reading = {
    ...said,
    ...{ symbol, source: row.source, freshness: 'live' as const, window, usual: row.usual ?? null },
    volume24h: row.volume24h,
    base: { ...points.base, markPrice: before },
    current: { ...points.current, markPrice },
  };
  return evidenceOf(reading, series, row.everySec);
}
