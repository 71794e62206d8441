import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  matches,
  readDebugView,
  selectMembers,
  selectRequests,
  writeDebugView,
  type DebugView,
  type UniverseFilter,
} from '../../../src/dashboard/debug/debugView.ts';
import type {
  IngestRequestView,
  UniverseMemberView,
} from '../../../src/openInterest/operator/debug/debug.types.ts';

const ALL = readDebugView('');

const arbitraryView: fc.Arbitrary<DebugView> = fc.record({
  universe: fc.constantFrom<UniverseFilter>('all', 'silent', 'near-exit', 'missing-stored', 'journal'),
  values: fc.constantFrom('all' as const, 'changed' as const),
  requests: fc.constantFrom('all' as const, 'errors' as const, 'rejected' as const),
  collectors: fc.constantFrom('all' as const, 'trouble' as const),
  gaps: fc.constantFrom('all' as const, 'open' as const),
  alerts: fc.constantFrom('all' as const, 'up' as const, 'down' as const),
  stages: fc.constantFrom('all' as const, 'trouble' as const),
  query: fc.string({ maxLength: 60, unit: 'grapheme' }).filter((it) => it.isWellFormed() && it.length <= 64),
});

describe('operator’s page state in the URL', () => {
  it('round-trips', () => {
    fc.assert(
      fc.property(arbitraryView, (view) => {
        expect(readDebugView(writeDebugView(view))).toEqual(view);
      }),
    );
  });

  it('is empty for the default view, and ignores unknown parameters', () => {
    expect(writeDebugView(ALL)).toBe('');
    expect(readDebugView('?requests=none&token=abc&universe=__proto__')).toEqual(ALL);
    expect(writeDebugView({ ...ALL, requests: 'errors' })).toBe('?requests=errors');
  });
});

function aMember(symbol: string, given: Partial<UniverseMemberView> = {}): UniverseMemberView {
  return {
    symbol,
    quoteVolume24h: 9e6,
    enteredAt: 0,
    everySec: 12,
    ts: 0,
    state: 'live',
    nearExit: false,
    missingAt: null,
    ...given,
  };
}

describe('filters of the operator’s page', () => {
  const members = [
    aMember('BTCUSDT'),
    aMember('XPINUSDT', { nearExit: true }),
    aMember('AIAUSDT', { state: 'stale', missingAt: 'posted' }),
    aMember('币安人生USDT', { state: 'unsampled', missingAt: 'accepted' }),
  ];
  const shown = (change: Partial<DebugView>) =>
    selectMembers(members, { ...ALL, ...change }).map((it) => it.symbol);

  it('keep the symbols of a selected count', () => {
    expect(shown({})).toHaveLength(4);
    expect(shown({ universe: 'near-exit' })).toEqual(['XPINUSDT']);
    expect(shown({ universe: 'missing-posted' })).toEqual(['AIAUSDT']);
    expect(shown({ universe: 'missing-accepted' })).toEqual(['币安人生USDT']);
    expect(shown({ universe: 'silent' })).toEqual(['AIAUSDT', '币安人生USDT']);
    expect(shown({ universe: 'stale' })).toEqual(['AIAUSDT']);
  });

  it('search in any script and case', () => {
    expect(shown({ query: 'aia' })).toEqual(['AIAUSDT']);
    expect(shown({ query: '人生 usdt' })).toEqual(['币安人生USDT']);
    expect(matches('BTCUSDT', 'btc eth')).toBe(false);
  });

  it('keep requests that failed or had failed items', () => {
    const requests = [
      { status: 200, rejected: 0 },
      { status: 200, rejected: 1 },
      { status: 503, rejected: 0 },
    ] as IngestRequestView[];
    const kept = (only: DebugView['requests']) =>
      selectRequests(requests, { ...ALL, requests: only }).map((it) => requests.indexOf(it));
    expect(kept('all')).toEqual([0, 1, 2]);
    expect(kept('errors')).toEqual([2]);
    expect(kept('rejected')).toEqual([1]);
  });
});
