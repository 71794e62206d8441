import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { HOUR_MS } from '../../../../src/kit/clock.ts';
import { deadBandsOf, unusualChanges, unusualOf } from '../../../../src/openInterest/board/usual.shared.ts';
import { computeUsual, type HourMark } from '../../../../src/openInterest/board/usual.ts';

/** Marks whose contracts change by these percent an hour, and whose price changes by a tenth of it. */
function marksOf(changes: readonly number[]): HourMark[] {
  const marks: HourMark[] = [{ at: 0, openInterest: 1_000, markPrice: 10 }];
  for (const [i, percent] of changes.entries()) {
    const { openInterest, markPrice } = marks[i]!;
    marks.push({
      at: (i + 1) * HOUR_MS,
      openInterest: openInterest * (1 + percent / 100),
      markPrice: markPrice! * (1 + percent / 1_000),
    });
  }
  return marks;
}

/** Median 1 %, and half of them at most 2 % away from it. */
const CHANGES = Array.from({ length: 21 }, (_, i) => [-3, -1, 1, 3, 5, 1, -1][i % 7]!);

describe('usual changes', () => {
  it('are the median of the changes of an hour and their median distance from it', () => {
    expect(computeUsual(marksOf(CHANGES))).toEqual([100, 200, 20]);
  });

  it('are not moved by one hour of a thousandfold', () => {
    const usual = computeUsual(marksOf([...CHANGES, 99_900]))!;
    expect(usual[1]).toBe(200);
  });

  it('L1 are unknown with fewer than 20 changes; an hour without a sample makes two of them unknown', () => {
    const marks = marksOf(CHANGES);
    expect(computeUsual(marks.slice(0, 21))).not.toBeNull();
    expect(computeUsual(marks.slice(0, 20))).toBeNull();
    expect(computeUsual(marks.filter((_, i) => i !== 10))).toBeNull();
  });

  it('L1 are those of contracts alone where prices are unknown', () => {
    const marks = marksOf(CHANGES).map((it) => ({ ...it, markPrice: null }));
    expect(computeUsual(marks)).toEqual([100, 200, null]);
  });
});

describe('unusualOf', () => {
  it('counts how many usual deviations a change is away from the median, scaled to the window', () => {
    expect(unusualOf([100, 200, null], 100, '1h')).toBe(0);
    expect(unusualOf([100, 200, null], 100 + 3 * 1.4826 * 200, '1h')).toBe(3);
    expect(unusualOf([100, 200, null], 400 - 3 * 1.4826 * 400, '4h')).toBe(-3);
    expect(unusualOf([0, 0, null], 5, '1h')).toBe(0.7);
  });

  it('is a least score only beyond the changes that are so unusual', () => {
    const Tenths = fc.integer({ min: 1, max: 200 }).map((it) => it / 10);
    const Usual = fc.tuple(fc.integer({ min: -200, max: 200 }), Tenths, fc.constant(null));
    fc.assert(
      fc.property(Usual, Tenths, fc.integer({ min: -9_000, max: 9_000 }), (usual, least, change) => {
        const { low, high } = unusualChanges(usual, least, '4h')!;
        if (Math.abs(unusualOf(usual, change, '4h')!) < least) return;
        expect(change - 0.5 > high || change + 0.5 < low).toBe(true);
      }),
    );
    expect(unusualChanges(null, 1, '4h')).toBeNull();
  });

  it('L1 is unknown without a history or without a change', () => {
    expect([
      unusualOf(null, 5, '1h'),
      unusualOf(undefined, 5, '1h'),
      unusualOf([1, 2, 3], null, '1h'),
    ]).toEqual([null, null, null]);
  });
});

describe('deadBandsOf', () => {
  it("follows the symbol's own movement and the window", () => {
    expect(deadBandsOf([10, 30, 12], HOUR_MS)).toEqual({ oi: 30, price: 12 });
    expect(deadBandsOf([10, 30, 12], 4 * HOUR_MS)).toEqual({ oi: 60, price: 24 });
    expect(deadBandsOf([0, 0, 0], HOUR_MS)).toEqual({ oi: 5, price: 2 });
  });

  it('is 0.5 % of contracts and 0.2 % of the price an hour where nothing is known', () => {
    expect(deadBandsOf(null, HOUR_MS)).toEqual({ oi: 50, price: 20 });
    expect(deadBandsOf([0, 30, null], HOUR_MS)).toEqual({ oi: 30, price: 20 });
  });
});
