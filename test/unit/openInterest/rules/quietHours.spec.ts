import { describe, expect, it } from '@jest/globals';
import { isQuiet } from '../../../../src/openInterest/rules/quietHours.ts';

describe('quiet hours', () => {
  it.each([
    ['23:00', '07:00', 'Europe/Berlin', '2026-11-20T22:00:00Z', true],
    ['23:00', '07:00', 'Europe/Berlin', '2026-11-20T21:59:00Z', false],
    ['23:00', '07:00', 'Europe/Berlin', '2026-11-21T05:59:00Z', true],
    ['23:00', '07:00', 'Europe/Berlin', '2026-11-21T06:00:00Z', false],
    // In summer an hour earlier by UTC.
    ['23:00', '07:00', 'Europe/Berlin', '2026-07-20T21:00:00Z', true],
    ['09:00', '17:00', 'Asia/Kolkata', '2026-11-20T03:30:00Z', true],
    ['09:00', '17:00', 'Asia/Kolkata', '2026-11-20T11:30:00Z', false],
    ['00:00', '00:00', 'UTC', '2026-11-20T11:30:00Z', true],
    ['00:00', '06:00', 'UTC', '2026-11-20T00:00:00Z', true],
  ])('from %s to %s in %s contain %s: %p', (from, to, timeZone, at, expected) => {
    expect(isQuiet({ from, to, timeZone }, Date.parse(at))).toBe(expected);
  });

  it('are none without', () => {
    expect(isQuiet(null, 0)).toBe(false);
  });
});
