import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  formatBytes,
  formatChange,
  formatContracts,
  formatCount,
  formatDecimal,
  formatDelay,
  formatExact,
  formatFraction,
  formatFunding,
  formatPercent,
  formatPlain,
  formatPrice,
  formatRate,
  formatRatio,
  formatShare,
  formatUsd,
  formatUsdChange,
} from '../../../src/kit/format.shared.ts';

const UNITS: Readonly<Record<string, number>> = { K: 1e3, M: 1e6, B: 1e9, T: 1e12, k: 1e3, G: 1e9 };
const TEXT = /^([+\u2212-]?)(\$?)(\d[\d,]*)(\.\d+)?(e[+-]?\d+)?([KMBT]?)(%|s| [kMGT]?B|)$/;

/** The value of a text, and the weight of its last digit. */
function read(text: string): { value: number; lastDigit: number } {
  const match = TEXT.exec(text);
  if (match === null) throw new Error(`not a number as the pages write it: ${text}`);
  const [, sign = '', , whole = '', fraction = '', exponent = '', unit = '', suffix = ''] = match;
  const prefix = /^ ([kMGT])B/.exec(suffix)?.[1] ?? unit;
  const scale = UNITS[prefix] ?? 1;
  const size = Number(`${whole.replaceAll(',', '')}${fraction}${exponent}`) * scale;
  const digits = Math.max(0, fraction.length - 1);
  return {
    value: sign === '' || sign === '+' ? size : -size,
    lastDigit: Number(`1e${Number(exponent.slice(1) || 0) - digits}`) * scale,
  };
}

/** Small and large alike: a double of any exponent that a market can have and many that it cannot. */
const sizes = fc
  .tuple(fc.double({ min: 1, max: 10, maxExcluded: true, noNaN: true }), fc.integer({ min: -290, max: 290 }))
  .map(([digits, exponent]) => Number(`${digits}e${exponent}`));
const usual = fc
  .tuple(fc.double({ min: 1, max: 10, maxExcluded: true, noNaN: true }), fc.integer({ min: -13, max: 18 }))
  .map(([digits, exponent]) => Number(`${digits}e${exponent}`));
const positive = fc.oneof(sizes, usual);
const numbers = fc.tuple(positive, fc.boolean()).map(([size, isNegative]) => (isNegative ? -size : size));

type Case = readonly [
  name: string,
  write: (value: number) => string,
  unit: number,
  values: fc.Arbitrary<number>,
];

const below = (limit: number, values: fc.Arbitrary<number>) => values.filter((it) => Math.abs(it) < limit);

const CASES: readonly Case[] = [
  ['USD', formatUsd, 1, numbers],
  ['changes in USD', formatUsdChange, 1, numbers],
  ['contracts', formatContracts, 1, numbers],
  ['exact contracts', formatExact, 1, numbers],
  ['prices', formatPrice, 1, numbers],
  ['ratios', formatRatio, 1, numbers],
  ['counts', formatCount, 1, numbers],
  ['rates', formatRate, 1, positive],
  ['decimals', (value) => formatDecimal(value, 1), 1, numbers],
  ['bytes', formatBytes, 1, positive],
  // The sizes beyond are written as a bound, `>999%`, or in minutes.
  ['changes', formatChange, 0.01, below(99_900, numbers)],
  ['fractions', formatFraction, 100, below(9.99, numbers)],
  ['percent', formatPercent, 1, below(999, positive)],
  ['shares', (value) => formatShare(value, 1), 100, positive],
  ['funding', formatFunding, 100, numbers],
  ['delays', formatDelay, 0.001, below(59_000, positive)],
];

describe.each(CASES)('%s', (_name, write, unit, values) => {
  it('L1 read back to within half a unit of the last digit, and only zero as zero', () => {
    fc.assert(
      fc.property(values, (value) => {
        const shown = read(write(value));
        const meant = value * unit;
        // The scaling itself may be off by the last bits of a double.
        const slack = Math.abs(meant) * 1e-12;
        expect(Math.abs(shown.value - meant)).toBeLessThanOrEqual(shown.lastDigit / 2 + slack);
        expect(shown.value).not.toBe(0);
        expect(Math.sign(shown.value)).toBe(Math.sign(meant));
      }),
      { numRuns: 500 },
    );
  });

  it('L1 write zero and -0 without a sign', () => {
    expect(read(write(0)).value).toBe(0);
    expect(write(-0)).toBe(write(0));
    expect(write(0)).not.toMatch(/[+\u2212e-]/);
  });
});

describe('a table cell', () => {
  it.each([
    ['USD', formatUsd],
    ['change in USD', formatUsdChange],
    ['contracts', formatContracts],
    ['price', formatPrice],
    ['ratio', formatRatio],
  ])('keeps its width for any magnitude of %s', (_name, write) => {
    fc.assert(
      fc.property(usual, (value) => {
        expect(write(value).length).toBeLessThanOrEqual(12);
      }),
    );
  });
});

describe('a plain number', () => {
  it('L1 is exactly the number, without an exponent', () => {
    fc.assert(
      fc.property(numbers, (value) => {
        const text = formatPlain(value);
        expect(text).toMatch(/^-?\d+(\.\d+)?$/);
        expect(Number(text)).toBe(value);
      }),
      { numRuns: 500 },
    );
    expect([formatPlain(0), formatPlain(-0), formatPlain(5e-324).length]).toEqual(['0', '0', 326]);
  });

  it('moves its decimal point and changes no digit', () => {
    fc.assert(
      fc.property(usual, fc.integer({ min: -4, max: 4 }), (value, shift) => {
        const [mantissa, exponent] = value.toExponential().split('e');
        expect(Number(formatPlain(value, shift))).toBe(Number(`${mantissa}e${Number(exponent) + shift}`));
      }),
    );
    expect([formatPlain(-0.000041, 2), formatPlain(421, -2), formatPlain(0.07, 2)]).toEqual([
      '-0.0041',
      '4.21',
      '7',
    ]);
  });
});
