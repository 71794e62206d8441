import { describe, expect, it } from '@jest/globals';
import { parseRetryAfter } from '../../../src/kit/retryAfter.ts';

describe('Retry-After', () => {
  const now = Date.UTC(2026, 10, 20, 14, 0, 0);
  it.each([
    [null, null],
    ['3', 3_000],
    ['0', 0],
    ['Fri, 20 Nov 2026 14:00:09 GMT', 9_000],
    ['Fri, 20 Nov 2026 13:00:00 GMT', 0],
    ['soon', null],
    ['-1', null],
  ])('%j is %j ms', (header, ms) => expect(parseRetryAfter(header, now)).toBe(ms));
});
