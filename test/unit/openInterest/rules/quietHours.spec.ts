import { describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { endOfQuiet, isQuiet } from '../../../../src/openInterest/rules/quietHours.ts';

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

  it.each([
    ['23:00', '07:00', 'Europe/Berlin', '2026-11-20T22:10:20Z', '2026-11-21T06:00:00Z'],
    ['23:00', '07:00', 'Europe/Berlin', '2026-11-21T05:59:59Z', '2026-11-21T06:00:00Z'],
    ['09:00', '17:05', 'Asia/Kolkata', '2026-11-20T03:30:00Z', '2026-11-20T11:35:00Z'],
    // The nights in which the clock is set.
    ['23:00', '07:00', 'Europe/Berlin', '2026-03-28T22:30:00Z', '2026-03-29T05:00:00Z'],
    ['23:00', '07:00', 'Europe/Berlin', '2026-10-24T22:30:00Z', '2026-10-25T06:00:00Z'],
    // 02:30 does not exist in this night: the clock is set from 02:00 to 03:00.
    ['23:00', '02:30', 'Europe/Berlin', '2026-03-28T22:30:00Z', '2026-03-29T01:00:00Z'],
    ['23:00', '02:30', 'Europe/Berlin', '2026-03-29T00:45:00Z', '2026-03-29T01:00:00Z'],
  ])('from %s to %s in %s around %s end at %s', (from, to, timeZone, at, end) => {
    expect(new Date(endOfQuiet({ from, to, timeZone }, Date.parse(at))!).toISOString()).toBe(
      new Date(end).toISOString(),
    );
  });

  it('end at the first minute that is not quiet', () => {
    const minute = fc
      .integer({ min: 0, max: 1439 })
      .map((it) => new Date(it * 60_000).toISOString().slice(11, 16));
    const zone = fc.constantFrom('UTC', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe');
    const at = fc.integer({ min: Date.UTC(2026, 0), max: Date.UTC(2027, 0) });
    fc.assert(
      fc.property(minute, minute, zone, at, (from, to, timeZone, time) => {
        const quietHours = { from, to, timeZone };
        const end = endOfQuiet(quietHours, time);
        if (from === to) return expect(end).toBeNull();
        expect(isQuiet(quietHours, end!)).toBe(false);
        if (isQuiet(quietHours, time)) expect(isQuiet(quietHours, end! - 60_000)).toBe(true);
        if (isQuiet(quietHours, time)) expect(end! - time).toBeLessThanOrEqual(25 * 3_600_000);
      }),
    );
  });

  it('keep a bounded number of time zones, however users write them', () => {
    const made = jest.spyOn(Intl, 'DateTimeFormat');
    const quietIn = (timeZone: string) => isQuiet({ from: '23:00', to: '07:00', timeZone }, 0);
    const name = 'america/argentina/buenos_aires';
    /** The letters at the ones of `bits` are capitals. */
    const spelled = (bits: number) =>
      Array.from(name, (letter, i) => ((bits >> i) & 1 ? letter.toUpperCase() : letter)).join('');
    const spellings = new Set(Array.from({ length: 3_000 }, (_, i) => spelled(i)));
    for (const it of spellings) quietIn(it);
    quietIn(name);
    expect(made).toHaveBeenCalledTimes(spellings.size + 1);
    made.mockRestore();
  });

  it('are none without', () => {
    expect(isQuiet(null, 0)).toBe(false);
  });
});
