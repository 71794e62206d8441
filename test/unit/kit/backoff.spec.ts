import { describe, expect, it } from '@jest/globals';
import { backoffLimitMs, backoffMs } from '../../../src/kit/backoff.shared.ts';

const BACKOFF = { firstMs: 500, longestMs: 30_000 };

describe('backoffLimitMs', () => {
  it.each([
    [0, 500],
    [1, 1_000],
    [5, 16_000],
    [6, 30_000],
    [5_000, 30_000],
  ])('after %i failures: %i ms', (failures, limitMs) => {
    expect(backoffLimitMs(BACKOFF, failures)).toBe(limitMs);
  });
});

describe('backoffMs', () => {
  it('Q5 spreads retries over the whole range up to the limit', () => {
    const waits = [0, 0.25, 0.999].map((it) => backoffMs(BACKOFF, 3, () => it));
    expect(waits).toEqual([0, 1_000, 3_996]);
  });

  it('draws a random number for each wait', () => {
    const waits = new Set(Array.from({ length: 20 }, () => backoffMs(BACKOFF, 6)));
    expect(waits.size).toBeGreaterThan(1);
    expect([...waits].every((it) => it >= 0 && it < 30_000)).toBe(true);
  });
});
