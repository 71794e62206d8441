import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  computeLiquidUniverse,
  filterUsdtPerps,
} from '../../../../src/openInterest/openInterest.liquidUniverse.service.ts';
import { exchangeInfoOf } from '../../../../src/simulator/exchange/exchangeInfo.ts';
import { loadSymbolFacts } from '../../../../src/simulator/facts/facts.ts';

/** What the exchange listed in July 2026, as its simulation has it. */
const AT = Date.UTC(2026, 6, 3, 12);
const exchangeInfo = exchangeInfoOf(loadSymbolFacts(AT), AT);

const ENTER = 4_000_000;
const EXIT = 2_000_000;

function tickers(volumes: Readonly<Record<string, number>>): Record<string, { quoteVolume: number }> {
  return Object.fromEntries(
    Object.entries(volumes).map(([symbol, quoteVolume]) => [symbol, { quoteVolume }]),
  );
}

function compute(volumes: Readonly<Record<string, number>>, current: readonly string[]) {
  return computeLiquidUniverse(Object.keys(volumes), tickers(volumes), ENTER, EXIT, new Set(current));
}

describe('filterUsdtPerps', () => {
  it('finds 530 trading USDT perpetuals among 819 listed contracts', () => {
    expect(exchangeInfo.symbols).toHaveLength(819);
    const perps = filterUsdtPerps(exchangeInfo);
    expect(perps).toHaveLength(530);
    expect(new Set(perps).size).toBe(530);
  });

  it('keeps symbols of every script, with their listed names', () => {
    const perps = filterUsdtPerps(exchangeInfo);
    expect(perps).toEqual(expect.arrayContaining(['BTCUSDT', '1000PEPEUSDT', '币安人生USDT']));
    expect(perps.filter((symbol) => !/^[A-Z0-9]+$/.test(symbol))).toHaveLength(3);
  });

  it.each([
    ['another quote asset', { quoteAsset: 'USDC' }],
    ['a delivery date', { contractType: 'CURRENT_QUARTER' }],
    ['a stock below it', { contractType: 'TRADIFI_PERPETUAL' }],
    ['no trading any more', { status: 'SETTLING' }],
    ['no trading yet', { status: 'PENDING_TRADING' }],
    ['no name', { symbol: '' }],
    ['a name that is no text', { symbol: 7 }],
    ['no type', { contractType: undefined }],
  ])('excludes a contract with %s', (_what, given) => {
    const perpetual = { symbol: 'BTCUSDT', contractType: 'PERPETUAL', quoteAsset: 'USDT', status: 'TRADING' };
    expect(filterUsdtPerps({ symbols: [perpetual] })).toEqual(['BTCUSDT']);
    expect(filterUsdtPerps({ symbols: [{ ...perpetual, ...given }] })).toEqual([]);
  });

  it.each([
    ['nothing', undefined],
    ['an error body', { code: -1003, msg: 'Too many requests' }],
    ['symbols that are no list', { symbols: {} }],
    ['a page of HTML', '<html></html>'],
  ])('Q7 fails on %s: a failed read is not an empty universe', (_what, answer) => {
    expect(() => filterUsdtPerps(answer)).toThrow();
  });
});

describe('computeLiquidUniverse', () => {
  it('adds a symbol at ENTER and keeps it down to EXIT', () => {
    const volumes = { ATUSDT: ENTER, BELOWUSDT: ENTER - 1, STAYSUSDT: EXIT, LEAVESUSDT: EXIT - 1 };
    const { newSet, meta } = compute(volumes, ['STAYSUSDT', 'LEAVESUSDT']);
    expect(newSet).toEqual(new Set(['ATUSDT', 'STAYSUSDT']));
    expect(Object.fromEntries(meta)).toEqual({
      ATUSDT: { quoteVolume24h: ENTER, entered: true },
      STAYSUSDT: { quoteVolume24h: EXIT, entered: false },
    });
  });

  it('drops a symbol without a ticker, or no longer a perpetual', () => {
    const { newSet } = computeLiquidUniverse(
      ['AUSDT', 'NOTICKERUSDT'],
      tickers({ AUSDT: 1e9, GONEUSDT: 1e9 }),
      ENTER,
      EXIT,
      new Set(['AUSDT', 'NOTICKERUSDT', 'GONEUSDT']),
    );
    expect(newSet).toEqual(new Set(['AUSDT']));
  });

  it('L1 treats an unknown volume as no volume', () => {
    expect(compute({ AUSDT: NaN }, ['AUSDT']).newSet.size).toBe(0);
  });

  it('C6 ignores properties of Object.prototype as tickers', () => {
    const { newSet } = computeLiquidUniverse(['constructor', '__proto__'], {}, 0, 0, new Set());
    expect(newSet.size).toBe(0);
  });

  const anyVolume = fc.oneof(
    fc.constantFrom(0, EXIT - 1, EXIT, ENTER - 1, ENTER),
    fc.integer({ min: 0, max: 1e7 }),
  );
  const anyDays = fc.array(fc.array(anyVolume, { minLength: 4, maxLength: 4 }), {
    minLength: 1,
    maxLength: 30,
  });
  const NAMES = ['AUSDT', 'BUSDT', 'CUSDT', 'DUSDT'];

  it('moves no symbol while its volume is between EXIT and ENTER', () => {
    fc.assert(
      fc.property(anyDays, (days) => {
        let current = new Set<string>();
        for (const list of days) {
          const volumes = Object.fromEntries(NAMES.map((name, i) => [name, list[i]!]));
          const { newSet, meta } = compute(volumes, [...current]);
          expect(new Set(meta.keys())).toEqual(newSet);
          for (const name of NAMES) {
            const volume = volumes[name]!;
            if (volume >= ENTER) expect(newSet.has(name)).toBe(true);
            else if (volume < EXIT) expect(newSet.has(name)).toBe(false);
            else expect(newSet.has(name)).toBe(current.has(name));
            expect(meta.get(name)?.entered ?? false).toBe(newSet.has(name) && !current.has(name));
          }
          current = newSet;
        }
      }),
    );
  });

  it('returns the same set when applied to its own result', () => {
    fc.assert(
      fc.property(anyDays, (days) => {
        const volumes = Object.fromEntries(NAMES.map((name, i) => [name, days[0]![i]!]));
        const once = compute(volumes, ['AUSDT', 'BUSDT']).newSet;
        expect(compute(volumes, [...once]).newSet).toEqual(once);
      }),
    );
  });

  it('matches the real exchange: every perpetual with enough volume, and no other contract', () => {
    const everything = exchangeInfo.symbols.map((it) => it.symbol);
    const perps = filterUsdtPerps(exchangeInfo);
    const volumes = tickers(Object.fromEntries(everything.map((symbol, i) => [symbol, (i % 3) * ENTER])));
    const { newSet } = computeLiquidUniverse(perps, volumes, ENTER, EXIT, new Set());
    expect(newSet).toEqual(new Set(perps.filter((symbol) => everything.indexOf(symbol) % 3 > 0)));
  });
});
