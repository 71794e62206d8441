import { describe, expect, it } from '@jest/globals';
import {
  formatClock,
  formatDay,
  formatInRange,
  formatIso,
  formatMinute,
  formatMoment,
  formatRecent,
  formatSince,
} from '../../../src/dashboard/timeOfDay.ts';

const AT = Date.UTC(2026, 10, 2, 14, 3, 22);
const DAY_MS = 86_400_000;

describe('times on the pages', () => {
  it('include the day where the time alone would be ambiguous', () => {
    expect(formatMoment(AT, 'utc')).toBe('11-02 14:03:22');
    expect(formatRecent(AT, AT + 3_600_000, 'utc')).toBe('14:03:22');
    expect(formatRecent(AT, AT + DAY_MS / 2, 'utc')).toBe('11-02 14:03:22');
    expect(formatInRange(AT, '7d', 'utc')).toBe('11-02 14:03:22');
    expect(formatInRange(AT, '24h', 'utc')).toBe('14:03:22');
    expect(formatInRange(AT, '1y', 'utc')).toBe('2026-11-02 14:03');
    expect(formatDay(AT, 'utc')).toBe('Nov 2');
    expect(formatSince(AT, AT + 1, 'utc')).toBe('14:03');
    expect(formatSince(AT, AT + 2 * DAY_MS, 'utc')).toBe('Nov 02');
    expect(formatSince(AT, AT + 400 * DAY_MS, 'utc')).toBe('Nov 02, 2026');
  });

  it('are in the zone of the machine on request', () => {
    const date = new Date(AT);
    const two = (value: number) => String(value).padStart(2, '0');
    expect(formatClock(AT, 'local')).toBe(
      [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':'),
    );
    expect(formatDay(AT, 'local')).toBe(`Nov ${date.getDate()}`);
  });

  // Nanoseconds instead of milliseconds, and the values of a damaged response.
  it.each([1.79e18, -1.79e18, NaN, Infinity])('are unknown for an invalid time: %d', (at) => {
    expect([
      formatIso(at),
      formatClock(at, 'utc'),
      formatClock(at, 'local'),
      formatMinute(at, 'utc'),
      formatMoment(at, 'utc'),
      formatDay(at, 'utc'),
      formatSince(at, AT, 'utc'),
    ]).toEqual(Array.from({ length: 7 }, () => '—'));
  });

  it('support years of five digits, as microseconds yield', () => {
    expect(formatClock(AT * 1_000, 'utc')).toMatch(/^\d\d:\d\d:\d\d$/);
    expect(formatMoment(AT * 1_000, 'utc')).toMatch(/^\d\d-\d\d \d\d:\d\d:\d\d$/);
  });
});
