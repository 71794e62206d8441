import { describe, expect, it } from '@jest/globals';
import { formatInRange, formatMoment } from '../../../src/dashboard/drawer/moment.ts';

const AT = Date.UTC(2026, 10, 2, 14, 3, 22);

describe('moments of a history', () => {
  it('carry their day where the clock alone would be ambiguous', () => {
    expect(formatMoment(AT, 'utc')).toBe('11-02 14:03:22');
    expect(formatInRange(AT, '7d', 'utc')).toBe('11-02 14:03:22');
    expect(formatInRange(AT, '24h', 'utc')).toBe('14:03:22');
  });
});
