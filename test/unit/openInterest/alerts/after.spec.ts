import { describe, expect, it } from '@jest/globals';
import { MINUTE_MS } from '../../../../src/kit/clock.ts';
import { measureAfter } from '../../../../src/openInterest/alerts/after.ts';
import { createSeries } from '../../../../src/openInterest/board/series.ts';

const AT = Date.UTC(2026, 10, 20, 12);

/** A symbol that is polled every ten seconds and grows by one contract with each poll, but not while `isAway`. */
function seriesUntil(minutes: number, isAway: (minute: number) => boolean = () => false) {
  const series = createSeries();
  for (let ts = AT - 2 * MINUTE_MS; ts <= AT + minutes * MINUTE_MS; ts += 10_000) {
    const openInterest = 1_000 + (ts - AT) / 10_000;
    if (isAway((ts - AT) / MINUTE_MS)) continue;
    series.add({ ts, openInterest, openInterestUsd: null, markPrice: openInterest / 2 });
  }
  return { series, everySec: 10 };
}

const measure = (known: number, past: Parameters<typeof measureAfter>[1], minutes: number) =>
  measureAfter({ at: AT, known }, past, AT + minutes * MINUTE_MS).map((it) => [it.minutes, it.oiChange]);

describe('what followed an alert', () => {
  it('is measured once its minute has passed, each change from the sample of the alert', () => {
    expect(measure(0, seriesUntil(4.9), 4.9)).toEqual([]);
    expect(measure(0, seriesUntil(5), 5)).toEqual([[5, 0.03]]);
    expect(measure(1, seriesUntil(16), 16)).toEqual([[15, 0.09]]);
    expect(measure(3, seriesUntil(70), 70)).toEqual([]);
    const [first] = measureAfter({ at: AT, known: 0 }, seriesUntil(5), AT + 5 * MINUTE_MS);
    expect(first!.priceChange).toBeCloseTo(0.03);
  });

  it('is the same for a node that was away for hours and has its points by two minutes', () => {
    expect(measure(0, seriesUntil(300), 300)).toEqual([
      [5, expect.closeTo(0.03, 1)],
      [15, expect.closeTo(0.09, 1)],
      [60, expect.closeTo(0.36, 1)],
    ]);
  });

  it('waits two minutes for a sample that is late, then is unknown', () => {
    const past = seriesUntil(5.9, (minute) => minute > 4);
    expect(measure(0, past, 6.9)).toEqual([]);
    expect(measure(0, past, 7)).toEqual([[5, null]]);
    expect(measure(0, { series: undefined, everySec: 0 }, 7)).toEqual([[5, null]]);
  });

  it('is unknown where the symbol was away at the time of the alert', () => {
    expect(
      measure(
        0,
        seriesUntil(6, (minute) => minute > -1.5 && minute < 1),
        6,
      ),
    ).toEqual([[5, null]]);
  });
});
