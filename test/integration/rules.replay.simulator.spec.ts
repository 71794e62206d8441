import { describe, expect, it } from '@jest/globals';
import type { AlertRule, AlertRuleInput } from '../../src/openInterest/rules/rules.types.ts';
import { loadSymbolFacts } from '../../src/simulator/facts/facts.ts';
import { createMarket } from '../../src/simulator/market/market.ts';
import { aRule } from '../support/alertRules.ts';
import { createJumpClock } from '../support/jumpClock.ts';
import {
  byTime,
  listFirings,
  postValues,
  replayedOf,
  replayRule,
  storeRule,
  untilEvaluated,
} from '../support/ruleServer.ts';
import { waitFor } from '../support/waitFor.ts';
import { withServer } from '../support/withServer.ts';

const MINUTE = 60_000;
const POLL_MS = 30_000;
const HOUR_OF_POLLS = 120;
/** The simulated hour, whose moves follow from it and the seed. */
const MARKET_START = Date.UTC(2026, 10, 20, 12);

const clock = createJumpClock();
const { server, database } = withServer({ clock });

const DETECTOR = aRule({ name: 'as the detector', thresholdPct: 3, cooldownMin: 0 });
const RULES: readonly AlertRuleInput[] = [
  DETECTOR,
  aRule({ name: 'up', thresholdPct: 2, direction: 'up', cooldownMin: 20, escalationPct: 30 }),
  aRule({ name: '15m', window: '15m', thresholdPct: 5, rearmShare: 0.9, cooldownMin: 5 }),
  aRule({ name: '30m down', window: '30m', thresholdPct: 4, direction: 'down' }),
  aRule({ name: 'longs', thresholdPct: 1.5, readings: ['new_longs', 'longs_closing'], leastUsd: 500_000 }),
  aRule({ name: 'price', window: '15m', thresholdPct: 2, price: { kind: 'atLeast', pct: 0.2 } }),
];

describe('a replay of an hour of the simulator', () => {
  it('fires what was fired live, firing by firing, and what the schedule of moves says', async () => {
    const offset = clock.now() - MARKET_START;
    const market = createMarket({ facts: loadSymbolFacts(MARKET_START), seed: 1 });
    const end = MARKET_START + HOUR_OF_POLLS * POLL_MS;
    // Moves of an hour begin up to an hour before they cross.
    const moves = market.eventsBetween(MARKET_START - 90 * MINUTE, end + 30 * MINUTE);
    const symbols = [...new Set(['BTCUSDT', 'ETHUSDT', ...moves.map((it) => it.symbol)])];
    const poll = () =>
      symbols.map((symbol) => {
        const at = clock.now() - offset;
        const { openInterest, time } = market.openInterestFigureAt(symbol, at);
        const markPrice = market.markPriceAt(symbol, at);
        return {
          symbol,
          openInterest,
          markPrice,
          fundingRate: market.fundingRateAt(symbol, at),
          ts: time + offset,
        };
      });
    await postValues({ server, clock }, poll());
    const stored: AlertRule[] = [];
    for (const rule of RULES) stored.push(await storeRule(server, rule, 'ada'));
    await untilEvaluated({ server, clock, database });
    const from = clock.now();
    for (let round = 0; round < HOUR_OF_POLLS; round += 1) {
      clock.jumpTo(from + (round + 1) * POLL_MS);
      await postValues({ server, clock }, poll());
    }
    const to = clock.now();
    await waitForLastFiring();

    for (const { id, rule } of stored) {
      const lines = await replayRule(server, { rule, from, to }, 'ada');
      const replayed = lines.flatMap((it) => (it.type === 'firing' ? it.firing : []));
      const fired = (await listFirings(server, 'ada', id)).filter((it) => it.symbol !== 'LASTUSDT');
      expect([rule.name, replayed.toSorted(byTime)]).toEqual([
        rule.name,
        fired.map(replayedOf).toSorted(byTime),
      ]);
      expect([rule.name, fired.length > 0, fired.length < 200]).toEqual([rule.name, true, true]);
    }
    const detected = (await listFirings(server, 'ada', stored[0]!.id)).filter(
      (it) => it.symbol !== 'LASTUSDT',
    );
    const crossings = moves.flatMap(({ symbol, direction, crossings: of }) =>
      of
        .filter((it) => it.timeframe === '5 min')
        .map((it) => ({ symbol, direction: direction === 'UP' ? 'up' : 'down', at: it.at + offset })),
    );
    const isOf = (crossing: (typeof crossings)[number], it: (typeof detected)[number], lateMs: number) =>
      it.symbol === crossing.symbol &&
      it.direction === crossing.direction &&
      it.firedAt > crossing.at - 2 * POLL_MS &&
      it.firedAt < crossing.at + lateMs;
    // Those at the edges have no window before them, or no poll after them.
    const seen = crossings.filter(({ at }) => at > from + 7 * MINUTE && at < to - 2 * POLL_MS);
    expect(seen.length).toBeGreaterThan(5);
    for (const crossing of seen) {
      expect([crossing, detected.some((it) => isOf(crossing, it, 2 * POLL_MS))]).toEqual([crossing, true]);
    }
    // One that began before the first poll is met as long as its window sees it.
    for (const it of detected) {
      expect([it, crossings.some((crossing) => isOf(crossing, it, 7 * MINUTE))]).toEqual([it, true]);
    }
  });
});

/** One that comes after all of the market. */
async function waitForLastFiring(): Promise<void> {
  await postValues({ server, clock }, [{ symbol: 'LASTUSDT', openInterest: 100 }]);
  clock.jump(5 * MINUTE);
  await postValues({ server, clock }, [{ symbol: 'LASTUSDT', openInterest: 150 }]);
  await waitFor('the last firing', async () =>
    (await listFirings(server, 'ada')).some((it) => it.symbol === 'LASTUSDT'),
  );
}
