import { describe, expect, it } from '@jest/globals';
import {
  axisFormat,
  formatApart,
  formatExactAmount,
  formatInSpan,
} from '../../../src/dashboard/drawer/axisFormat.ts';
import { computeChartData, summarise, timeGrid } from '../../../src/dashboard/drawer/chartData.ts';
import { computeValues, liveValues } from '../../../src/dashboard/drawer/chartValues.ts';
import { fitBuckets } from '../../../src/dashboard/drawer/wideBuckets.ts';
import { renderShownCsv } from '../../../src/dashboard/drawer/shownCsv.ts';
import { formatAxisTime, smallestStep } from '../../../src/dashboard/drawer/chartLook.ts';
import type { HistoryBody } from '../../../src/openInterest/history/history.types.ts';
import { aRow } from './boardMessages.ts';

function aHistory(given: Partial<HistoryBody> = {}): HistoryBody {
  const t = given.t ?? [1_000, 1_010, 1_020];
  return {
    symbol: 'BTCUSDT',
    range: '1h',
    bucketSec: 10,
    from: 1_000,
    to: 1_030,
    t,
    oi: t.map((_, i) => i + 1),
    oiMin: t.map((_, i) => i),
    oiMax: t.map((_, i) => i + 2),
    oiOpen: t.map((_, i) => i + 1),
    usd: t.map((_, i) => (i + 1) * 10),
    mark: t.map(() => 10),
    funding: t.map(() => null),
    samples: t.map(() => 1),
    gaps: [],
    source: [['realtime', 1_000, 1_030]],
    alerts: [],
    truncated: false,
    ...given,
  };
}

describe('candles on a narrow chart', () => {
  const history = aHistory({
    ...{ t: [1_010, 1_020, 1_030, 1_050], from: 1_010, to: 1_060 },
    ...{ oiOpen: [5, 6, 7, 8], oiMin: [4, 2, 6, 7], oiMax: [9, 8, 12, 10], oi: [6, 7, 8, 9] },
    ...{
      usd: [60, 70, null, 90],
      mark: [10, 11, 12, 13],
      funding: [null, 0.1, 0.2, 0.3],
      samples: [1, 2, 3, 4],
    },
  });

  it('remain those of the history where each has room', () => {
    expect(fitBuckets(history, 79)).toBe(history);
  });

  it('join buckets that begin at multiples of their length', () => {
    expect(fitBuckets(history, 78)).toEqual({
      ...history,
      bucketSec: 20,
      t: [1_000, 1_020, 1_040],
      ...{ oiOpen: [5, 6, 8], oiMin: [4, 2, 7], oiMax: [9, 12, 10], oi: [6, 8, 9] },
      ...{ usd: [60, null, 90], mark: [10, 12, 13], funding: [null, 0.2, 0.3], samples: [1, 5, 4] },
    });
  });
});

describe('chart lines', () => {
  it('L1 break at a gap and never bridge it', () => {
    const history = aHistory({ t: [1_000, 1_010, 1_900], gaps: [[1_015, 1_905]] });
    expect(computeChartData(history, 'contracts').openInterest).toEqual([
      { time: 1_000, value: 1 },
      { time: 1_010, value: 2, breaks: true },
      { time: 1_900, value: 3 },
    ]);
  });

  it('L1 break at an unknown value instead of falling to zero', () => {
    const history = aHistory({ usd: [10, null, 30] });
    expect(computeChartData(history, 'usd').openInterest).toEqual([
      { time: 1_000, value: 10, breaks: true },
      { time: 1_020, value: 30 },
    ]);
  });

  it('draw five-minute points separately, touching the fine line', () => {
    const history = aHistory({
      source: [
        ['snapshot', 1_000, 1_020],
        ['realtime', 1_020, 1_030],
      ],
    });
    const { openInterest, snapshots } = computeChartData(history, 'contracts');
    expect(openInterest.map((it) => it.value)).toEqual([3]);
    expect(snapshots.map((it) => it.value)).toEqual([1, 2, 3]);
    expect(computeChartData(aHistory(), 'contracts').snapshots).toEqual([]);
  });

  it('reserve space for every bucket of the range, with or without a sample', () => {
    const times = timeGrid(aHistory({ t: [1_000, 1_300], to: 1_310 }));
    expect([times.length, times[0], times[1], times.at(-1)]).toEqual([31, 1_000, 1_010, 1_300]);
    expect(timeGrid(aHistory({ t: [], to: 0 }))).toEqual([]);
  });

  it('end the fine line where five-minute points begin, and resume it after them', () => {
    const history = aHistory({
      source: [
        ['realtime', 1_000, 1_010],
        ['snapshot', 1_010, 1_020],
        ['realtime', 1_020, 1_030],
      ],
    });
    expect(computeChartData(history, 'contracts').openInterest).toEqual([
      { time: 1_000, value: 1, breaks: true },
      { time: 1_020, value: 3 },
    ]);
  });
});

describe('chart candles', () => {
  it('open where the bucket before them closed, and reach as far as the samples did', () => {
    const history = aHistory({
      oi: [10, 14, 9],
      oiOpen: [8, 12, 13],
      oiMin: [7, 11, 9],
      oiMax: [10, 15, 13],
    });
    expect(computeValues(history, 'contracts').map((it) => it.candle)).toEqual([
      { open: 8, high: 10, low: 7, close: 10 },
      { open: 10, high: 15, low: 10, close: 14 },
      { open: 14, high: 14, low: 9, close: 9 },
    ]);
    expect(computeValues(history, 'usd').map((it) => it.candle)).toEqual([
      { open: 10, high: 10, low: 10, close: 10 },
      { open: 10, high: 20, low: 10, close: 20 },
      { open: 20, high: 30, low: 20, close: 30 },
    ]);
  });

  it('L1 do not count what happened in a gap as the change of a bucket, and show no unknown value', () => {
    const gap = aHistory({ t: [1_000, 1_900], oi: [10, 50], oiOpen: [9, 48], gaps: [[1_005, 1_903]] });
    expect(computeValues(gap, 'contracts')[1]!.candle).toMatchObject({ open: 48, close: 50 });
    const unknown = computeValues(aHistory({ usd: [10, null, 30] }), 'usd').map((it) => it.candle?.open);
    expect(unknown).toEqual([10, undefined, 30]);
  });

  it('put the newest sample into its bucket, and none older than the newest', () => {
    const last = computeValues(aHistory(), 'contracts').at(-1)!;
    const row = (ts: number, openInterest: number) =>
      aRow({ ts, openInterest, markPrice: null, fundingRate: 1e-4 });
    expect(liveValues(aHistory(), last, row(1_027_500, 7), 'contracts')).toEqual({
      time: 1_020,
      candle: { open: 2, high: 7, low: 2, close: 7 },
      price: null,
      funding: 1e-4,
    });
    expect(liveValues(aHistory(), last, row(1_031_000, 1), 'contracts')).toMatchObject({
      time: 1_030,
      candle: { open: 3, high: 3, low: 1, close: 1 },
    });
    expect(liveValues(aHistory(), last, row(1_019_000, 7), 'contracts')).toBeNull();
  });

  it('L1 do not bridge a silence with the sample that ends it', () => {
    const last = computeValues(aHistory(), 'contracts').at(-1);
    const after = (sec: number) =>
      liveValues(aHistory(), last, aRow({ ts: (1_020 + sec) * 1_000, everySec: 12 }), 'contracts');
    expect(after(100)).not.toBeNull();
    expect(after(101)).toBeNull();
  });

  it('are exported as raw numbers, unknown as an empty cell', () => {
    const [first] = computeValues(aHistory({ mark: [null], funding: [0.0001], t: [1_000] }), 'contracts');
    expect(renderShownCsv([first!], 'contracts')).toBe(
      'time,oi_open_contracts,oi_high_contracts,oi_low_contracts,oi_close_contracts,mark_price_usd,funding_pct\r\n' +
        '1970-01-01T00:16:40.000Z,1,2,0,1,,0.01\r\n',
    );
  });
});

describe('chart summary', () => {
  it('takes lows and highs from within the buckets, and names the longest gap', () => {
    const gaps: [number, number][] = [
      [0, 60],
      [100, 350],
    ];
    expect(summarise(aHistory({ gaps }), 'contracts')).toEqual({
      low: '0',
      high: '4',
      gaps: '2 gaps (longest 4m 10s)',
    });
    expect(summarise(aHistory({ usd: [null, null, null] }), 'usd')).toEqual({
      low: '—',
      high: '—',
      gaps: 'no gaps',
    });
  });

  it('writes days as dates and shorter times as clock times', () => {
    const sec = Date.UTC(2026, 10, 20, 14, 3) / 1_000;
    expect([formatAxisTime(sec, 2, 'utc'), formatAxisTime(sec, 3, 'utc')]).toEqual(['Nov 20', '14:03']);
  });
});

describe('chart axis', () => {
  const write = (values: number[], of: 'usd' | 'contracts' | 'price' = 'contracts') =>
    formatApart(values, axisFormat(values, of));

  it('tells the values of a narrow range apart, and adds no digit to a wide one', () => {
    expect(write([3_010_500, 3_011_000, 3_011_500])).toEqual(['3.0105M', '3.0110M', '3.0115M']);
    expect(write([1e9, 2e9, 3e9], 'usd')).toEqual(['$1B', '$2B', '$3B']);
    expect(write([999_000, 1_000_000])).toEqual(['0.999M', '1.000M']);
    expect(write([93_041.25, 93_041.5], 'price')).toEqual(['$93,041.25', '$93,041.50']);
    expect(write([4.21e-9, 4.22e-9], 'price')).toEqual(['$4.21e-9', '$4.22e-9']);
    expect(write([-10, 0, 10])).toEqual(['−10', '0', '10']);
    expect(write([0])).toEqual(['0']);
  });

  it('writes every pair of different values of a range differently', () => {
    for (let exponent = -9; exponent <= 12; exponent += 1) {
      for (const share of [0.5, 0.01, 0.0003]) {
        const ticks = [0, 1, 2, 3].map((i) => 3.01 * 10 ** exponent * (1 + i * share));
        expect(new Set(write(ticks, 'usd')).size).toBe(4);
      }
    }
  });

  it('writes a single value with a thousandth of the range, and exactly at the crosshair', () => {
    const format = axisFormat([3_010_000, 3_020_000], 'contracts');
    expect(formatInSpan(3_012_345.678, 10_000, format)).toBe('3.01235M');
    expect(formatInSpan(3_010_000, 10_000, format)).toBe('3.01000M');
    expect(formatInSpan(0, 0, axisFormat([0], 'usd'))).toBe('$0');
    expect(formatExactAmount(3_012_345.678, 'contracts')).toBe('3,012,345.678');
    expect(formatExactAmount(8_370_123_456.78, 'usd')).toBe('$8,370,123,457');
    expect(formatExactAmount(4.2e-12, 'usd')).toBe('$0.0000000000042');
    expect(formatExactAmount(null, 'usd')).toBe('—');
  });
});

describe('the step of a value axis', () => {
  it.each([4.2e-9, 0.3042, 1, 93_041.35, 5e8, 1e12, 9e15])('is not lost in rounding at %d', (value) => {
    const step = smallestStep([value]);
    expect(Math.abs((value + step - value) / step - 1)).toBeLessThan(0.3);
    expect(step).toBeLessThanOrEqual(Math.max(1, value * 1e-5));
  });
});
