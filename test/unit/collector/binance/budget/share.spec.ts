import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { capOf, computeShare } from '../../../../../src/collector/binance/budget/share.ts';
import { weightLimits } from '../../../../../src/collector/binance/budget/weightLimits.ts';

const budget = fc.integer({ min: 60, max: 2_300 });

describe('the share of a collector in the weight of its address', () => {
  it('lets every class of work send something at any budget before the others are known: only answers tell of them', () => {
    fc.assert(
      fc.property(budget, fc.constantFrom('reserved', 'steady', 'spare'), (size, priority) => {
        const limits = weightLimits({ budget: size });
        expect(capOf(limits, computeShare(limits, null), priority)).toBeGreaterThanOrEqual(1);
      }),
    );
  });

  it('keeps room for the heaviest run beside steady work as soon as the address is known to be ours', () => {
    fc.assert(
      fc.property(budget, (size) => {
        const limits = weightLimits({ budget: size });
        const share = computeShare(limits, 0);
        expect(share - capOf(limits, share, 'steady')).toBe(limits.reserve);
        expect(capOf(limits, share, 'reserved')).toBe(share);
      }),
    );
  });
});
