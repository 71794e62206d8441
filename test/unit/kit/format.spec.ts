import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { formatAge, formatCount, formatLine } from '../../../src/kit/format.shared.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe('formatAge', () => {
  it.each([
    [0, '0s'],
    [1, '<1s'],
    [999, '<1s'],
    [1_000, '1s'],
    [2_000, '2s'],
    [59_999, '59s'],
    [MINUTE, '1m 00s'],
    [MINUTE + 5_000, '1m 05s'],
    [10 * MINUTE - 1, '9m 59s'],
    [10 * MINUTE, '10m'],
    [12 * MINUTE + 59_000, '12m'],
    [HOUR - 1, '59m'],
    [HOUR, '1h 00m'],
    [HOUR + 3 * MINUTE, '1h 03m'],
    [2 * DAY - 1, '47h 59m'],
    [2 * DAY, '2d'],
    [400 * DAY, '400d'],
    [NaN, '—'],
  ])('writes %i ms as %s', (ageMs, text) => {
    expect(formatAge(ageMs)).toBe(text);
  });

  it('M3 writes an age from the future as 0, as clocks differ', () => {
    expect(formatAge(-5_000)).toBe('0s');
  });
});

describe('formatCount', () => {
  it.each([
    [0, '0'],
    [-0.4, '-0.4'],
    [-0, '0'],
    [999, '999'],
    [1_000, '1,000'],
    [1_284, '1,284'],
    [999_999.5, '1,000,000'],
    [1_234_567_890, '1,234,567,890'],
    [-1_284, '-1,284'],
    [-128, '-128'],
  ])('writes %d as %s', (value, text) => {
    expect(formatCount(value)).toBe(text);
  });

  it('only adds commas', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (value) => {
        expect(formatCount(value).replaceAll(',', '')).toBe(String(value));
        expect(formatCount(value)).toMatch(/^-?\d{1,3}(,\d{3})*$/);
      }),
    );
  });
});

describe('formatLine', () => {
  it.each([
    ['plain', 'plain'],
    ['two\nlines', 'two lines'],
    ['two\r\n\tlines', 'two lines'],
    ['\u2028and\u2029more', ' and more'],
    ['\u001b[31mred', ' [31mred'],
    ['BTC\ud83d', 'BTC\ufffd'],
    ['币安人生', '币安人生'],
    ['x'.repeat(20), 'x'.repeat(20)],
    ['x'.repeat(21), `${'x'.repeat(19)}…`],
  ])('O3 writes %j as %j', (text, line) => {
    expect(formatLine(text, 20)).toBe(line);
  });

  it('O3 is one well-formed line of limited length for any text', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 60 }),
        fc.integer({ min: 2, max: 50 }),
        (text, max) => {
          const line = formatLine(text, max);
          expect(line).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
          expect(line.length).toBeLessThanOrEqual(max);
          expect(line.isWellFormed()).toBe(true);
        },
      ),
    );
  });
});
