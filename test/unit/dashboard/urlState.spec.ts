import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { BOUND_KEYS, type Bounds } from '../../../src/dashboard/board/bounds.ts';
import { COLUMN_KEYS } from '../../../src/dashboard/board/columns.ts';
import { QUADRANTS, WINDOWS } from '../../../src/dashboard/board/quadrant.ts';
import { canSortBySize, readView, writeView } from '../../../src/dashboard/board/urlState.ts';
import {
  DEFAULT_VIEW,
  DIRECTIONS,
  RANGES,
  type SortKey,
  type View,
} from '../../../src/dashboard/board/view.ts';

const minimum = fc.option(fc.double({ min: 1e-6, max: 1e12, noNaN: true }), { nil: null });
const name = fc.option(fc.constantFrom('BTCUSDT', '币安人生USDT', '1000PEPEUSDT', '17'), { nil: null });
const hideable = COLUMN_KEYS.filter((it) => it !== 'fav' && it !== 'symbol');

const anyBounds = fc.record(
  Object.fromEntries(BOUND_KEYS.map((key) => [key, minimum])),
) as fc.Arbitrary<Bounds>;

const anyRest = fc.record({
  query: fc.string({ maxLength: 64 }),
  favouritesOnly: fc.boolean(),
  list: fc.option(fc.stringMatching(/^[a-z0-9]{1,16}$/), { nil: null }),
  states: fc.subarray(['live', 'late', 'stale', 'none'] as const),
  quadrants: fc.subarray([...QUADRANTS]),
  sectors: fc.subarray(['Layer-1', 'Meme', 'Cross Pair', '主题']),
  direction: fc.option(fc.constantFrom(...DIRECTIONS), { nil: null }),
  sort: fc
    .record({
      key: fc.constantFrom(...COLUMN_KEYS.filter((it): it is SortKey => it !== 'spark')),
      descending: fc.boolean(),
      abs: fc.boolean(),
    })
    .map((it) => ({ ...it, abs: it.abs && canSortBySize(it.key) })),
  window: fc.constantFrom(...WINDOWS),
  unit: fc.constantFrom('contracts' as const, 'usd' as const),
  columns: fc.option(
    fc.shuffledSubarray([...hideable]).map((it) => ['fav' as const, 'symbol' as const, ...it]),
    { nil: null },
  ),
  symbol: name,
  range: fc.constantFrom(...RANGES),
  alert: name,
  alertRange: fc.constant(null),
});

const anyView: fc.Arbitrary<View> = fc
  .tuple(anyBounds, anyRest)
  .map(([bounds, rest]) => ({ ...bounds, ...rest }));

describe('view state in the URL', () => {
  it('round-trips for every view', () => {
    fc.assert(
      fc.property(anyView, (view) => {
        expect(readView(`?${writeView(view)}`)).toEqual(view);
      }),
      { numRuns: 500 },
    );
  });

  it('parses any text without failing, and normalizes it', () => {
    fc.assert(
      fc.property(fc.webQueryParameters(), fc.string(), (query, noise) => {
        const view = readView(`?${query}&sort=${noise}&cols=${noise}&minusd=${noise}`);
        expect(readView(writeView(view))).toEqual(view);
      }),
    );
  });

  it('omits defaults', () => {
    expect(writeView(DEFAULT_VIEW)).toBe('');
    expect(readView('')).toEqual(DEFAULT_VIEW);
  });

  it('has a readable form for a shared view', () => {
    const view = readView(
      '?q=btc&sort=-d60&abs=1&fav=1&state=late,stale&quad=new_longs&minusd=1000000&win=5m&cols=usd,d5&unit=usd&s=BTCUSDT&range=7d&alert=12',
    );
    expect(view).toMatchObject({
      query: 'btc',
      sort: { key: 'd60', descending: true, abs: true },
      states: ['late', 'stale'],
      columns: ['fav', 'symbol', 'usd', 'd5'],
      symbol: 'BTCUSDT',
      alert: '12',
    });
  });

  it('falls back key by key for invalid values', () => {
    const view = readView(
      '?sort=-price&abs=1&state=dead,late&minusd=-5&win=2h&cols=,&range=5y&s=<b>&unknown=1&q=sol',
    );
    expect(view).toEqual({ ...DEFAULT_VIEW, query: 'sol', states: ['late'] });
  });
});
