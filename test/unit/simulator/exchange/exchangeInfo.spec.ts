import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { HOUR_MS } from '../../../../src/kit/clock.ts';
import { generatedAt } from '../../../../src/simulator/exchange/exchangeInfo.ts';

describe('exchangeInfo’s serverTime', () => {
  it('is 1.1 to 7.1 hours behind at any time, so that it cannot pass for a clock', () => {
    fc.assert(
      fc.property(fc.integer({ min: Date.UTC(2020), max: Date.UTC(2040) }), (at) => {
        const behindHours = (at - generatedAt(at)) / HOUR_MS;
        expect(behindHours).toBeGreaterThanOrEqual(1.1);
        expect(behindHours).toBeLessThanOrEqual(7.1);
      }),
    );
  });
});
