import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MINUTE_MS, SECOND_MS } from '../../../../src/kit/clock.ts';
import type { RingPoint } from '../../../../src/collector/alerts/ring.ts';
import { QUIET, type AlertFloor, type AlertState } from '../../../../src/collector/alerts/detector.ts';
import { createWatch } from '../../../../src/collector/alerts/watch.ts';
import type { AlertRule } from '../../../../src/collector/config.ts';

const FIVE: AlertRule = {
  timeframe: '5 min',
  lookbackMs: 5 * MINUTE_MS,
  threshold: 0.03,
  cooldownMs: 10 * MINUTE_MS,
};
const NO_FLOOR: AlertFloor = { minDeltaUsd: 0, minDeltaContracts: 0 };

type Fired = { ts: number; direction: 'UP' | 'DOWN'; pctChange: number };

/** Runs a whole series through one rule, as the collector does. */
function detectAll(
  points: readonly RingPoint[],
  rule: AlertRule = FIVE,
  floor: AlertFloor = NO_FLOOR,
  /** Goes on from a reading with the state that was kept and the readings before it. */
  resumed: { state: AlertState; from: number } = { state: QUIET, from: 0 },
): { fired: Fired[]; state: AlertState; suppressedBy: (string | null)[] } {
  const watch = createWatch({ rules: [rule], floor });
  watch.fill('S', points.slice(0, resumed.from));
  watch.setState('S', rule.timeframe, resumed.state);
  const fired: Fired[] = [];
  const suppressedBy: (string | null)[] = [];
  for (const current of points.slice(resumed.from)) {
    for (const judgement of watch.observe('S', current)) {
      suppressedBy.push(judgement.suppressedBy);
      if (!judgement.alert) continue;
      const { direction, pctChange } = judgement.alert;
      fired.push({ ts: current.ts, direction, pctChange });
    }
  }
  const state = watch.stateOf('S', rule.timeframe);
  return { fired, state, suppressedBy };
}

/** A reading every 10 s; `levels` are fractions of 1,000,000 contracts. */
function series(levels: readonly number[], markPrice: number | null = 100): RingPoint[] {
  return levels.map((level, i) => ({ ts: i * 10 * SECOND_MS, openInterest: 1e6 * level, markPrice }));
}

const flat = (count: number, level = 1) => Array.from({ length: count }, () => level);

const walk = fc
  .array(fc.double({ min: -0.02, max: 0.02, noNaN: true }), { minLength: 60, maxLength: 300 })
  .map((steps) => {
    let level = 1;
    return series(steps.map((step) => (level *= 1 + step)));
  });

describe('alert detector', () => {
  it('fires at the first reading that reaches the threshold and reports the change', () => {
    const { fired } = detectAll(series([...flat(31), 1.01, 1.02, 1.0299, 1.03, 1.05]));
    expect(fired).toEqual([{ ts: 340 * SECOND_MS, direction: 'UP', pctChange: expect.closeTo(0.03, 9) }]);
  });

  it('fires once while open interest hovers at the threshold, and again after half was lost and the cooldown has passed', () => {
    const hover = Array.from({ length: 25 }, (_, i) => (i % 2 === 0 ? 1.031 : 1.027));
    expect(detectAll(series([...flat(31), ...hover])).fired).toHaveLength(1);
    const again = [...flat(31), ...flat(31, 1.04), ...flat(60, 1.04), ...flat(31, 1.09)];
    expect(detectAll(series(again)).fired.map((it) => it.ts / SECOND_MS)).toEqual([310, 310 + 910]);
  });

  it('reports a swing from +5 % to -5 % as two alerts', () => {
    const { fired } = detectAll(series([...flat(31), ...flat(10, 1.05), ...flat(10, 0.95)]));
    expect(fired.map((it) => it.direction)).toEqual(['UP', 'DOWN']);
  });

  it('fires for a second spike suppressed by the cooldown as soon as the cooldown ends', () => {
    const slow = { ...FIVE, lookbackMs: 20 * MINUTE_MS };
    const levels = [...flat(121), 1.04, ...flat(20), ...flat(80, 1.05)];
    const { fired, suppressedBy } = detectAll(series(levels), slow);
    expect(fired.map((it) => it.ts / SECOND_MS)).toEqual([1_210, 1_810]);
    expect(suppressedBy).toContain('cooldown');
  });

  it('does not fire without a base: too little history, a gap, or open interest of 0', () => {
    expect(detectAll(series([...flat(29), 2])).fired).toEqual([]);
    const gap = series([...flat(31), ...flat(31, 2)]).map((it, i) =>
      i < 31 ? it : { ...it, ts: it.ts + 7 * MINUTE_MS },
    );
    expect(detectAll(gap).fired).toEqual([]);
    expect(detectAll(series([...flat(31, 0), 1])).fired).toEqual([]);
  });

  it('accepts a base slightly older than the window, and none much older', () => {
    const late = (ms: number) => [
      { ts: 0, openInterest: 1e6, markPrice: 1 },
      { ts: 5 * MINUTE_MS + ms, openInterest: 2e6, markPrice: 1 },
    ];
    expect(detectAll(late(MINUTE_MS)).fired).toHaveLength(1);
    expect(detectAll(late(MINUTE_MS + 1)).fired).toHaveLength(0);
  });

  it('reports a fall to 0 as a change of -100 %', () => {
    expect(detectAll(series([...flat(31), 0])).fired).toMatchObject([{ direction: 'DOWN', pctChange: -1 }]);
  });

  it('applies the floor in USD, so that it means the same for every symbol', () => {
    const floor = { minDeltaUsd: 1e6, minDeltaContracts: 0 };
    const spike = [...flat(31), ...flat(5, 1.04)];
    // 40,000 contracts more.
    expect(detectAll(series(spike, 25), FIVE, floor).fired).toHaveLength(1);
    expect(detectAll(series(spike, 24.9), FIVE, floor).fired).toHaveLength(0);
  });

  it('applies the floor in contracts only if the price is unknown and such a floor is set', () => {
    const spike = series([...flat(31), ...flat(5, 1.04)], null);
    expect(detectAll(spike, FIVE, { minDeltaUsd: 1e6, minDeltaContracts: 0 }).suppressedBy.at(-1)).toBe(
      'no_price',
    );
    expect(detectAll(spike, FIVE, { minDeltaUsd: 1e6, minDeltaContracts: 5_000 }).fired).toHaveLength(1);
    expect(detectAll(spike, FIVE, { minDeltaUsd: 1e6, minDeltaContracts: 50_000 }).fired).toHaveLength(0);
    expect(detectAll(spike, FIVE, NO_FLOOR).fired).toHaveLength(1);
    const priced = series([...flat(31), ...flat(5, 1.04)], 100);
    expect(detectAll(priced, FIVE, { minDeltaUsd: 1e6, minDeltaContracts: 50_000 }).fired).toHaveLength(1);
  });

  it('fires when a missing price arrives during the spike', () => {
    const points = series([...flat(31), ...flat(5, 1.04)]).map((it, i) =>
      i < 33 ? { ...it, markPrice: null } : it,
    );
    const { fired } = detectAll(points, FIVE, { minDeltaUsd: 1e6, minDeltaContracts: 0 });
    expect(fired.map((it) => it.ts)).toEqual([330 * SECOND_MS]);
  });

  it('never fires below the threshold, nor twice in a direction without the loss of half and a cooldown in between', () => {
    fc.assert(
      fc.property(walk, (points) => {
        const at = (ts: number) => points.findLast((it) => it.ts <= ts)!.openInterest;
        const change = (ts: number) => at(ts) / at(ts - FIVE.lookbackMs) - 1;
        const { fired } = detectAll(points);
        for (const it of fired) {
          expect(Math.abs(it.pctChange)).toBeGreaterThanOrEqual(FIVE.threshold);
          expect(Math.sign(it.pctChange)).toBe(it.direction === 'UP' ? 1 : -1);
          expect(change(it.ts)).toBeCloseTo(it.pctChange, 9);
          const before = fired.findLast((other) => other.ts < it.ts && other.direction === it.direction);
          if (!before) continue;
          expect(it.ts - before.ts).toBeGreaterThanOrEqual(FIVE.cooldownMs);
          const sign = it.direction === 'UP' ? 1 : -1;
          const between = points.filter((point) => point.ts > before.ts && point.ts < it.ts);
          expect(between.some((point) => sign * change(point.ts) < FIVE.threshold / 2)).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('has fired for every quiet direction past the threshold once its cooldown ended', () => {
    fc.assert(
      fc.property(walk, (points) => {
        const { fired } = detectAll(points);
        const at = (ts: number) => points.findLast((it) => it.ts <= ts)!.openInterest;
        for (const { ts } of points) {
          if (ts < FIVE.lookbackMs) continue;
          const change = at(ts) / at(ts - FIVE.lookbackMs) - 1;
          if (Math.abs(change) < FIVE.threshold) continue;
          const direction = change > 0 ? 'UP' : 'DOWN';
          const last = fired.findLast((it) => it.ts <= ts && it.direction === direction);
          // It has fired now, or before and hovers since, or before and is in its cooldown.
          expect(last).toBeDefined();
        }
      }),
      { numRuns: 300 },
    );
  });

  it('fires the same alerts when stopped anywhere and resumed from its state and readings', () => {
    fc.assert(
      fc.property(walk, fc.double({ min: 0, max: 1, noNaN: true }), (points, share) => {
        const cut = Math.floor(points.length * share);
        const whole = detectAll(points).fired;
        const first = detectAll(points.slice(0, cut));
        const second = detectAll(points, FIVE, NO_FLOOR, { state: first.state, from: cut });
        expect([...first.fired, ...second.fired]).toEqual(whole);
      }),
      { numRuns: 300 },
    );
  });

  it('compares ratios: the same series in other units fires the same alerts', () => {
    fc.assert(
      fc.property(walk, fc.constantFrom(1e-3, 64, 1e6), (points, factor) => {
        const scaled = points.map((it) => ({
          ...it,
          openInterest: it.openInterest * factor,
          markPrice: it.markPrice! / factor,
        }));
        const floor = { minDeltaUsd: 3.5e6, minDeltaContracts: 0 };
        const times = (fired: Fired[]) => fired.map(({ ts, direction }) => ({ ts, direction }));
        expect(times(detectAll(scaled, FIVE, floor).fired)).toEqual(
          times(detectAll(points, FIVE, floor).fired),
        );
      }),
    );
  });
});
