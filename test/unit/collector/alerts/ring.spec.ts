import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createRing, type RingPoint } from '../../../../src/collector/alerts/ring.ts';

const HORIZON_MS = 1_000;

const point = fc.record({
  ts: fc.integer({ min: 1, max: 5_000 }),
  openInterest: fc.double({ min: 0, max: 1e12, noNaN: true }),
  markPrice: fc.option(fc.double({ min: 1e-9, max: 1e6, noNaN: true })),
});

describe('ring of readings', () => {
  it('answers like a plain list for any order and number of readings', () => {
    fc.assert(
      fc.property(
        fc.array(point, { maxLength: 400 }),
        fc.array(fc.integer({ min: -10, max: 6_000 }), { minLength: 1, maxLength: 20 }),
        (points, moments) => {
          const ring = createRing({ horizonMs: HORIZON_MS });
          let list: RingPoint[] = [];
          for (const it of points) {
            const isNewer = it.ts > (list.at(-1)?.ts ?? -Infinity);
            expect(ring.push(it)).toBe(isNewer);
            if (!isNewer) continue;
            const horizon = it.ts - HORIZON_MS;
            const base = list.findLast((old) => old.ts <= horizon);
            list = [...list.filter((old) => old.ts > horizon || old === base), it];
          }
          expect(ring.size()).toBe(list.length);
          expect(ring.newest()).toEqual(list.at(-1) ?? null);
          for (const ts of moments) {
            expect(ring.newestAtOrBefore(ts)).toEqual(list.findLast((it) => it.ts <= ts) ?? null);
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it('prepends older readings without losing or repeating any', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(point, { selector: (it) => it.ts, maxLength: 200 }),
        fc.array(fc.boolean(), { minLength: 200, maxLength: 200 }),
        (points, coins) => {
          const sorted = points.toSorted((a, b) => a.ts - b.ts);
          const whole = createRing({ horizonMs: 10_000 });
          for (const it of sorted) whole.push(it);
          const filled = createRing({ horizonMs: 10_000 });
          const from = Math.floor(sorted.length / 2);
          for (const it of sorted.slice(from)) filled.push(it);
          // Unordered, with some repeated readings.
          const again = sorted.slice(from).filter((_, i) => coins[i]);
          filled.fill([...again, ...sorted.slice(0, from)].toReversed());
          expect(filled.size()).toBe(whole.size());
          for (const { ts } of sorted)
            expect(filled.newestAtOrBefore(ts)).toEqual(whole.newestAtOrBefore(ts));
        },
      ),
    );
  });

  it('covers an hour at any pace', () => {
    for (const everyMs of [250, 3_000, 10_300, 61_000]) {
      const ring = createRing({ horizonMs: 3_600_000 });
      for (let ts = 0; ts <= 3 * 3_600_000; ts += everyMs)
        ring.push({ ts, openInterest: ts, markPrice: null });
      const last = ring.newest()!.ts;
      const base = ring.newestAtOrBefore(last - 3_600_000)!;
      expect(last - 3_600_000 - base.ts).toBeLessThan(everyMs);
      expect(ring.size()).toBeLessThanOrEqual(3_600_000 / everyMs + 2);
    }
  });
});
