import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { summarise } from '../../../../src/openInterest/history/blocks.ts';
import type { StoredSample } from '../../../../src/openInterest/history/samples.repository.ts';
import type { HourColumns } from '../../../../src/openInterest/history/hourColumns.ts';
import type { HourRange } from '../../../../src/openInterest/history/ranges.repository.ts';
import type { UsualAt } from '../../../../src/openInterest/history/usual.ts';
import { FIRST_STATE } from '../../../../src/openInterest/rules/evaluateRule.ts';
import { boundChanges } from '../../../../src/openInterest/rules/hourChanges.ts';
import { isEvenHour } from '../../../../src/openInterest/rules/evenPast.ts';
import type { Points } from '../../../../src/openInterest/rules/points.ts';
import { createPointWindow } from '../../../../src/openInterest/rules/pointWindow.ts';
import { listNeededHours } from '../../../../src/openInterest/rules/neededHours.ts';
import { listPossibleSpans } from '../../../../src/openInterest/rules/possibleSpans.ts';
import { createHourReader } from '../../../../src/openInterest/rules/hourReader.ts';
import { createPast } from '../../../../src/openInterest/rules/replayPast.ts';
import { replaySpans } from '../../../../src/openInterest/rules/replaySpans.ts';
import { createSymbolReplay } from '../../../../src/openInterest/rules/replaySymbol.ts';
import type { AlertRuleInput, ReplayedFiring } from '../../../../src/openInterest/rules/rules.types.ts';
import { mayTurn, turnBoundsOf } from '../../../../src/openInterest/rules/turnBounds.ts';
import { aRule } from '../../../support/alertRules.ts';

const HOUR = 3_600_000;
const START = Date.UTC(2026, 10, 20);
const WINDOWS = ['5m', '15m', '30m', '1h', '4h', '24h'] as const;

const Market = fc.record({
  everySec: fc.constantFrom(20, 30, 60, 300),
  /** Else some samples are stored after the next one. */
  isPunctual: fc.boolean(),
  window: fc.constantFrom(...WINDOWS),
  direction: fc.constantFrom('up' as const, 'down' as const, 'both' as const),
  thresholdPct: fc.constantFrom(1, 3, 8),
  /** One for each ten minutes: per mille a step, and sometimes a jump in percent or no sample at all. */
  parts: fc.array(
    fc.record({
      driftPm: fc.integer({ min: -3, max: 3 }),
      jumpPct: fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, fc.integer({ min: -100, max: 120 })),
      isSilent: fc.boolean(),
    }),
    { minLength: 12, maxLength: 180 },
  ),
});

type MarketOf = typeof Market extends fc.Arbitrary<infer Value> ? Value : never;

function samplesOf({ everySec, isPunctual, parts }: MarketOf): StoredSample[] {
  const samples: StoredSample[] = [];
  let value = 1_000;
  for (const [i, { driftPm, jumpPct, isSilent }] of parts.entries()) {
    // A jump that is taken back is a glitch; one of −100 % is a zero.
    const odd = value * (1 + jumpPct / 100);
    if (jumpPct % 2 !== 0) value = Math.max(1, odd);
    for (let sec = 0; sec < 600; sec += everySec) {
      value *= 1 + driftPm / 1_000;
      const ts = START + (i * 600 + sec) * 1_000;
      if (isSilent && jumpPct > 60) continue;
      const openInterest = sec === 0 && jumpPct % 2 === 0 ? odd : value;
      const markPrice = 10 + (samples.length % 97) / 50;
      samples.push({
        symbol: 'MUSDT',
        ts,
        openInterest,
        openInterestUsd: openInterest * markPrice,
        markPrice,
        fundingRate: 0.0001,
        source: 'realtime',
        createdAt: ts + ((sec + i) % 7 === 0 && !isPunctual ? 40_000 : 1_000),
      });
    }
  }
  return samples;
}

function hoursOf(samples: readonly StoredSample[]): { ranges: HourRange[]; columns: HourColumns[] } {
  const hours = new Map<number, StoredSample[]>();
  for (const sample of samples) {
    const hour = Math.floor(sample.ts / HOUR) * HOUR;
    hours.set(hour, [...(hours.get(hour) ?? []), sample]);
  }
  return {
    ranges: Array.from(hours, ([hour, of]) => {
      const { oiHigh, oiLow } = summarise(of);
      return { symbol: 'MUSDT', hour, low: oiLow, high: oiHigh, samples: of.length };
    }),
    columns: Array.from(hours, ([hour, of]) => ({
      ...{ symbol: 'MUSDT', hour, source: 'realtime' as const },
      ts: Float64Array.from(of, (it) => it.ts),
      createdAt: Float64Array.from(of, (it) => it.createdAt),
      openInterest: Float64Array.from(of, (it) => it.openInterest),
      prices: () => ({
        openInterestUsd: of.map((it) => it.openInterestUsd),
        markPrice: of.map((it) => it.markPrice),
        fundingRate: of.map((it) => it.fundingRate),
      }),
    })),
  };
}

/** In which an armed rule may fire. */
function listPossibleHours(rule: AlertRuleInput, ranges: readonly HourRange[]): number[] {
  const bounds = turnBoundsOf(rule, FIRST_STATE);
  return boundChanges(rule.window, ranges).flatMap((it) => (mayTurn(it, bounds) ? [it.hour] : []));
}

const neverUsual: UsualAt = () => null;

/** Another one each hour, and sometimes unknown. */
const usualByHour: UsualAt = (at) => {
  const nth = Math.floor(at / HOUR);
  return nth % 5 === 0 ? null : [(nth % 3) * 40 - 40, 30 + (nth % 4) * 60, null];
};

function pointsOf(columns: readonly HourColumns[]): Points {
  const window = createPointWindow();
  for (const it of columns) window.add([it]);
  return window.points();
}

describe('the hours and the spans in which a rule may fire', () => {
  it('are all in which it fires or holds a crossing back', () => {
    fc.assert(
      fc.property(Market, (market) => {
        const { window, direction, thresholdPct } = market;
        const rule = aRule({ window, direction, thresholdPct, cooldownMin: 20 });
        const samples = samplesOf(market);
        const { ranges, columns } = hoursOf(samples);
        const possible = listPossibleHours(rule, ranges);
        const points = pointsOf(columns);
        const spans = possible.flatMap((hour) =>
          listPossibleSpans(rule, { now: points, bases: points }, hour),
        );
        const one = createSymbolReplay({
          rule,
          symbol: 'MUSDT',
          from: 0,
          volume24h: null,
          usualAt: neverUsual,
          methodChanges: [],
        });
        for (const sample of samples.toSorted((a, b) => a.createdAt - b.createdAt)) {
          const heldBack = one.counts.heldBack;
          const firings = one.meetUntil([sample], Infinity);
          if (firings.length === 0 && one.counts.heldBack === heldBack) continue;
          expect(possible).toContain(Math.floor(sample.ts / HOUR) * HOUR);
          expect(spans.some(({ from, to }) => from <= sample.ts && sample.createdAt < to)).toBe(true);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('are short where samples are even', () => {
    const samples = Array.from({ length: 720 }, (_, i): StoredSample => {
      const openInterest = i < 500 ? 100 + (i % 2) : 110;
      const ts = START + i * 10_000;
      return {
        ...{ symbol: 'MUSDT', ts, openInterest, openInterestUsd: null, markPrice: null, fundingRate: null },
        source: 'realtime',
        createdAt: ts + 1_000,
      };
    });
    const { columns } = hoursOf(samples);
    const rule = aRule({ window: '5m', direction: 'both', thresholdPct: 5 });
    const points = pointsOf(columns);
    const compared = { now: points, bases: points };
    expect(isEvenHour('5m', compared, START + HOUR)).toBe(true);
    // From the jump until no base of before it is possible, which is a five-minute point's distance before the window.
    const jumpAt = START + 5_000_000;
    const lastTs = jumpAt - 10_000 + 300_000 + 390_000;
    expect(listPossibleSpans(rule, compared, START + HOUR)).toEqual([
      { from: jumpAt, to: lastTs + 1_001, leadMs: 600_000 },
    ]);
    const spans = listPossibleSpans({ ...rule, thresholdPct: 11 }, compared, START + HOUR);
    expect(spans).toEqual([]);
  });

  it('need the hours that they are compared with, and those until the rule is surely armed again', () => {
    const highs = [100, 100, 100, 100, 100, 100, 112, 107, 107, 107, 107, 107, 107, 107];
    const ranges = highs.map((high, i) => ({
      ...{ symbol: 'MUSDT', hour: START + i * HOUR, low: Math.min(high, 107), high, samples: 360 },
    }));
    const rule = aRule({ window: '4h', direction: 'up', thresholdPct: 10, rearmShare: 0.5 });
    const possible = listPossibleHours(rule, ranges);
    const changes = boundChanges(rule.window, ranges);
    const needed = listNeededHours(rule, { changes, usualAt: neverUsual, from: START });
    const places = (hours: readonly number[]) => hours.map((hour) => (hour - START) / HOUR);
    expect(places(possible)).toEqual([6]);
    // The bases of hour 10 lie in hour 5 or 6, those of hour 11 in 6 or 7: there the change may be below 5 %.
    expect(places(needed)).toEqual([1, 2, 3, 4, 5, 6, 7, 9, 10, 11]);
  });

  it('need fewer hours after a sure firing, and those until then where conditions may prevent it', () => {
    const ranges = Array.from({ length: 56 }, (_, i) => ({
      ...{ symbol: 'MUSDT', hour: START + i * HOUR, samples: 360 },
      ...{ low: i <= 26 ? 100 : 120, high: i < 26 ? 100 : 120 },
    }));
    const rule = aRule({ window: '24h', direction: 'up', thresholdPct: 10 });
    const changes = boundChanges('24h', ranges);
    const places = (leastUsd: number) =>
      listNeededHours({ ...rule, leastUsd }, { changes, usualAt: neverUsual, from: START }).map(
        (it) => (it - START) / HOUR,
      );
    const hours = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);
    // It fires in hour 26 or 27, and is armed again in one of the hours whose bases lie there.
    expect(places(0)).toEqual([...hours(1, 28), ...hours(49, 52)]);
    expect(places(1)).toEqual(hours(1, 52));
  });

  it('are few where contracts move little', () => {
    const ranges = Array.from({ length: 720 }, (_, i) => ({
      symbol: 'MUSDT',
      hour: START + i * HOUR,
      low: i === 300 ? 100 : 104,
      high: i === 300 ? 112 : 106,
      samples: 360,
    }));
    const rule = aRule({ direction: 'both', thresholdPct: 7 });
    const hours = (...of: number[]) => of.map((i) => START + i * HOUR);
    expect(listPossibleHours({ ...rule, window: '5m' }, ranges)).toEqual(hours(300, 301));
    expect(listPossibleHours({ ...rule, window: '24h' }, ranges)).toEqual(hours(300, 324, 325));
    expect(listPossibleHours({ ...rule, window: '5m', thresholdPct: 13 }, ranges)).toEqual([]);
    expect(listPossibleHours({ ...rule, window: '5m', direction: 'down', thresholdPct: 11 }, ranges)).toEqual(
      [],
    );
  });
});

const Conditions = fc.record({
  cooldownMin: fc.constantFrom(0, 20, 60),
  rearmShare: fc.constantFrom(0, 0.5, 0.9),
  escalationPct: fc.constantFrom(null, 20),
  leastUsd: fc.constantFrom(0, 600),
  price: fc.constantFrom(null, { kind: 'flat' as const, withinPct: 8 }),
  leastUnusual: fc.constantFrom(null, null, 3),
});

describe('a replay of the spans in which a rule may fire', () => {
  it('fires what a replay of every sample fires, firing by firing', async () => {
    const total = { firings: 0, heldBack: 0, spared: 0 };
    const Range = fc.record({
      fromMin: fc.integer({ min: 0, max: 300 }),
      min: fc.integer({ min: 100, max: 1_800 }),
    });
    await fc.assert(
      fc.asyncProperty(Market, Conditions, Range, async (market, conditions, { fromMin, min }) => {
        const { window, direction, thresholdPct } = market;
        const rule = aRule({ ...conditions, window, direction, thresholdPct });
        const samples = samplesOf(market);
        const [from, to] = [START + fromMin * 60_000, START + (fromMin + min) * 60_000];
        const of = { rule, symbol: 'MUSDT', from, volume24h: null, usualAt: usualByHour, methodChanges: [] };
        const [each, some] = [createSymbolReplay(of), createSymbolReplay(of)];
        const { ranges, columns } = hoursOf(samples);
        const readHours = (hours: readonly number[]) =>
          Promise.resolve(
            columns.filter((it) => hours.includes(it.hour)).map((it) => ({ ...it, open: () => it })),
          );
        const changes = boundChanges(window, ranges);
        const past = createPast(changes, readHours);
        const reader = createHourReader({
          readHours: (wanted) => readHours(wanted.map((it) => it.hour)),
          isHot: (hour) => hour >= from + 200 * 60_000,
        });
        const hours = listNeededHours(rule, { changes, usualAt: usualByHour, from });
        const [reach] = reader.addGroup([{ symbol: 'MUSDT', hours, past }]);
        const pause = () => Promise.resolve();
        const replayed: ReplayedFiring[] = [];
        const walk = { rule, from, to, changes, past, one: some, reach: reach!, pause };
        for await (const firings of replaySpans(walk)) replayed.push(...firings);
        const every = each.meetUntil(samples, to);
        expect(replayed).toEqual(every);
        expect(some.counts.heldBack).toBe(each.counts.heldBack);
        total.firings += every.length;
        total.heldBack += each.counts.heldBack;
        total.spared += each.counts.evaluated - some.counts.evaluated;
      }),
      { numRuns: 80 },
    );
    for (const count of Object.values(total)) expect(count).toBeGreaterThan(0);
  });
});
