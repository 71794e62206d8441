import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../../../src/kit/clock.ts';
import { computeGaps, computeHistory, historyWindow } from '../../../../src/openInterest/history/history.ts';
import { HistoryBody, HistoryRange } from '../../../../src/openInterest/history/history.types.ts';
import type { HistoryBucketRow } from '../../../../src/openInterest/history/history.repository.ts';
import type { Source } from '../../../../src/openInterest/openInterest.types.ts';

const NOON = Date.UTC(2026, 10, 20, 12);
const SEC = (epochMs: number) => epochMs / 1_000;

/** A bucket as the repository answers it: sampled from `firstAt` to `lastAt`. */
function aBucket(
  bucketMs: number,
  given: { firstAt: number; lastAt?: number; source?: Source; oi?: number; usd?: number | null },
): HistoryBucketRow {
  const { firstAt, lastAt = firstAt, source = 'realtime', oi = 5 } = given;
  return {
    bucket: new Date(Math.floor(firstAt / bucketMs) * bucketMs),
    first_ts: new Date(firstAt),
    last_ts: new Date(lastAt),
    samples: 1,
    open_interest_open: oi,
    open_interest: oi,
    open_interest_min: oi - 1,
    open_interest_max: oi + 1,
    open_interest_usd: given.usd === undefined ? oi * 2 : given.usd,
    mark_price: 2,
    funding_rate: null,
    first_source: source,
    source,
  };
}

/** A bucket a point, every `everySec`. */
function points(from: number, to: number, everySec: number, source: Source = 'realtime'): HistoryBucketRow[] {
  const list: HistoryBucketRow[] = [];
  for (let at = from; at <= to; at += everySec * SECOND_MS) {
    list.push(aBucket(everySec * SECOND_MS, { firstAt: at, source }));
  }
  return list;
}

describe('historyWindow', () => {
  it.each([
    ['1h', 10, 360],
    ['6h', 30, 720],
    ['24h', 120, 720],
    ['7d', 900, 672],
    ['30d', 3_600, 720],
    ['1y', 43_200, 730],
  ] as const)('of %s has buckets of %i s, %i of them', (range, bucketSec, count) => {
    const { from, to, bucketMs } = historyWindow(range, NOON + 1);
    expect([bucketMs / SECOND_MS, (to - from) / bucketMs]).toEqual([bucketSec, count]);
  });

  it('has at most 1,008 points in whole buckets, including the running one', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...HistoryRange.exclude(['all']).options),
        fc.integer({ min: NOON - 400 * DAY_MS, max: NOON + 400 * DAY_MS }),
        (range, now) => {
          const { from, to, bucketMs } = historyWindow(range, now);
          expect((to - from) / bucketMs).toBeLessThanOrEqual(1_008);
          expect([from % bucketMs, to % bucketMs]).toEqual([0, 0]);
          expect(to - now).toBeGreaterThan(0);
          expect(to - now).toBeLessThanOrEqual(bucketMs);
        },
      ),
    );
  });

  it('is constant while its last bucket runs, so that a chart does not flicker', () => {
    expect(historyWindow('24h', NOON + 119_999)).toEqual(historyWindow('24h', NOON));
    expect(historyWindow('24h', NOON + 120_000)).not.toEqual(historyWindow('24h', NOON));
  });
});

describe('computeHistory', () => {
  const now = NOON + 5 * SECOND_MS;
  const window = { ...historyWindow('1h', now), now };

  it('returns one entry a bucket in each column, times in seconds', () => {
    const buckets = [
      aBucket(10_000, { firstAt: NOON - 20_000, oi: 5 }),
      aBucket(10_000, { firstAt: NOON - 10_000, lastAt: NOON - 1_000, oi: 7, usd: null }),
      aBucket(10_000, { firstAt: NOON + 4_000, oi: 0 }),
    ];
    const body = computeHistory('BTCUSDT', '1h', window, buckets, 10, []);
    expect(body).toEqual({
      symbol: 'BTCUSDT',
      range: '1h',
      bucketSec: 10,
      oiOpen: [5, 7, 0],
      funding: [null, null, null],
      samples: [1, 1, 1],
      from: SEC(NOON - 20_000),
      to: SEC(NOON + 10_000),
      t: [SEC(NOON - 20_000), SEC(NOON - 10_000), SEC(NOON)],
      oi: [5, 7, 0],
      oiMin: [4, 6, -1],
      oiMax: [6, 8, 1],
      usd: [10, null, 0],
      mark: [2, 2, 2],
      gaps: [],
      source: [['realtime', SEC(NOON - 20_000), SEC(NOON + 10_000)]],
      alerts: [],
      truncated: false,
    });
    expect(HistoryBody.parse(body)).toEqual(body);
  });

  it('reports the start of its data, never before the requested start', () => {
    const late = computeHistory('A', '1h', window, [aBucket(10_000, { firstAt: NOON - 90_500 })], 10, []);
    expect(late.from).toBe(SEC(NOON) - 91);
    const early = { ...aBucket(10_000, { firstAt: window.from }), first_ts: new Date(window.from - 5_000) };
    expect(computeHistory('A', '1h', window, [early], 10, []).from).toBe(SEC(window.from));
  });

  it('returns empty columns for a symbol without history', () => {
    const body = computeHistory('NEWUSDT', '7d', { ...historyWindow('7d', now), now }, [], 30, []);
    expect(body).toMatchObject({ t: [], oi: [], usd: [], gaps: [], source: [], truncated: false });
    expect(body.to - body.from).toBe((7 * DAY_MS) / SECOND_MS);
  });

  it('reports the stretches by source, from the first bucket of each to the end of its last', () => {
    const buckets = [
      ...points(NOON - HOUR_MS, NOON - 40 * MINUTE_MS, 300, 'backfill'),
      ...points(NOON - 35 * MINUTE_MS, NOON - 30 * MINUTE_MS, 300, 'snapshot'),
      ...points(NOON - 29 * MINUTE_MS, NOON, 10, 'realtime'),
      ...points(NOON + 10_000, NOON + 10_000, 10, 'backfill'),
    ];
    expect(computeHistory('A', '1h', window, buckets, 10, []).source).toEqual([
      ['backfill', SEC(NOON - HOUR_MS), SEC(NOON - 40 * MINUTE_MS + 10_000)],
      ['snapshot', SEC(NOON - 35 * MINUTE_MS), SEC(NOON - 30 * MINUTE_MS + 10_000)],
      ['realtime', SEC(NOON - 29 * MINUTE_MS), SEC(NOON + 10_000)],
      ['backfill', SEC(NOON + 10_000), SEC(NOON + 20_000)],
    ]);
  });

  it('L3 includes the silence between the last sample and now', () => {
    const stopped = [...points(NOON - 50 * MINUTE_MS, NOON - 40 * MINUTE_MS, 10)];
    const body = computeHistory('A', '1h', window, stopped, 10, []);
    expect(body.gaps).toEqual([[SEC(NOON - 40 * MINUTE_MS), SEC(NOON)]]);
  });

  it('L3 includes no time that has yet to come, and all of a window that is over', () => {
    const gapsUntil = (to: number) =>
      computeHistory(
        'A',
        null,
        { ...window, to, now },
        [aBucket(10_000, { firstAt: NOON - HOUR_MS })],
        10,
        [],
      ).gaps;
    expect(gapsUntil(NOON + DAY_MS)).toEqual([[SEC(NOON - HOUR_MS), SEC(NOON)]]);
    expect(gapsUntil(NOON - 30 * MINUTE_MS)).toEqual([[SEC(NOON - HOUR_MS), SEC(NOON - 30 * MINUTE_MS)]]);
  });
});

describe('gaps', () => {
  /** Between the given buckets; the time after the last one is tested separately. */
  const gapsIn = (buckets: HistoryBucketRow[], everySec: number) =>
    computeGaps(buckets, everySec, buckets.at(-1)?.last_ts.getTime() ?? NOON);

  it('are silences longer than three polls and longer than 90 s', () => {
    const fast = (silenceSec: number) => [
      aBucket(10_000, { firstAt: NOON }),
      aBucket(10_000, { firstAt: NOON + silenceSec * SECOND_MS }),
    ];
    expect(gapsIn(fast(90), 10)).toEqual([]);
    expect(gapsIn(fast(91), 10)).toEqual([[SEC(NOON), SEC(NOON) + 91]]);
    expect(gapsIn(fast(180), 60)).toEqual([]);
    expect(gapsIn(fast(181), 60)).toEqual([[SEC(NOON), SEC(NOON) + 181]]);
  });

  it.each(['snapshot', 'snapshot_legacy', 'backfill'] as const)(
    'exclude the time between five-minute points of source %s',
    (source) => {
      const from = NOON - 2 * HOUR_MS;
      expect(gapsIn(points(from, NOON, 300, source), 10)).toEqual([]);
      expect(gapsIn(points(from, NOON, 900, source), 10)).toEqual([]);
      expect(gapsIn(points(from, from + 960_000, 960, source), 10)).toHaveLength(1);
    },
  );

  it('exclude the time between five-minute points and adjacent realtime samples', () => {
    const buckets = [
      ...points(NOON - HOUR_MS, NOON - 5 * MINUTE_MS, 300, 'backfill'),
      ...points(NOON, NOON + MINUTE_MS, 10),
    ];
    expect(gapsIn(buckets, 10)).toEqual([]);
  });

  it('are measured between samples, not between buckets', () => {
    const edge = [
      aBucket(120_000, { firstAt: NOON, lastAt: NOON + 119_000 }),
      aBucket(120_000, { firstAt: NOON + 240_000 - 32_000 }),
    ];
    expect(gapsIn(edge, 10)).toEqual([]);
  });

  it('L3 extend to the running bucket for a silent symbol, and are absent for a live one', () => {
    const stopped = points(NOON - MINUTE_MS, NOON, 10);
    expect(computeGaps(stopped, 10, NOON + 91_000)).toEqual([[SEC(NOON), SEC(NOON) + 91]]);
    expect(computeGaps(stopped, 10, NOON + 90_000)).toEqual([]);
    expect(computeGaps(stopped, 10, NOON - 10_000)).toEqual([]);
    expect(computeGaps(points(NOON, NOON, 300, 'snapshot'), 10, NOON + 900_000)).toEqual([]);
    expect(computeGaps(points(NOON, NOON, 300, 'snapshot'), 10, NOON + 901_000)).toHaveLength(1);
  });

  it('are in order, disjoint and without a sample inside', () => {
    const anySilences = fc.array(fc.integer({ min: 1, max: 600 }), { maxLength: 40 });
    fc.assert(
      fc.property(anySilences, fc.integer({ min: 1, max: 120 }), (silences, everySec) => {
        let at = NOON;
        const buckets = silences.map((sec) => {
          at += sec * SECOND_MS;
          return aBucket(1_000, { firstAt: at });
        });
        const gaps = gapsIn(buckets, everySec);
        const longest = Math.max(90, 3 * everySec);
        expect(gaps).toHaveLength(silences.slice(1).filter((sec) => sec > longest).length);
        for (const [i, [from, to]] of gaps.entries()) {
          expect(from).toBeLessThan(to);
          expect(from).toBeGreaterThanOrEqual(gaps[i - 1]?.[1] ?? 0);
          expect(
            buckets.some((it) => it.first_ts.getTime() / 1_000 > from && it.first_ts.getTime() / 1_000 < to),
          ).toBe(false);
        }
      }),
    );
  });
});
