import { describe, expect, it } from '@jest/globals';
import { rank } from '../../../src/dashboard/palette/rank.ts';

const items = ['BTCUSDT', 'BTCUSDC', 'ETHBTC', '1000PEPEUSDT', 'Theme: dark', 'Export CSV'].map((label) => ({
  label,
}));

describe('palette', () => {
  it.each(['btcusdt', 'btc usdt', 'BTC/USDT', 'btc-usdt'])('finds BTCUSDT first by %s', (typed) => {
    expect(rank(items, typed)[0]!.label).toBe('BTCUSDT');
  });

  it('finds an action by letters of its words', () => {
    expect(rank(items, 'exp csv')[0]!.label).toBe('Export CSV');
    expect(rank(items, 'dark')[0]!.label).toBe('Theme: dark');
  });

  it('finds nothing that lacks a letter, and at most twelve', () => {
    expect(rank(items, 'doge')).toEqual([]);
    const many = Array.from({ length: 40 }, (_, i) => ({ label: `SYM${i}USDT` }));
    expect(rank(many, 'sym')).toHaveLength(12);
  });
});
