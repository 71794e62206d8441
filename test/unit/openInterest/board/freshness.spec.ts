import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { freshnessOf, modeOfSource } from '../../../../src/openInterest/board/freshness.shared.ts';
import { Source } from '../../../../src/openInterest/openInterest.types.ts';

describe('freshnessOf', () => {
  it.each([
    // At least 45 s and 120 s, however fast the pace.
    [5, 45, 120],
    [22, 45, 120],
    [24, 48, 120],
    [25, 50, 125],
    [30, 60, 150],
    [300, 600, 1_500],
  ])(
    'L3 C4 of a realtime symbol polled every %i s is live up to %i s and late up to %i s',
    (everySec, live, late) => {
      expect(freshnessOf(live, everySec, 'realtime')).toBe('live');
      expect(freshnessOf(live + 0.001, everySec, 'realtime')).toBe('late');
      expect(freshnessOf(late, everySec, 'realtime')).toBe('late');
      expect(freshnessOf(late + 0.001, everySec, 'realtime')).toBe('stale');
    },
  );

  it.each([1, 30, 300])(
    'L3 of a snapshot is live up to 390 s and late up to 690 s, at any pace (%i s)',
    (everySec) => {
      expect(freshnessOf(390, everySec, 'snapshot')).toBe('live');
      expect(freshnessOf(390.001, everySec, 'snapshot')).toBe('late');
      expect(freshnessOf(690, everySec, 'snapshot')).toBe('late');
      expect(freshnessOf(690.001, everySec, 'snapshot')).toBe('stale');
    },
  );

  it('M3 of a sample from the future is live, as clocks differ', () => {
    expect(freshnessOf(-60, 5, 'realtime')).toBe('live');
  });

  it('never improves with age', () => {
    const order = ['live', 'late', 'stale'];
    const anyAge = fc.double({ min: -100, max: 10_000, noNaN: true });
    fc.assert(
      fc.property(anyAge, anyAge, fc.integer({ min: 1, max: 300 }), (a, b, everySec) => {
        for (const mode of ['realtime', 'snapshot'] as const) {
          const [younger, older] = [Math.min(a, b), Math.max(a, b)].map((age) =>
            order.indexOf(freshnessOf(age, everySec, mode)),
          );
          expect(younger).toBeLessThanOrEqual(older!);
        }
      }),
    );
  });
});

describe('modeOfSource', () => {
  it('applies the realtime pace to realtime sources only', () => {
    expect(Source.options.map((source) => [source, modeOfSource(source)])).toEqual([
      ['realtime', 'realtime'],
      ['snapshot', 'snapshot'],
      ['snapshot_legacy', 'snapshot'],
      ['backfill', 'snapshot'],
    ]);
  });
});
