import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MINUTE_MS } from '../../../../src/kit/clock.ts';
import {
  FIRST_STATE,
  evaluateRule,
  type Outcome,
  type RuleState,
} from '../../../../src/openInterest/rules/evaluateRule.ts';
import type { Reading } from '../../../../src/openInterest/rules/reading.ts';
import type { AlertRuleInput, PlainRule } from '../../../../src/openInterest/rules/rules.types.ts';
import { aRule } from '../../../support/alertRules.ts';

const NOON = Date.UTC(2026, 10, 20, 12);
/** Basis points an hour: 6 % in 5 minutes are 7 usual deviations of the second, and some hundred of the first. */
const CALM: Reading['usual'] = [0, 5, 10];
const WILD: Reading['usual'] = [0, 200, 200];

/** A live reading of BTCUSDT with a change over 5 minutes, in percent. */
function aReading(changePct: number, given: Partial<Reading> & { ts?: number } = {}): Reading {
  const { ts = NOON, priceChangePct = 1, ...rest } = given;
  const markPrice = priceChangePct === null ? null : 2 * (1 + priceChangePct / 100);
  const point = { ts, openInterest: 100 + changePct, openInterestUsd: 200, markPrice };
  return {
    symbol: 'BTCUSDT',
    source: 'realtime',
    freshness: 'live',
    window: '5m',
    current: point,
    base: { ...point, ts: ts - 5 * MINUTE_MS, openInterest: 100, markPrice: 2 },
    changePct,
    changeUsd: changePct * 2,
    priceChangePct,
    fundingRate: 0.0001,
    volume24h: 1e8,
    usual: null,
    ...rest,
  };
}

type Step = { reading: Reading; before: RuleState; outcome: Outcome | null };

function run(rule: AlertRuleInput, readings: readonly Reading[], first = FIRST_STATE): Step[] {
  let state = first;
  return readings.map((reading) => {
    const before = state;
    const outcome = evaluateRule(rule, before, reading);
    state = outcome?.state ?? before;
    return { reading, before, outcome };
  });
}

/** Changes a minute apart, as percent; which of them fire. */
function firingsOf(rule: AlertRuleInput, changes: readonly number[]): number[] {
  const readings = changes.map((change, i) => aReading(change, { ts: NOON + i * MINUTE_MS }));
  return run(rule, readings).flatMap(({ outcome }, i) => (outcome?.fires ? [changes[i]!] : []));
}

describe('a rule', () => {
  const eager = aRule({ cooldownMin: 0 });

  it('changes nothing when a node that takes over evaluates again what the one before it has', () => {
    const rule = aRule({ cooldownMin: 10 });
    const readings = [1, 6, 1, 2].map((change, i) => aReading(change, { ts: NOON + i * 1_000 }));
    const once = run(rule, readings);
    const fired = once[1]!.outcome!.state;
    expect(
      run(rule, readings, fired)
        .slice(0, 2)
        .map((it) => it.outcome),
    ).toEqual([null, null]);
    expect(run(rule, readings, fired).at(-1)!.before).toEqual(once.at(-1)!.before);
  });

  it.each([
    ['fires once for a crossing', eager, [1, 5, 6, 5.5, 7], [5]],
    ['fires again after the change was below half of the threshold', eager, [5, 3, 6, 2.4, 6], [5, 6]],
    ['fires in the other direction at once', eager, [6, -6], [6, -6]],
    ['does not fire when the base was next to nothing', eager, [Infinity, 6], [6]],
    ['watches one direction', aRule({ cooldownMin: 0, direction: 'up' }), [-9, 6], [6]],
    ['watches the other', aRule({ cooldownMin: 0, direction: 'down' }), [9, -6], [-6]],
    ['escalates', aRule({ escalationPct: 50 }), [6, 8.9, 9, 13, 13.5], [6, 9, 13.5]],
    ['fires after the cooldown if it is still crossing', aRule({ cooldownMin: 3 }), [6, 0, 6, 6, 6], [6, 6]],
    ['forgets a crossing that ends within the cooldown', aRule({ cooldownMin: 5 }), [6, 0, 6, 0, 0, 0], [6]],
    [
      'is armed again by any smaller change with a share of 1',
      aRule({ cooldownMin: 0, rearmShare: 1 }),
      [6, 4.9, 6],
      [6, 6],
    ],
    [
      'is armed again by the other sign alone with a share of 0',
      aRule({ cooldownMin: 0, rearmShare: 0 }),
      [6, 0, 6, -1, 6],
      [6, 6],
    ],
  ])('%s', (_title, rule, changes, expected) => {
    expect(firingsOf(rule, changes)).toEqual(expected);
  });

  it('counts a crossing suppressed by the cooldown once', () => {
    const readings = [6, 0, 6, 6, 0, 6].map((change, i) => aReading(change, { ts: NOON + i * MINUTE_MS }));
    const steps = run(aRule({ cooldownMin: 60 }), readings);
    expect(steps.map(({ outcome }) => outcome?.holdsBack ?? false)).toEqual([
      false,
      false,
      true,
      false,
      false,
      true,
    ]);
  });

  it.each<[string, Partial<PlainRule>, Partial<Reading>, boolean]>([
    ['least USD', { leastUsd: 10 }, { changeUsd: -10 }, true],
    ['least USD', { leastUsd: 10 }, { changeUsd: 9 }, false],
    ['least USD', { leastUsd: 10 }, { changeUsd: null }, false],
    ['no least USD', { leastUsd: 0 }, { changeUsd: null }, true],
    ['a rising price', { price: { kind: 'atLeast', pct: 1 } }, { priceChangePct: 1 }, true],
    ['a rising price', { price: { kind: 'atLeast', pct: 1 } }, { priceChangePct: 0.9 }, false],
    ['a falling price', { price: { kind: 'atMost', pct: -1 } }, { priceChangePct: -1 }, true],
    ['a falling price', { price: { kind: 'atMost', pct: -1 } }, { priceChangePct: -0.9 }, false],
    ['a flat price', { price: { kind: 'flat', withinPct: 0.2 } }, { priceChangePct: -0.2 }, true],
    ['a flat price', { price: { kind: 'flat', withinPct: 0.2 } }, { priceChangePct: 0.3 }, false],
    ['a flat price', { price: { kind: 'flat', withinPct: 0.2 } }, { priceChangePct: null }, false],
    ['funding from', { funding: { min: 0.0001, max: null } }, { fundingRate: 0.0001 }, true],
    ['funding from', { funding: { min: 0.0001, max: null } }, { fundingRate: 0 }, false],
    ['funding to', { funding: { min: null, max: 0 } }, { fundingRate: 0.0001 }, false],
    ['funding', { funding: { min: null, max: 0 } }, { fundingRate: null }, false],
    ['volume', { leastVolume24h: 1e8 }, { volume24h: 1e8 }, true],
    ['volume', { leastVolume24h: 1e8 }, { volume24h: null }, false],
    ['a reading', { readings: ['new_longs'] }, { priceChangePct: 1 }, true],
    ['a reading', { readings: ['new_shorts', 'mixed'] }, { priceChangePct: 1 }, false],
    ['a reading', { readings: ['new_longs'] }, { priceChangePct: null }, false],
    // A price that moves 2 % in a usual hour is flat with 0.5 % in 5 minutes; one that moves 0.1 % is not.
    ['a reading by own dead bands', { readings: ['building'] }, { priceChangePct: 0.5, usual: CALM }, false],
    ['a reading by own dead bands', { readings: ['building'] }, { priceChangePct: 0.5, usual: WILD }, true],
    ['a usual score', { leastUnusual: 8 }, { usual: WILD }, false],
    ['an unusual score', { leastUnusual: 7 }, { usual: WILD }, true],
    ['an unknown score', { leastUnusual: 0.1 }, { usual: null }, false],
  ])('has a condition: %s %j, %j: %s', (_title, rule, reading, fires) => {
    const outcome = evaluateRule(aRule(rule), FIRST_STATE, aReading(6, reading));
    expect(outcome?.fires === 'up').toBe(fires);
  });
});

const anyRule = fc
  .record({
    direction: fc.constantFrom('up' as const, 'down' as const, 'both' as const),
    thresholdPct: fc.constantFrom(1, 5),
    cooldownMin: fc.constantFrom(0, 1, 5, 60),
    rearmShare: fc.constantFrom(0, 0.5, 1),
    escalationPct: fc.constantFrom(null, 10, 100),
    leastUsd: fc.constantFrom(0, 8),
  })
  .map(aRule);

const anyReadings = fc
  .array(
    fc.record({
      changePct: fc.oneof(fc.double({ min: -20, max: 20, noNaN: true }), fc.constantFrom(-5, -1, 0, 1, 5)),
      gapMs: fc.constantFrom(10_000, MINUTE_MS, 10 * MINUTE_MS),
      freshness: fc.constantFrom(
        'live' as const,
        'live' as const,
        'live' as const,
        'late' as const,
        'stale' as const,
      ),
      source: fc.constantFrom(
        'realtime' as const,
        'realtime' as const,
        'snapshot' as const,
        'backfill' as const,
      ),
      changeUsd: fc.option(fc.double({ min: -20, max: 20, noNaN: true })),
    }),
    { maxLength: 60 },
  )
  .map((steps) => {
    let ts = NOON;
    return steps.map(({ changePct, gapMs, ...rest }) => aReading(changePct, { ts: (ts += gapMs), ...rest }));
  });

const firedIn = (steps: readonly Step[]) => steps.filter(({ outcome }) => outcome?.fires);

describe('for any readings, a rule', () => {
  const check = (property: (rule: AlertRuleInput, readings: Reading[]) => void) =>
    fc.assert(fc.property(anyRule, anyReadings, property), { numRuns: 500 });

  it('neither fires nor changes on readings that are backfill, late or stale', () => {
    check((rule, readings) => {
      for (const { reading, outcome } of run(rule, readings)) {
        if (reading.freshness !== 'live' || reading.source === 'backfill') expect(outcome).toBeNull();
      }
    });
  });

  it('fires only across its threshold, in its direction, with its least USD', () => {
    check((rule, readings) => {
      for (const { reading, outcome } of firedIn(run(rule, readings))) {
        expect(Math.abs(reading.changePct)).toBeGreaterThanOrEqual(rule.thresholdPct);
        expect(outcome!.fires).toBe(reading.changePct < 0 ? 'down' : 'up');
        if (rule.direction !== 'both') expect(outcome!.fires).toBe(rule.direction);
        if (rule.leastUsd > 0) expect(Math.abs(reading.changeUsd ?? 0)).toBeGreaterThanOrEqual(rule.leastUsd);
      }
    });
  });

  it('fires within its cooldown only to escalate', () => {
    check((rule, readings) => {
      let last: Step | null = null;
      for (const step of firedIn(run(rule, readings))) {
        const gapMs = last ? step.reading.current.ts - last.reading.current.ts : Infinity;
        if (gapMs < rule.cooldownMin * MINUTE_MS) {
          expect(step.before.armed).toBe(false);
          expect(rule.escalationPct).not.toBeNull();
          const factor = 1 + rule.escalationPct! / 100;
          expect(Math.abs(step.reading.changePct)).toBeGreaterThanOrEqual(
            Math.abs(last!.reading.changePct) * factor,
          );
        }
        last = step;
      }
    });
  });

  it('fires twice without escalation only after it fell below the share in between', () => {
    check((rule, readings) => {
      const steps = run({ ...rule, escalationPct: null }, readings);
      const fired = steps.flatMap((step, i) => (step.outcome?.fires ? [i] : []));
      for (const [n, at] of fired.entries()) {
        const before = fired[n - 1];
        if (before === undefined) continue;
        const sign = Math.sign(steps[before]!.reading.changePct);
        const cameBack = steps
          .slice(before + 1, at + 1)
          .some(
            ({ reading }) =>
              reading.freshness === 'live' &&
              reading.source !== 'backfill' &&
              sign * reading.changePct < rule.thresholdPct * rule.rearmShare,
          );
        expect(cameBack).toBe(true);
      }
    });
  });

  it('is deterministic, and resumes from a stored state as if it had not stopped', () => {
    fc.assert(
      fc.property(anyRule, anyReadings, fc.nat(60), (rule, readings, cut) => {
        const whole = run(rule, readings);
        expect(run(rule, readings)).toEqual(whole);
        const first = run(rule, readings.slice(0, cut));
        const last = first.at(-1);
        const stored = JSON.stringify(last ? (last.outcome?.state ?? last.before) : FIRST_STATE);
        const rest = run(rule, readings.slice(cut), JSON.parse(stored) as RuleState);
        expect([...first, ...rest].map((it) => it.outcome)).toEqual(whole.map((it) => it.outcome));
      }),
    );
  });
});
