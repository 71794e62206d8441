import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  compareMoments,
  distinctSamples,
  mergeSample,
  sourceRank,
} from '../../../../src/openInterest/board/merge.ts';
import { Source } from '../../../../src/openInterest/openInterest.types.ts';
import { aSample } from '../../../support/builders.ts';
import { anySample } from '../arbitraries.ts';

const NOON = Date.UTC(2026, 10, 20, 12);

describe('order of samples', () => {
  it('I3 is by time first, for any source', () => {
    const late = aSample({ ts: NOON + 1, source: 'snapshot_legacy' });
    const early = aSample({ ts: NOON, source: 'realtime' });
    expect(compareMoments(late, early)).toBeGreaterThan(0);
    expect(compareMoments(early, late)).toBeLessThan(0);
  });

  it('I3 is by source at the same time: realtime, snapshot, snapshot_legacy, backfill', () => {
    const given = ['backfill', 'realtime', 'snapshot_legacy', 'snapshot'] as const;
    const ordered = given.map((source) => aSample({ source })).toSorted((a, b) => compareMoments(b, a));
    expect(ordered.map((it) => it.source)).toEqual(['realtime', 'snapshot', 'snapshot_legacy', 'backfill']);
  });

  it('I3 is total: of two samples one is newer unless time and source are equal', () => {
    fc.assert(
      fc.property(anySample, anySample, anySample, (a, b, c) => {
        const same = a.ts === b.ts && a.source === b.source;
        expect(compareMoments(a, b) === 0).toBe(same);
        expect(Math.sign(compareMoments(a, b)) + Math.sign(compareMoments(b, a))).toBe(0);
        if (compareMoments(a, b) <= 0 && compareMoments(b, c) <= 0)
          expect(compareMoments(a, c)).toBeLessThanOrEqual(0);
      }),
    );
  });

  it('gives each source its own rank', () => {
    expect(new Set(Source.options.map(sourceRank)).size).toBe(Source.options.length);
  });
});

describe('distinctSamples', () => {
  it('I2 keeps the last of those with the same symbol, time and source', () => {
    const first = aSample({ openInterest: 1 });
    const other = aSample({ openInterest: 2, source: 'snapshot' });
    const last = aSample({ openInterest: 3 });
    expect(distinctSamples([first, other, last])).toEqual([other, last]);
  });

  it('I8 sorts by symbol, then from old to new, for any input order', () => {
    fc.assert(
      fc.property(fc.array(anySample, { maxLength: 40 }), (samples) => {
        const distinct = distinctSamples(samples);
        for (const [i, sample] of distinct.entries()) {
          const before = distinct[i - 1];
          if (!before) continue;
          expect(before.symbol <= sample.symbol).toBe(true);
          if (before.symbol === sample.symbol) expect(compareMoments(before, sample)).toBeLessThan(0);
        }
        const keys = (list: typeof samples) =>
          new Set(list.map((it) => `${it.symbol}|${it.ts}|${it.source}`));
        expect(keys(distinct)).toEqual(keys(samples));
        expect(distinct).toHaveLength(keys(samples).size);
      }),
    );
  });
});

describe('mergeSample', () => {
  const held = aSample({ ts: NOON });

  it('I3 replaces an older sample and keeps a newer one, from any origin', () => {
    for (const from of ['poller', 'database'] as const) {
      expect(mergeSample(held, aSample({ ts: NOON + 1 }), from)).toBe('replace');
      expect(mergeSample(held, aSample({ ts: NOON - 1 }), from)).toBe('older');
    }
  });

  it('I2 keeps the present sample when a poller sends the same time with other values', () => {
    expect(mergeSample(held, aSample({ ts: NOON, openInterest: 5 }), 'poller')).toBe('same');
  });

  it.each([
    ['contracts', { openInterest: 5 }],
    ['USD', { openInterestUsd: null }],
    ['price', { markPrice: 5 }],
    ['funding', { fundingRate: 0.001 }],
  ])('C3 yields to the database when its %s of the same time differ', (_what, other) => {
    expect(mergeSample(held, aSample({ ts: NOON, ...other }), 'database')).toBe('replace');
  });

  it('C3 changes nothing when the database has the same values', () => {
    expect(mergeSample(held, aSample({ ts: NOON }), 'database')).toBe('same');
  });

  it.each(['poller', 'database'] as const)(
    'keeps backfill off the board when it comes from the %s',
    (from) => {
      const backfill = aSample({ ts: NOON + 1, source: 'backfill' });
      expect(mergeSample(undefined, backfill, from)).toBe('older');
      expect(mergeSample(held, backfill, from)).toBe('older');
    },
  );
});
