import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DAY_MS, HOUR_MS } from '../../../../src/kit/clock.ts';
import { dayOf, daysBefore } from '../../../../src/openInterest/history/days.ts';
import { neededDays } from '../../../../src/openInterest/history/partitions.ts';

const anyMoment = fc.integer({ min: Date.UTC(2024, 0, 1), max: Date.UTC(2040, 0, 1) });
const anyRetention = fc.integer({ min: 1, max: 60 });

describe('neededDays', () => {
  it.each([
    ['2026-11-30T23:59:59.999Z', ['2026-11-29', '2026-11-30', '2026-12-01', '2026-12-02']],
    ['2026-12-31T00:00:00.000Z', ['2026-12-30', '2026-12-31', '2027-01-01', '2027-01-02']],
    ['2028-02-29T12:00:00.000Z', ['2028-02-28', '2028-02-29', '2028-03-01', '2028-03-02']],
    ['2027-03-01T00:00:00.000Z', ['2027-02-28', '2027-03-01', '2027-03-02', '2027-03-03']],
  ])('P6 continue across the end of a month, a year and February at %s', (now, first) => {
    const days = neededDays(Date.parse(now));
    expect(days.slice(0, 4)).toEqual(first);
    expect(days).toHaveLength(9);
  });

  it('P6 are consecutive, from yesterday to a week ahead', () => {
    fc.assert(
      fc.property(anyMoment, (now) => {
        const days = neededDays(now);
        expect(days[0]).toBe(dayOf(now - DAY_MS));
        expect(days.at(-1)).toBe(dayOf(now + 7 * DAY_MS));
        for (const [i, day] of days.entries()) {
          expect(Date.parse(day) - Date.parse(days[i - 1] ?? dayOf(Date.parse(day) - DAY_MS))).toBe(DAY_MS);
        }
      }),
    );
  });

  it('P6 I1 include the day of every new sample until the next check', () => {
    fc.assert(
      fc.property(anyMoment, fc.integer({ min: -60_000, max: HOUR_MS }), (now, age) => {
        expect(neededDays(now)).toContain(dayOf(now - age));
        expect(neededDays(now - HOUR_MS)).toContain(dayOf(now - age));
      }),
    );
  });
});

describe('daysBefore', () => {
  it('P6 are those wholly past retention: the day in which retention ends stays', () => {
    const existing = ['2026-10-19', '2026-10-20', '2026-10-21', '2026-11-20', '2026-11-27'];
    expect(daysBefore(existing, Date.parse('2026-11-20T00:00:00Z') - 30 * DAY_MS)).toEqual([
      '2026-10-19',
      '2026-10-20',
    ]);
    expect(daysBefore(existing, Date.parse('2026-11-20T23:59:59Z') - 30 * DAY_MS)).toEqual([
      '2026-10-19',
      '2026-10-20',
    ]);
    expect(daysBefore(existing, Date.parse('2026-11-21T00:00:00Z') - 30 * DAY_MS)).toEqual([
      '2026-10-19',
      '2026-10-20',
      '2026-10-21',
    ]);
  });

  it('P6 exclude needed days, and cover everything older than retention and a day', () => {
    fc.assert(
      fc.property(anyMoment, anyRetention, (now, retentionDays) => {
        const existing = Array.from({ length: retentionDays + 88 }, (_, i) => dayOf(now + (7 - i) * DAY_MS));
        const expired = new Set(daysBefore(existing, now - retentionDays * DAY_MS));
        for (const day of neededDays(now)) expect(expired.has(day)).toBe(false);
        for (const day of existing) {
          const endsAt = Date.parse(day) + DAY_MS;
          expect(expired.has(day)).toBe(endsAt <= now - retentionDays * DAY_MS);
        }
      }),
      { numRuns: 50 },
    );
  });
});
