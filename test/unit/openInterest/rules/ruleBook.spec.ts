import { describe, expect, it } from '@jest/globals';
import { MINUTE_MS } from '../../../../src/kit/clock.ts';
import type { Reading } from '../../../../src/openInterest/rules/reading.ts';
import { createRuleBook, type HeldRule } from '../../../../src/openInterest/rules/ruleBook.ts';
import type { PlainRule } from '../../../../src/openInterest/rules/rules.types.ts';
import { aRule } from '../../../support/alertRules.ts';

const NOON = Date.UTC(2026, 10, 20, 12);

const held = (id: string, given: Partial<PlainRule> = {}, version = 1): HeldRule => ({
  id,
  userId: 'ada',
  version,
  rule: aRule({ cooldownMin: 0, ...given }),
});

function reading(changePct: number, minute: number, symbol = 'BTCUSDT'): Reading {
  const point = { ts: NOON + minute * MINUTE_MS, openInterest: 100, openInterestUsd: null, markPrice: null };
  return {
    symbol,
    source: 'realtime',
    freshness: 'live',
    window: '5m',
    current: point,
    base: point,
    changePct,
    changeUsd: null,
    priceChangePct: null,
    fundingRate: null,
    volume24h: null,
    usual: null,
  };
}

describe('a book of rules', () => {
  it('keeps what rules of the same version remember when others change, and names the others', () => {
    const book = createRuleBook();
    expect(book.replace([held('kept'), held('changed'), held('gone')])).toEqual(['kept', 'changed', 'gone']);
    expect(book.judge(reading(6, 0))).toHaveLength(3);
    expect(book.replace([held('kept'), held('changed', {}, 2), held('new')])).toEqual(['changed', 'new']);
    const fired = (minute: number) => book.judge(reading(6, minute)).map((it) => it.held.id);
    expect(fired(1)).toEqual(['changed', 'new']);
    expect(fired(2)).toEqual([]);
    // All are armed again by a small change, and no rule that is gone.
    expect(
      book
        .judge(reading(0, 3))
        .map((it) => it.held.id)
        .toSorted(),
    ).toEqual(['changed', 'kept', 'new']);
  });

  it('judges by the symbols that a watchlist has now, and remembers those it had', () => {
    const book = createRuleBook();
    book.replace([held('a', { symbols: ['BTCUSDT'] })]);
    expect(book.judge(reading(6, 0))).toHaveLength(1);
    expect(book.replace([held('a', { symbols: ['ETHUSDT'] })])).toEqual([]);
    expect(book.judge(reading(6, 1, 'ETHUSDT'))).toHaveLength(1);
    expect(book.judge(reading(60, 1))).toEqual([]);
    book.replace([held('a', { symbols: ['BTCUSDT'] })]);
    expect(book.judge(reading(6, 2))).toEqual([]);
  });

  it('remembers what is stored of the rules that it holds', () => {
    const book = createRuleBook();
    book.replace([held('a')]);
    const state = { armed: false, heldBack: false, peakPct: 6, lastFiredAt: NOON };
    book.remember(['a', 'unknown'].map((ruleId) => ({ ruleId, symbol: 'BTCUSDT', state })));
    expect(book.judge(reading(6, 1))).toEqual([]);
  });
});
