import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createClockSkew } from '../../../../src/collector/process/clockSkew.ts';

describe('clock skew', () => {
  it('Q6 is accurate to half the duration of the quickest request, for any delays', () => {
    const request = fc.record({
      waitMs: fc.integer({ min: 1, max: 5_000 }),
      thereMs: fc.integer({ min: 1, max: 400 }),
      backMs: fc.integer({ min: 1, max: 400 }),
    });
    fc.assert(
      fc.property(
        fc.array(request, { minLength: 50, maxLength: 120 }),
        fc.integer({ min: -600_000, max: 600_000 }),
        (requests, trueAheadMs) => {
          const skew = createClockSkew();
          let now = Date.UTC(2026, 10, 20, 14);
          for (const { waitMs, thereMs, backMs } of requests) {
            now += waitMs;
            const exchangeTime = Math.floor((now + thereMs + trueAheadMs) / 1_000) * 1_000;
            skew.observe({ sentAt: now, answeredAt: now + thereMs + backMs, exchangeTime });
            now += thereMs + backMs;
          }
          const measured = skew.aheadMs()!;
          // A range that includes 0 is reported as no skew.
          if (measured === 0) expect(Math.abs(trueAheadMs)).toBeLessThanOrEqual(1_800);
          else expect(Math.abs(measured - trueAheadMs)).toBeLessThanOrEqual(900);
        },
      ),
    );
  });

  it('Q6 follows a clock that is set', () => {
    const skew = createClockSkew();
    expect(skew.aheadMs()).toBeNull();
    skew.observe({ sentAt: 10_400, answeredAt: 10_500, exchangeTime: 10_000 });
    expect(skew.aheadMs()).toBe(0);
    skew.observe({ sentAt: 612_000, answeredAt: 612_100, exchangeTime: 12_000 });
    expect(skew.aheadMs()).toBe(-599_550);
    skew.observe({ sentAt: 612_000, answeredAt: 612_100, exchangeTime: null });
    expect(skew.aheadMs()).toBe(-599_550);
  });
});
