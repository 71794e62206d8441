import { describe, expect, it } from '@jest/globals';
import {
  announceAlerts,
  countSince,
  countUnread,
  mergeAlerts,
  seeAll,
  splitSymbol,
  unreadBadge,
  type FeedAlert,
} from '../../../src/dashboard/alerts/feed.ts';
import {
  countConditions,
  filterAlerts,
  foldAlerts,
  NO_ALERT_FILTER,
  readingOf,
  shownSince,
  stepFold,
  type AlertFilter,
} from '../../../src/dashboard/alerts/folds.ts';
import type { UsualChanges } from '../../../src/openInterest/board/usual.types.ts';
import type { OpenInterestAlert } from '../../../src/openInterest/openInterest.types.ts';

const NOON = Date.UTC(2026, 10, 20, 12);

function alert(id: number, minute: number, given: Partial<OpenInterestAlert> = {}): OpenInterestAlert {
  const ts = new Date(NOON + minute * 60_000).toISOString();
  return {
    id: String(id),
    symbol: 'SUIUSDT',
    direction: 'UP',
    timeframe: '5 min',
    baseline: 412_600_000,
    current: 430_000_000,
    pctChange: 0.0421,
    absChange: 17_400_000,
    priceChange: 0.0038,
    fundingRate: null,
    source: 'test',
    ts,
    createdAt: ts,
    after: [],
    ...given,
  };
}

const ids = (feed: readonly OpenInterestAlert[]) => feed.map((it) => it.id);

describe('alert feed', () => {
  it('contains each alert once, newest first, for any order of arrival', () => {
    const feed = mergeAlerts([alert(2, 2)], [alert(3, 3), alert(1, 1), alert(3, 3), alert(2, 2)]);
    expect(ids(feed)).toEqual(['3', '2', '1']);
    expect(mergeAlerts(feed, [alert(1, 1)])).toBe(feed);
  });

  it('replaces an alert by the same one once more of what followed is known', () => {
    const one = { minutes: 5, oiChange: 0.01, priceChange: null };
    const feed = mergeAlerts([alert(1, 1), alert(0, 0)], [alert(1, 1, { after: [one] })]);
    expect(feed.map((it) => it.after.length)).toEqual([1, 0]);
    expect(mergeAlerts(feed, [alert(1, 1)])).toBe(feed);
  });

  it('lists what passes every condition of its filter; an unknown size passes no least size', () => {
    const feed = [
      alert(4, 4, { symbol: 'NOMARKUSDT' }),
      alert(3, 3, { direction: 'DOWN', baseline: 430e6, current: 412.6e6 }),
      alert(2, 2, { symbol: 'AIAUSDT', timeframe: '15 min' }),
      alert(1, 1),
    ];
    const rows = new Map([
      ['SUIUSDT', { markPrice: 2 }],
      ['AIAUSDT', { markPrice: 0.01 }],
      ['NOMARKUSDT', { markPrice: null }],
    ]);
    const passing = (given: Partial<AlertFilter>) =>
      ids(filterAlerts(feed, { ...NO_ALERT_FILTER, ...given }, { favourites: new Set(['AIAUSDT']), rows }));
    expect(passing({})).toEqual(['4', '3', '2', '1']);
    expect(passing({ favourites: true })).toEqual(['2']);
    expect(passing({ direction: 'DOWN' })).toEqual(['3']);
    expect(passing({ timeframe: '15 min' })).toEqual(['2']);
    expect(passing({ minUsd: 1e6 })).toEqual(['3', '1']);
    expect(passing({ minUsd: 1e6, direction: 'UP', timeframe: '15 min' })).toEqual([]);
    expect([countConditions(NO_ALERT_FILTER), countConditions({ ...NO_ALERT_FILTER, minUsd: 0 })]).toEqual([
      0, 1,
    ]);
  });

  it('reads price and open interest together over the timeframe that the detector names', () => {
    const of = (given: Partial<OpenInterestAlert>) => readingOf(alert(1, 0, given), null);
    expect(of({ priceChange: 0.0038 })).toBe('new_longs');
    expect(of({ priceChange: 0.0001 })).toBe('building');
    expect(of({ pctChange: -0.04, priceChange: -0.02, timeframe: '1h' })).toBe('longs_closing');
    expect([of({ priceChange: null }), of({ timeframe: 'custom' })]).toEqual([null, null]);
  });

  it('reads them by the dead bands of the symbol, as its row on the board does', () => {
    const of = (usual: UsualChanges) => readingOf(alert(1, 0, { priceChange: 0.0038 }), usual);
    expect(of([0, 30, 12])).toBe('new_longs');
    expect(of([0, 30, 200])).toBe('building');
    expect(of([0, 3_000, 12])).toBe('mixed');
  });

  it('groups alerts of one symbol and direction within 15 minutes of each other', () => {
    const feed = mergeAlerts(
      [],
      [
        alert(1, 0),
        alert(2, 10),
        alert(3, 20),
        alert(4, 21, { direction: 'DOWN' }),
        alert(5, 60),
        alert(6, 61, { symbol: 'AIAUSDT' }),
      ],
    );
    const folds = foldAlerts(feed, -Infinity).map((it) => ids(it.all).join(','));
    expect(folds).toEqual(['6', '5', '4', '3,2,1']);
  });

  it('steps from the open alert to the next and previous group, and not past the ends', () => {
    const feed = [alert(4, 40), alert(3, 30), alert(2, 20, { symbol: 'AIAUSDT' }), alert(1, 0)];
    const folds = foldAlerts(feed, -Infinity);
    const step = (id: string | null, by: 1 | -1) => stepFold(folds, id, by)?.latest.id;
    expect([step(null, 1), step('4', 1), step('3', 1), step('2', 1)]).toEqual(['4', '2', '2', '1']);
    expect([step('1', -1), step('4', -1), step('1', 1)]).toEqual(['2', undefined, undefined]);
    expect(foldAlerts(feed, shownSince(true, NOON + 75 * 60_000)).map((it) => it.latest.id)).toEqual([
      '4',
      '2',
    ]);
  });

  it('counts alerts stored after the last visit, even with an older alert time', () => {
    const seen = seeAll([alert(1, 1), alert(2, 5)], { until: '' });
    const late = alert(3, 2, { createdAt: new Date(NOON + 6 * 60_000).toISOString() });
    const feed = mergeAlerts([alert(1, 1), alert(2, 5)], [late]);
    expect(countUnread(feed, seen)).toBe(1);
    expect(countUnread(feed, seeAll(feed, seen))).toBe(0);
    expect([unreadBadge(3), unreadBadge(9), unreadBadge(10)]).toEqual(['3', '9', '9+']);
  });

  it('counts spikes and dumps of the last hour', () => {
    const feed = [alert(1, 0), alert(2, 30), alert(3, 40, { direction: 'DOWN' })];
    expect(countSince(feed, NOON + 30 * 60_000)).toEqual({ total: 2, up: 1, down: 1 });
  });

  it('has firings of own rules apart, and can list them alone', () => {
    const fired: FeedAlert = { ...alert(7, 41), rule: 'Large moves' };
    const feed = mergeAlerts([alert(1, 40), alert(2, 35)], [fired]);
    expect(foldAlerts(feed, -Infinity).map((it) => ids(it.all).join(','))).toEqual(['7', '1,2']);
    expect(countSince(feed, NOON).total).toBe(2);
    const filter = { ...NO_ALERT_FILTER, own: true };
    expect(ids(filterAlerts(feed, filter, { favourites: new Set(), rows: null }))).toEqual(['7']);
    expect(countConditions(filter)).toBe(1);
  });

  it('announces several alerts in one sentence', () => {
    const some = [
      alert(1, 0),
      alert(2, 1, { symbol: 'AIAUSDT', direction: 'DOWN', pctChange: -0.079 }),
      alert(3, 2),
    ];
    expect(announceAlerts(some)).toBe('3 new OI alerts: SUI up 4.21%, AIA down 7.90%, and 1 more');
    expect(announceAlerts(some.slice(0, 1))).toBe('1 new OI alert: SUI up 4.21%');
  });

  it('splits names at their quote asset, in any script', () => {
    expect(splitSymbol('币安人生USDT')).toEqual({ base: '币安人生', quote: 'USDT' });
    expect(splitSymbol('USDT')).toEqual({ base: 'USDT', quote: '' });
    expect(splitSymbol('BTCUSDC')).toEqual({ base: 'BTC', quote: 'USDC' });
  });
});
