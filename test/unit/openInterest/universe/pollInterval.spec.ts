import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { computePollIntervalSec } from '../../../../src/openInterest/universe/pollInterval.shared.ts';

const BUDGET = { requestsPerMin: 2_000, minSec: 5, maxSec: 20 };

describe('computePollIntervalSec', () => {
  it.each([
    [0, 20],
    [1, 5],
    [166, 5],
    [167, 5.01],
    // The original rounded this to 5 s and sent 2,196 requests a minute.
    [183, 5.49],
    [343, 10.29],
    // The original stopped at 20 s and exceeded the budget from here on.
    [667, 20.01],
    [1_000, 30],
  ])('of %i symbols is %d s', (symbols, seconds) => {
    expect(computePollIntervalSec(symbols, BUDGET)).toBeCloseTo(seconds, 10);
  });

  it('Q3 never exceeds the budget, for any number of symbols and limits', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10_000 }),
        fc.integer({ min: 1, max: 6_000 }),
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 60 }),
        (symbols, requestsPerMin, minSec, maxSec) => {
          const intervalSec = computePollIntervalSec(symbols, { requestsPerMin, minSec, maxSec });
          const spent = (60 * symbols) / intervalSec;
          // A last bit of a double is no request.
          expect(spent).toBeLessThanOrEqual(requestsPerMin * (1 + 4 * Number.EPSILON));
          expect(intervalSec).toBeGreaterThanOrEqual(minSec);
        },
      ),
      { numRuns: 5_000 },
    );
  });

  it('uses the whole budget when the symbols need it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 167, max: 10_000 }), (symbols) => {
        expect((60 * symbols) / computePollIntervalSec(symbols, BUDGET)).toBeCloseTo(2_000, 6);
      }),
    );
  });
});
