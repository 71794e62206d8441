import { describe, expect, it } from '@jest/globals';
import { parseInt8 } from '../../../../src/platform/database/postgres.ts';

describe('parseInt8', () => {
  it('returns a number while it is exact', () => {
    expect(parseInt8('0')).toBe(0);
    expect(parseInt8('-42')).toBe(-42);
    expect(parseInt8('9007199254740991')).toBe(Number.MAX_SAFE_INTEGER);
  });

  it('returns text for what a number would round', () => {
    expect(parseInt8('9007199254740993')).toBe('9007199254740993');
    expect(parseInt8('-9223372036854775808')).toBe('-9223372036854775808');
  });
});
