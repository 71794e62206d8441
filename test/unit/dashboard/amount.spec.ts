import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { formatAmount, parseAmount } from '../../../src/dashboard/board/amount.ts';

describe('amounts in filters', () => {
  it('are read with a unit, a dollar sign and groups', () => {
    const read = ['50M', '1.5B', '250k', '$2,000', ' 3 t ', '.5', '1.1M'].map(parseAmount);
    expect(read).toEqual([50e6, 1.5e9, 250e3, 2_000, 3e12, 0.5, 1.1e6]);
  });

  it('are none where the text is no number above zero', () => {
    for (const text of ['', '0', '-5', 'M', '5X', '5MM', '1.2.3', '1e9'])
      expect(parseAmount(text)).toBeNull();
  });

  it('are written as short as possible', () => {
    expect([1.5e9, 50e6, 1_234_567, 999, null].map(formatAmount)).toEqual([
      '1.5B',
      '50M',
      '1234567',
      '999',
      '',
    ]);
  });

  it('are read as what was written', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-6, max: 1e20, noNaN: true }), (value) => {
        expect(parseAmount(formatAmount(value))).toBe(value);
      }),
    );
  });
});
