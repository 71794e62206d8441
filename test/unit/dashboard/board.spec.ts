import { describe, expect, it } from '@jest/globals';
import { columnValue } from '../../../src/dashboard/board/columnValue.ts';
import { nextFundingAt } from '../../../src/dashboard/board/funding.ts';
import { renderCsv } from '../../../src/dashboard/board/csv.ts';
import { countFilters, filterLines } from '../../../src/dashboard/board/filter.ts';
import {
  countStates,
  labelState,
  selectLines,
  stateOfLine,
  type Line,
  paceOfRow,
} from '../../../src/dashboard/board/lines.ts';
import { capShareOf, formatCapShare } from '../../../src/dashboard/board/marketCap.ts';
import { listSectors } from '../../../src/dashboard/board/sectors.ts';
import { WINDOWS, quadrantOf } from '../../../src/dashboard/board/quadrant.ts';
import { explainQuadrant } from '../../../src/dashboard/board/readings.ts';
import { nextSort, sortSymbols } from '../../../src/dashboard/board/sort.ts';
import { computeTiles } from '../../../src/dashboard/board/tiles.ts';
import { placeOfTints, tintOf } from '../../../src/dashboard/board/tint.ts';
import {
  DEFAULT_SORT,
  DEFAULT_VIEW,
  NO_FILTERS,
  fromMovers,
  showsMovers,
  toMovers,
  type Sort,
} from '../../../src/dashboard/board/view.ts';
import { replaceBoard } from '../../../src/client/sync.rows.ts';
import type { HeldRow } from '../../../src/client/sync.types.ts';
import { aBody, aRow } from './boardMessages.ts';

const NOW = Date.UTC(2026, 10, 20, 14, 0, 0);
const context = {
  window: '1h',
  unit: 'contracts',
  favourites: new Set<string>(),
  listed: undefined,
} as const;
const filterContext = { ...context, now: NOW, mode: 'realtime' } as const;

function line(symbol: string, given: Partial<HeldRow> = {}): Line {
  return { symbol, row: aRow({ symbol, ts: NOW, ...given }) };
}

function aged(seconds: number, given: Partial<HeldRow> = {}): Line {
  return line('BTCUSDT', { ts: NOW - seconds * 1_000, ...given });
}

describe('freshness of a symbol', () => {
  it('L3 depends on its own age and pace', () => {
    const states = [45, 46, 120, 121].map((sec) => stateOfLine(aged(sec), NOW, 'realtime'));
    expect(states).toEqual(['live', 'late', 'late', 'stale']);
    const slow = [60, 61, 150, 151].map((sec) => stateOfLine(aged(sec, { everySec: 30 }), NOW, 'realtime'));
    expect(slow).toEqual(['live', 'late', 'late', 'stale']);
  });

  it('allows five-minute samples their longer limits', () => {
    const states = [390, 391, 690, 691].map((sec) =>
      stateOfLine(aged(sec, { source: 'snapshot', everySec: 300 }), NOW, 'realtime'),
    );
    expect(states).toEqual(['live', 'late', 'late', 'stale']);
    expect(stateOfLine(aged(380), NOW, 'snapshot')).toBe('live');
  });

  it('L3 is independent of other symbols', () => {
    const lines = [line('AUSDT'), line('BUSDT', { ts: NOW - 200_000 }), { symbol: 'CUSDT', row: null }];
    expect(countStates(lines, NOW, 'realtime')).toEqual({ live: 1, late: 0, stale: 1, none: 1, total: 3 });
  });

  it('L3 is never live on a snapshot board or without a connection', () => {
    expect([labelState('live', true), labelState('live', false)]).toEqual(['Live', 'On time']);
    expect(labelState('stale', false)).toBe('Stale');
  });

  it('is unaffected by a clock ahead of the server', () => {
    expect(stateOfLine(aged(-30), NOW, 'realtime')).toBe('live');
  });

  it('L1 lists members of the universe without a sample, except on a Free board', () => {
    const universe = { total: 2, updatedAt: null, unsampled: ['NEWUSDT', 'BTCUSDT'] };
    const board = replaceBoard(null, aBody({ rows: [aRow()], universe }));
    expect(selectLines(board).map((it) => it.symbol)).toEqual(['BTCUSDT', 'NEWUSDT']);
    const free = replaceBoard(null, aBody({ rows: [aRow()], universe, tier: 'free', mode: 'snapshot' }));
    expect(selectLines(free)).toHaveLength(1);
  });
});

describe('price × OI', () => {
  const at = (oi: number | null, price: number | null) =>
    quadrantOf(aRow({ d: [null, null, oi, null], p: [null, null, price, null] }), '1h');

  it('names the four combinations of directions', () => {
    expect([at(50, 20), at(50, -20), at(-50, 20), at(-50, -20)]).toEqual([
      'new_longs',
      'new_shorts',
      'shorts_closing',
      'longs_closing',
    ]);
  });

  it('names open interest that moves while price does not', () => {
    expect([at(-860, 13), at(50, 19), at(50, -19)]).toEqual(['unwinding', 'building', 'building']);
  });

  it('is mixed where contracts hardly moved, and absent without history', () => {
    expect([at(49, 500), at(0, 0), at(-49, -500)]).toEqual(['mixed', 'mixed', 'mixed']);
    expect([at(null, 10), at(100, null)]).toEqual([null, null]);
    expect(quadrantOf(null, '1h')).toBeNull();
  });

  it('reads the selected window, and never calls itself order flow', () => {
    const row = aRow({ d: [100, 0, -100, 0], p: [100, 0, -100, 0] });
    expect([quadrantOf(row, '5m'), quadrantOf(row, '15m'), quadrantOf(row, '1h')]).toEqual([
      'new_longs',
      'mixed',
      'longs_closing',
    ]);
    expect(explainQuadrant('new_longs')).toContain('not order flow');
  });

  it('expects larger changes of longer windows', () => {
    const row = aRow({ d: [20, 20, 200, 200], p: [8, 8, 80, 80] });
    expect(WINDOWS.map((it) => quadrantOf(row, it))).toEqual([
      'new_longs',
      'mixed',
      null,
      'new_longs',
      null,
      'mixed',
    ]);
  });

  it('expects of each symbol what is more than its own usual movement', () => {
    const more = { d: [80, 80], dUsd: [0, 0], p: [30, 30] };
    const row = aRow({ d: [20, 20, 60, 60], p: [8, 8, 30, 30], more, usual: [0, 30, 10] });
    expect(quadrantOf(row, '1h')).toBe('new_longs');
    expect(quadrantOf(row, '4h')).toBe('new_longs');
    expect(quadrantOf({ ...row, usual: [0, 70, 10] }, '1h')).toBe('mixed');
    expect(quadrantOf({ ...row, usual: [0, 30, 40] }, '1h')).toBe('building');
  });
});

describe('filters', () => {
  const lines = [
    line('SOLUSDT', { openInterestUsd: 1e9, volume24h: 6e9, d: [0, 0, 172, 0], p: [0, 0, 50, 0] }),
    line('SOLVUSDT', { openInterestUsd: 5e5, volume24h: 1e6, d: [0, 0, -10, 0] }),
    line('BTCUSDT', { openInterestUsd: null, volume24h: null, ts: NOW - 60_000 }),
    { symbol: '币安人生USDT', row: null },
  ];
  const find = (
    filters: Partial<typeof NO_FILTERS>,
    favourites = new Set<string>(),
    listed?: ReadonlySet<string>,
  ) =>
    filterLines(lines, { ...NO_FILTERS, ...filters }, { ...filterContext, favourites, listed }).map(
      (it) => it.symbol,
    );

  it('search every word, case-insensitively', () => {
    expect(find({ query: 'sol' })).toEqual(['SOLUSDT', 'SOLVUSDT']);
    expect(find({ query: ' v  sol ' })).toEqual(['SOLVUSDT']);
    expect(find({ query: '人生' })).toEqual(['币安人生USDT']);
    expect(find({ query: 'pepe9' })).toEqual([]);
  });

  it('search any word where no symbol has all, and pairs in each spelling', () => {
    expect(find({ query: 'btc solv' })).toEqual(['SOLVUSDT', 'BTCUSDT']);
    expect(find({ query: 'btc, 人生' })).toEqual(['BTCUSDT', '币安人生USDT']);
    expect(find({ query: 'BTC/USDT' })).toEqual(['BTCUSDT']);
    expect(find({ query: 'btc-usdt' })).toEqual(['BTCUSDT']);
    expect(find({ query: '/' })).toHaveLength(4);
  });

  it('L1 exclude unknown values from a minimum', () => {
    expect(find({ minUsd: 1 })).toEqual(['SOLUSDT', 'SOLVUSDT']);
    expect(find({ minUsd: 1e6 })).toEqual(['SOLUSDT']);
    expect(find({ minVolume: 2e6 })).toEqual(['SOLUSDT']);
  });

  it('apply the size of a change, up or down, in the selected window', () => {
    expect(find({ minChange: 0.1 })).toEqual(['SOLUSDT', 'SOLVUSDT', 'BTCUSDT']);
    expect(find({ minChange: 1 })).toEqual(['SOLUSDT']);
  });

  it('match states, quadrants and favourites', () => {
    expect(find({ states: ['late', 'none'] })).toEqual(['BTCUSDT', '币安人生USDT']);
    expect(find({ quadrants: ['new_longs'] })).toEqual(['SOLUSDT', 'BTCUSDT']);
    expect(find({ favouritesOnly: true }, new Set(['BTCUSDT']))).toEqual(['BTCUSDT']);
    expect(find({ list: 'a' }, new Set(), new Set(['SOLUSDT', 'XUSDT']))).toEqual(['SOLUSDT']);
    expect(find({ list: 'a' })).toEqual([]);
  });

  it('are counted when set', () => {
    expect(countFilters(NO_FILTERS)).toBe(0);
    expect(countFilters({ ...NO_FILTERS, query: 'a', minUsd: 1, states: ['late'] })).toBe(3);
  });
});

describe('sorting', () => {
  const lines = [
    line('BUSDT', { openInterestUsd: 2, d: [0, 0, -900, 0] }),
    line('AUSDT', { openInterestUsd: 2, d: [0, 0, 100, 0] }),
    line('CUSDT', { openInterestUsd: null, d: [0, 0, null, 0] }),
    line('DUSDT', { openInterestUsd: 5, d: [0, 0, 500, 0] }),
    { symbol: 'EUSDT', row: null },
  ];
  const order = (sort: Partial<Sort>) =>
    sortSymbols(lines, { ...DEFAULT_SORT, ...sort }, context)
      .map((it) => it[0])
      .join('');

  it('L1 puts unknown values last in both directions, and equal ones in the order of their names', () => {
    expect(order({})).toBe('DABCE');
    expect(order({ descending: false })).toBe('ABDCE');
  });

  it('sorts changes by value, or by size', () => {
    expect(order({ key: 'd60' })).toBe('DABCE');
    expect(order({ key: 'd60', abs: true })).toBe('BDACE');
  });

  it('sorts by the change in USD, to a basis point of open interest', () => {
    const amounts = [
      line('AUSDT', { openInterestUsd: 1e9, dUsd: [0, 0, 8, 0] }),
      line('BUSDT', { openInterestUsd: 2e6, dUsd: [0, 0, -5_000, 0] }),
      line('CUSDT', { openInterestUsd: 0, dUsd: [0, 0, -10_000, 0] }),
      line('DUSDT', { openInterestUsd: 1e9, dUsd: [0, 0, 0, 0] }),
    ];
    const sort = { key: 'u60', descending: true, abs: true } as const;
    expect(sortSymbols(amounts, sort, context)).toEqual(['BUSDT', 'AUSDT', 'DUSDT', 'CUSDT']);
    expect(amounts.map((it) => columnValue(it.row!, 'u60', 'contracts'))).toEqual([800_000, -2e6, null, 0]);
  });

  it('L1 compares funding of different intervals, and leaves out symbols of an unknown one', () => {
    const rates = [
      line('AUSDT', { fundingRate: 0.0001, fundingHours: 8 }),
      line('BUSDT', { fundingRate: 0.0001, fundingHours: 4 }),
      line('CUSDT', { fundingRate: 0.01, fundingHours: null }),
      line('DUSDT', { fundingRate: null, fundingHours: 1 }),
    ];
    expect(sortSymbols(rates, { key: 'fund8', descending: true, abs: false }, context)).toEqual([
      'BUSDT',
      'AUSDT',
      'CUSDT',
      'DUSDT',
    ]);
    expect(rates.map((it) => columnValue(it.row!, 'fundYear', 'contracts'))).toEqual([
      0.1095,
      0.219,
      null,
      null,
    ]);
  });

  it('L1 compares open interest with the market cap, also where a contract is a thousand coins', () => {
    const shares = [
      line('1000PEPEUSDT', {
        openInterest: 3e10,
        openInterestUsd: 7.4e7,
        supply: 4.2069e11,
        sectors: ['Meme'],
      }),
      line('BTCUSDT', { openInterest: 130_000, openInterestUsd: 1e10, supply: 2e7, sectors: ['PoW'] }),
      line('XAUUSDT', { openInterest: 100, openInterestUsd: 4e5, supply: null, sectors: [] }),
      line('NEWUSDT', { openInterest: 100, openInterestUsd: null, supply: 1_000 }),
    ];
    const sorted = (key: 'cap' | 'sector', descending: boolean) =>
      sortSymbols(shares, { key, descending, abs: false }, context);
    expect(sorted('cap', true)).toEqual(['1000PEPEUSDT', 'BTCUSDT', 'NEWUSDT', 'XAUUSDT']);
    expect(sorted('sector', false)).toEqual(['1000PEPEUSDT', 'BTCUSDT', 'NEWUSDT', 'XAUUSDT']);
    expect(shares.map((it) => formatCapShare(capShareOf(it.row!)))).toEqual(['7.13%', '0.65%', '—', '—']);
    const find = (filters: Partial<typeof NO_FILTERS>) =>
      filterLines(shares, { ...NO_FILTERS, ...filters }, filterContext).map((it) => it.symbol);
    expect(find({ minCap: 1 })).toEqual(['1000PEPEUSDT']);
    expect(find({ sectors: ['PoW', 'Meme'] })).toEqual(['1000PEPEUSDT', 'BTCUSDT']);
    expect(find({ sectors: ['AI'] })).toEqual([]);
    expect(listSectors(shares, ['AI'])).toEqual(['AI', 'Meme', 'PoW']);
    const csv = renderCsv(shares, ['symbol', 'cap', 'sector'], filterContext);
    expect(csv).toContain('symbol,oi_market_cap_pct,sector,ts');
    expect(csv).toMatch(/BTCUSDT,0\.65,PoW,/);
    expect(csv).toMatch(/XAUUSDT,,,/);
  });

  it('L1 filters by direction and by each limit, and leaves out what is unknown', () => {
    const now = filterContext.now;
    const lines = [
      line('UPUSDT', {
        ts: now - 5_000,
        openInterestUsd: 3e6,
        volume24h: 1e6,
        fundingRate: -0.001,
        fundingHours: 8,
        d: [0, 0, 250, 0],
        p: [0, 0, -40, 0],
        usual: [0, 20, 10],
      }),
      line('DOWNUSDT', {
        ts: now - 90_000,
        openInterestUsd: 1e6,
        volume24h: 4e6,
        fundingRate: 0.0001,
        fundingHours: 8,
        d: [0, 0, -30, 0],
        p: [0, 0, 300, 0],
        usual: [0, 20, 10],
      }),
      line('NEWUSDT', {
        d: [null, null, null, null],
        p: [null, null, null, null],
        fundingRate: null,
        ts: now,
      }),
    ];
    const find = (filters: Partial<typeof NO_FILTERS>) =>
      filterLines(lines, { ...NO_FILTERS, ...filters }, { ...filterContext, window: '1h' }).map(
        (it) => it.symbol,
      );
    expect(find({ direction: 'up' })).toEqual(['UPUSDT']);
    expect(find({ direction: 'down' })).toEqual(['DOWNUSDT']);
    expect(find({ minChange: 0.3 })).toEqual(['UPUSDT', 'DOWNUSDT']);
    expect(find({ minPrice: 1 })).toEqual(['DOWNUSDT']);
    expect(find({ minUnusual: 3 })).toEqual(['UPUSDT']);
    expect(find({ minFunding: 0.05 })).toEqual(['UPUSDT']);
    expect(find({ minRatio: 1, minUsd: 2e6 })).toEqual(['UPUSDT']);
    expect(find({ maxAge: 60 })).toEqual(['UPUSDT', 'NEWUSDT']);
  });

  it('pays funding next at a multiple of its interval since midnight UTC', () => {
    expect(nextFundingAt(Date.UTC(2026, 10, 20, 14, 59), 1)).toBe(Date.UTC(2026, 10, 20, 15));
    expect(nextFundingAt(Date.UTC(2026, 10, 20, 15, 59), 8)).toBe(Date.UTC(2026, 10, 20, 16));
    expect(nextFundingAt(Date.UTC(2026, 10, 20, 16), 8)).toBe(Date.UTC(2026, 10, 21));
  });

  it('sorts names naturally', () => {
    const names = [line('1000PEPEUSDT'), line('AUSDT'), line('10USDT'), line('币安人生USDT')];
    const sorted = sortSymbols(names, { key: 'symbol', descending: false, abs: false }, context);
    expect(sorted).toEqual(['10USDT', '1000PEPEUSDT', 'AUSDT', '币安人生USDT']);
  });

  it('cycles from descending to ascending to the default', () => {
    const first = nextSort(DEFAULT_SORT, 'd60', false);
    const second = nextSort(first, 'd60', false);
    expect(first).toEqual({ key: 'd60', descending: true, abs: false });
    expect(second.descending).toBe(false);
    expect(nextSort(second, 'd60', false)).toEqual(DEFAULT_SORT);
    expect(nextSort(first, 'd60', true)).toEqual({ key: 'd60', descending: true, abs: true });
    expect(nextSort(DEFAULT_SORT, 'symbol', true)).toEqual({ key: 'symbol', descending: false, abs: false });
  });
});

describe('movers', () => {
  it('keep a minimum of the viewer, and drop their own', () => {
    const seen = { ...DEFAULT_VIEW, ...toMovers(DEFAULT_VIEW) };
    expect([showsMovers(DEFAULT_VIEW), showsMovers(seen), seen.minUsd]).toEqual([false, true, 1_000_000]);
    expect({ ...seen, ...fromMovers(seen) }).toEqual(DEFAULT_VIEW);
    const own = { ...DEFAULT_VIEW, minUsd: 5e9 };
    expect(toMovers(own).minUsd).toBe(5e9);
    expect({ ...own, ...toMovers(own), ...fromMovers(own) }).toEqual(own);
  });
});

describe('tiles', () => {
  it('L3 sum up live and late rows, and show how many', () => {
    const lines = [
      line('AUSDT', { openInterestUsd: 110e6, dUsd: [0, 0, 1_000, 0], d: [0, 0, 900, 0] }),
      line('BUSDT', {
        openInterestUsd: 90e6,
        dUsd: [0, 0, -1_000, 0],
        d: [0, 0, -1_100, 0],
        ts: NOW - 60_000,
      }),
      line('CUSDT', { openInterestUsd: 1e12, ts: NOW - 3_600_000 }),
      line('DUSDT', { openInterestUsd: null }),
      { symbol: 'EUSDT', row: null },
    ];
    const tiles = computeTiles(lines, NOW, 'realtime');
    expect(tiles).toMatchObject({ totalUsd: 200e6, compared: 2, counted: 2, total: 5 });
    expect(tiles.totalChange).toBeCloseTo(0);
    expect(tiles.up).toEqual({ symbol: 'AUSDT', change: 900 });
    expect(tiles.down).toEqual({ symbol: 'BUSDT', change: -1_100 });
  });

  it('L1 compare only symbols whose change is known', () => {
    const old = line('AUSDT', { openInterestUsd: 110, dUsd: [0, 0, 1_000, 0] });
    const fresh = line('BUSDT', { openInterestUsd: 50, dUsd: [0, 0, null, null] });
    expect(computeTiles([old, fresh], NOW, 'realtime')).toMatchObject({
      compared: 1,
      counted: 2,
      totalUsd: 160,
    });
  });

  it('show no mover below a million, and no total without a value', () => {
    const small = line('AUSDT', { openInterestUsd: 999_999, d: [0, 0, 9_000, 0] });
    expect(computeTiles([small], NOW, 'realtime').up).toBeNull();
    expect(computeTiles([{ symbol: 'A', row: null }], NOW, 'realtime').totalUsd).toBeNull();
  });
});

describe('displayed pace of a row', () => {
  it('is its own on a live board, and that of the marks on a snapshot board', () => {
    const row = aRow({ everySec: 12 });
    expect([paceOfRow(row, 'realtime'), paceOfRow(row, 'snapshot')]).toEqual([12, 300]);
  });
});

describe('the tint of a cell', () => {
  const held = { openInterest: 1_000, change5m: 10, at: NOW };
  const tint = (openInterest: number, change: number, afterMs: number) =>
    tintOf(held, aRow({ openInterest, d: [change, 0, 0, 0] }), NOW + afterMs) !== null;

  it('marks a material change or a changed sign, at most once a second', () => {
    expect(tint(1_000.9, 10, 5_000)).toBe(false);
    expect(tint(1_001.1, 10, 5_000)).toBe(true);
    expect(tint(1_000, -1, 5_000)).toBe(true);
    expect(tint(2_000, -1, 999)).toBe(false);
  });

  it('moves to the age column when more than thirty visible rows would have one', () => {
    expect([1, 30, 31].map(placeOfTints)).toEqual(['values', 'values', 'age']);
  });
});
