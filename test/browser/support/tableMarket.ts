import type { Listed } from './market.ts';

/** Six symbols with the changes that a table is sorted by; one has no price, one no history. */
export const listed = (symbol: string, usd: number, given: Partial<Listed> = {}): Listed => ({
  symbol: `${symbol}USDT`,
  openInterest: usd / 2,
  markPrice: 2,
  volume24h: usd * 3,
  ...given,
});

export const BTC = listed('BTC', 8e9, { d60: 0.84, price60: 0.62, d5: 0.1 });
export const ETH = listed('ETH', 6e9, { d60: -3.5, price60: -1, d5: -0.1 });
export const SOL = listed('SOL', 4e9, { d60: 2, price60: -1 });
export const SOLV = listed('SOLV', 2e9, { d60: -0.4 });
export const XRP = listed('XRP', 1e9);
export const DARK = listed('DARK', 5e9, { markPrice: null, d60: 1 });
export const MARKET = [BTC, ETH, SOL, SOLV, XRP, DARK];

export const names = (...listings: Listed[]): string[] => listings.map((it) => it.symbol);
