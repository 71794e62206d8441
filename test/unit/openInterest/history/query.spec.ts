import { describe, expect, it } from '@jest/globals';
import type { z } from 'zod';
import { SymbolName, Time } from '../../../../src/openInterest/history/query.ts';
import { PositionText } from '../../../../src/openInterest/openInterest.types.ts';

function read<Schema extends z.ZodType>(schema: Schema, raw: string): z.output<Schema> | 'refused' {
  const parsed = schema.safeParse(raw);
  if (parsed.success) return parsed.data;
  expect(parsed.error.issues).toHaveLength(1);
  return 'refused';
}

const NOON = Date.UTC(2026, 10, 20, 12);

describe('?symbol', () => {
  it.each([
    ['btc-usdt', 'BTCUSDT'],
    ['币安人生USDT', '币安人生USDT'],
    ['constructor', 'CONSTRUCTOR'],
  ])('C6 reads %s as %s', (raw, symbol) => {
    expect(read(SymbolName, raw)).toBe(symbol);
  });

  it.each(['', '__proto__', 'BTC USDT', '../etc', "'; DROP TABLE", 'A'.repeat(33), 'BTC\u0000', 'ＢＴＣ'])(
    'X1 refuses %j',
    (raw) => {
      expect(read(SymbolName, raw)).toBe('refused');
    },
  );
});

describe('?ts, ?since, ?before', () => {
  it.each([
    ['2026-11-20T12:00:00Z', NOON],
    ['2026-11-20T12:00:00.123Z', NOON + 123],
    ['2026-11-20T12:00:00.123456+00:00', NOON + 123],
    ['2026-11-20T14:00:00+02:00', NOON],
    ['2026-11-20T07:00:00-05:00', NOON],
    ['2026-11-20T12:00:00', NOON],
    ['2026-11-20T12:00:00.123456', NOON + 123],
    ['2026-11-20 12:00:00', NOON],
    ['2026-11-20T12:00Z', NOON],
    ['2026-11-20T12:00', NOON],
    ['2026-11-20', Date.UTC(2026, 10, 20)],
    // A plus in a query that was not encoded arrives as a blank.
    ['2026-11-20T14:00:00 02:00', NOON],
    [String(NOON), NOON],
    ['0', 0],
    // Digits are epoch ms, never a year.
    ['2026', 2_026],
  ])('accept %s, and assume UTC without a zone', (raw, epochMs) => {
    expect(read(Time, raw)).toBe(epochMs);
  });

  it.each([
    '',
    'now',
    'yesterday',
    'foo 1',
    'abc 2026',
    '1e3',
    '-1',
    '1.5',
    'NaN',
    '2026-02-30T00:00:00Z',
    '2026-11-31',
    '2026-13-01',
    '2026-11-20T24:00:00Z',
    '2026-11-20T12:00:00+25:00',
    '2026-11-20T12:00:00Zebra',
    '+275760-09-13T00:00:00Z',
    '999999999999999',
    '9'.repeat(400),
    '１２３４５６７８９０１２３',
  ])('X1 refuse %s instead of guessing', (raw) => {
    expect(read(Time, raw)).toBe('refused');
  });
});

describe('?since of a board', () => {
  it('accepts EPOCH:SEQ as boards name it', () => {
    expect(read(PositionText, 'aB3_-xyz:4182')).toEqual({ epoch: 'aB3_-xyz', seq: 4_182 });
    expect(read(PositionText, 'E:0')).toEqual({ epoch: 'E', seq: 0 });
  });

  it.each([
    '',
    ':',
    'E',
    'E:',
    ':1',
    'E:-1',
    'E:1.5',
    'E:1e3',
    'E:NaN',
    'E:1:2',
    `${'E'.repeat(65)}:1`,
    `E:${'9'.repeat(16)}`,
    'E F:1',
  ])('X1 refuses %j', (raw) => {
    expect(read(PositionText, raw)).toBe('refused');
  });
});
