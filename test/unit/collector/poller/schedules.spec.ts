import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MINUTE_MS, SECOND_MS } from '../../../../src/kit/clock.ts';
import { createAttention } from '../../../../src/collector/poller/attention.ts';
import { attentionSchedule } from '../../../../src/collector/poller/schedules.ts';
import { evenSchedule } from '../../../../src/collector/poller/schedules.ts';
import { createTurns, type Turns } from '../../../../src/collector/poller/turns.ts';
import { computePollIntervalSec } from '../../../../src/openInterest/universe/pollInterval.shared.ts';

const names = (count: number) => Array.from({ length: count }, (_, i) => `S${i}`);

describe('poll interval', () => {
  it('never exceeds the budget, for any number of symbols', () => {
    for (let symbols = 1; symbols <= 2_000; symbols += 1) {
      const sec = computePollIntervalSec(symbols, { requestsPerMin: 2_000, minSec: 5, maxSec: 20 });
      expect((60 / sec) * symbols).toBeLessThanOrEqual(2_000 + 1e-6);
      expect(sec).toBeGreaterThanOrEqual(5);
    }
    expect(computePollIntervalSec(343, { requestsPerMin: 2_000, minSec: 5, maxSec: 20 })).toBeCloseTo(
      10.29,
      2,
    );
  });
});

describe('schedules', () => {
  const input = fc.record({
    symbols: fc.integer({ min: 1, max: 400 }).map(names),
    evenIntervalMs: fc.double({ min: 1_000, max: 60_000, noNaN: true }),
    minIntervalMs: fc.constantFrom(1_000, 5_000, 20_000),
    weights: fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 400 }),
  });

  it.each([
    ['even', evenSchedule],
    ['attention', attentionSchedule],
  ])(
    '%s spends at most an even share per symbol and keeps each interval within its bounds',
    (_name, policy) => {
      fc.assert(
        fc.property(input, ({ weights, ...rest }) => {
          const attentionOf = (symbol: string) => weights[Number(symbol.slice(1)) % weights.length]!;
          const intervals = policy({ ...rest, attentionOf });
          const evenMs = Math.max(rest.evenIntervalMs, rest.minIntervalMs);
          const spent = [...intervals.values()].reduce((sum, it) => sum + 1 / it, 0);
          expect([...intervals.keys()]).toEqual(rest.symbols);
          expect(spent).toBeLessThanOrEqual((rest.symbols.length / evenMs) * (1 + 1e-9));
          for (const it of intervals.values()) {
            expect(it).toBeGreaterThanOrEqual(rest.minIntervalMs * (1 - 1e-9));
            expect(it).toBeLessThanOrEqual(evenMs * 1.5 * (1 + 1e-9));
          }
        }),
        { numRuns: 100 },
      );
    },
  );

  it('attention spends the whole budget while any symbol may be polled more often', () => {
    const attentionOf = (symbol: string) => 1 / (1 + Number(symbol.slice(1)));
    const given = { symbols: names(343), evenIntervalMs: 10_290, minIntervalMs: 5_000, attentionOf };
    const spent = [...attentionSchedule(given).values()].reduce((sum, it) => sum + 1 / it, 0);
    expect(spent).toBeCloseTo(343 / 10_290, 9);
  });

  it('attention polls a symbol with a higher weight at least as often', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1e3, noNaN: true }), { minLength: 2, maxLength: 50 }),
        (weights) => {
          const intervals = attentionSchedule({
            symbols: names(weights.length),
            evenIntervalMs: 10_000,
            minIntervalMs: 5_000,
            attentionOf: (symbol) => weights[Number(symbol.slice(1))]!,
          });
          for (const [i, a] of weights.entries()) {
            for (const [j, b] of weights.entries()) {
              if (a > b)
                expect(intervals.get(`S${i}`)!).toBeLessThanOrEqual(intervals.get(`S${j}`)! * (1 + 1e-9));
            }
          }
        },
      ),
    );
  });

  it('attention treats all symbols alike when their weights are equal', () => {
    const given = { symbols: names(10), evenIntervalMs: 10_000, minIntervalMs: 5_000, attentionOf: () => 1 };
    expect([...attentionSchedule(given).values()].every((it) => Math.abs(it - 10_000) < 1e-6)).toBe(true);
    const forgotten = { ...given, attentionOf: () => 0 };
    expect([...attentionSchedule(forgotten).values()].every((it) => Math.abs(it - 10_000) < 1e-6)).toBe(true);
  });
});

describe('attention', () => {
  it('grows with the speed of open interest in USD and with the nearness of an alert', () => {
    let near: number | null = null;
    const attention = createAttention({ proximityOf: (symbol) => (symbol === 'S9' ? near : null) });
    for (let second = 0; second <= 600; second += 10) {
      for (const [i, symbol] of names(10).entries()) {
        const openInterestUsd = 1e9 + (second % 20 === 0 ? 1 : -1) * 1e6 * i;
        attention.observe(symbol, { ts: second * SECOND_MS, openInterestUsd });
      }
    }
    expect(attention.of('S0')).toBe(0);
    expect(attention.of('S9')).toBeCloseTo(2, 6);
    expect(attention.of('unknown')).toBe(1);
    near = 0.2;
    expect(attention.of('S9')).toBeCloseTo(2, 6);
    near = 1;
    expect(attention.of('S9')).toBeGreaterThan(20);
  });

  it('ignores a reading without USD, an old one, and the first one', () => {
    const attention = createAttention({ proximityOf: () => null });
    attention.observe('A', { ts: 1_000, openInterestUsd: null });
    attention.observe('A', { ts: 2_000, openInterestUsd: 5e9 });
    attention.observe('A', { ts: 2_000, openInterestUsd: 9e9 });
    attention.observe('A', { ts: 1_000, openInterestUsd: 9e9 });
    expect(attention.of('A')).toBe(1);
  });
});

describe('turns', () => {
  /** Runs the turns as the poller does; returns which symbol was polled when. */
  function run(
    turns: Turns,
    given: { from: number; forMs: number; answerMs?: (symbol: string) => number; lateMs?: () => number },
  ): { symbol: string; at: number }[] {
    const asked: { symbol: string; at: number }[] = [];
    const answers: { at: number; symbol: string }[] = [];
    const { from, forMs, answerMs = () => 100, lateMs = () => 0 } = given;
    for (let now = from; now < from + forMs;) {
      for (const it of answers.filter((answer) => answer.at <= now)) {
        turns.done(it.symbol);
        answers.splice(answers.indexOf(it), 1);
      }
      const symbol = turns.next(now);
      if (symbol !== null) {
        asked.push({ symbol, at: now });
        answers.push({ symbol, at: now + answerMs(symbol) });
      }
      const next = Math.min(Math.max(turns.nextAt(now), now + 1) + lateMs(), ...answers.map((it) => it.at));
      now = Math.max(Math.ceil(next), now + 1);
    }
    return asked;
  }

  const even = (count: number, intervalMs: number) => new Map(names(count).map((name) => [name, intervalMs]));

  it('poll every symbol once an interval, evenly spaced', () => {
    const turns = createTurns();
    turns.setIntervals(even(343, 10_290), 0);
    const asked = run(turns, { from: 0, forMs: MINUTE_MS });
    expect(asked.length).toBeGreaterThanOrEqual(1_995);
    expect(asked.length).toBeLessThanOrEqual(2_001);
    const perSecond = countEach(asked.map((it) => Math.floor(it.at / SECOND_MS)));
    expect(Math.max(...perSecond.values())).toBeLessThanOrEqual(35);
    expect(Math.min(...perSecond.values())).toBeGreaterThanOrEqual(32);
    for (const name of names(343)) {
      const times = asked.filter((it) => it.symbol === name).map((it) => it.at);
      for (const [i, at] of times.entries()) if (i > 0) expect(at - times[i - 1]!).toBeCloseTo(10_290, -2);
    }
  });

  it('keep the pace although timers are late', () => {
    const turns = createTurns();
    turns.setIntervals(even(343, 10_290), 0);
    const asked = run(turns, { from: 0, forMs: MINUTE_MS, lateMs: () => 7 });
    expect(asked.length).toBeGreaterThanOrEqual(1_980);
    expect(asked.length).toBeLessThanOrEqual(2_001);
  });

  it('follow intervals that differ, each within a small tolerance', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 2_000, max: 15_000, noNaN: true }), { minLength: 5, maxLength: 60 }),
        (ms) => {
          const turns = createTurns();
          turns.setIntervals(new Map(ms.map((it, i) => [`S${i}`, it])), 0);
          const asked = run(turns, { from: 0, forMs: 3 * MINUTE_MS, answerMs: () => 1 });
          for (const [i, intervalMs] of ms.entries()) {
            const count = asked.filter((it) => it.symbol === `S${i}` && it.at >= MINUTE_MS).length;
            const due = (2 * MINUTE_MS) / intervalMs;
            expect(count).toBeGreaterThanOrEqual(Math.floor(due * 0.9) - 1);
            expect(count).toBeLessThanOrEqual(Math.ceil(due * 1.25) + 1);
          }
        },
      ),
      { numRuns: 30 },
    );
  });

  it('do not catch up with a burst after a pause', () => {
    const turns = createTurns();
    turns.setIntervals(even(100, 10_000), 0);
    run(turns, { from: 0, forMs: MINUTE_MS });
    const after = run(turns, { from: 3 * MINUTE_MS, forMs: SECOND_MS });
    expect(after.length).toBeLessThanOrEqual(12);
  });

  it('Q8 continue while a symbol does not answer, without a second request for it', () => {
    const turns = createTurns();
    turns.setIntervals(even(20, 2_000), 0);
    const hangs = new Set(['S3', 'S7']);
    const asked = run(turns, { from: 0, forMs: MINUTE_MS, answerMs: (it) => (hangs.has(it) ? 10_000 : 50) });
    for (const name of names(20)) {
      const count = asked.filter((it) => it.symbol === name).length;
      if (hangs.has(name)) expect(count).toBeLessThanOrEqual(7);
      else expect(count).toBeGreaterThanOrEqual(29);
    }
  });

  it('schedule new symbols next and drop removed ones without moving the others', () => {
    const turns = createTurns();
    turns.setIntervals(even(10, 10_000), 0);
    run(turns, { from: 0, forMs: 30_000 });
    const changed = even(10, 10_000);
    changed.delete('S4');
    changed.set('NEW', 10_000);
    turns.setIntervals(changed, 30_000);
    const asked = run(turns, { from: 30_000, forMs: 10_000 });
    expect(asked[0]!.symbol).toBe('NEW');
    expect(asked.some((it) => it.symbol === 'S4')).toBe(false);
    expect(new Set(asked.map((it) => it.symbol)).size).toBe(10);
  });

  it('skip a resting symbol and give its time to the others', () => {
    const turns = createTurns();
    turns.setIntervals(even(10, 10_000), 0);
    turns.rest('S2', 60_000);
    turns.setIntervals(even(10, 9_000), 0);
    const asked = run(turns, { from: 0, forMs: 60_000 });
    expect(asked.some((it) => it.symbol === 'S2')).toBe(false);
    expect(asked.length).toBeGreaterThanOrEqual(59);
    expect(asked.length).toBeLessThanOrEqual(61);
    expect(run(turns, { from: 60_000, forMs: 3_000 }).map((it) => it.symbol)).toContain('S2');
  });
});

function countEach(values: readonly number[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}
