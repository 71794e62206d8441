import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  amount,
  draftFromAddress,
  draftOf,
  inputOf,
  newDraft,
  nameOf,
} from '../../../src/dashboard/rules/ruleDraft.ts';
import { formatAmount } from '../../../src/dashboard/board/amount.ts';
import { describePace, describeRule, restingOf } from '../../../src/dashboard/rules/ruleWords.ts';
import { countByDay } from '../../../src/dashboard/rules/replay.ts';
import { DAY_MS } from '../../../src/kit/clock.ts';
import { AlertRuleInput, type ReplayedFiring } from '../../../src/openInterest/rules/rules.types.ts';

const RULE = AlertRuleInput.parse({
  name: 'Building',
  symbols: ['BTCUSDT'],
  window: '1h',
  direction: 'up',
  thresholdPct: 3,
  leastUsd: 50e6,
  price: { kind: 'flat', withinPct: 0.4 },
  funding: { min: null, max: 0.0001 },
  leastVolume24h: 1.5e9,
  leastUnusual: 2.5,
  cooldownMin: 60,
  rearmShare: 0.25,
  escalationPct: 50,
  quietHours: { from: '22:00', to: '07:00', timeZone: 'Europe/Berlin' },
});

describe('the draft of a rule', () => {
  it('round-trips a rule through its form', () => {
    expect(AlertRuleInput.parse(inputOf(draftOf(RULE, 'UTC')))).toEqual(RULE);
  });

  it('round-trips the watchlist that a rule names', () => {
    const rule = { ...RULE, symbols: { watchlist: 'majors' } };
    expect(inputOf(draftOf(rule, 'UTC'))).toEqual(rule);
    expect(draftFromAddress('?new=1&list=majors', 'UTC')).toMatchObject({ watchlist: 'majors' });
  });

  it('is a valid rule from the start', () => {
    expect(AlertRuleInput.safeParse(inputOf(newDraft('UTC'))).success).toBe(true);
  });

  it('sends text that is no number as it was typed, so that the server names the field', () => {
    const input = inputOf({ ...newDraft('UTC'), name: 'New', thresholdPct: 'lots', leastUsd: '5 apples' });
    expect(input).toMatchObject({ thresholdPct: 'lots', leastUsd: '5 apples' });
  });

  it('is prefilled by a link, and ignores values it does not know', () => {
    expect(draftFromAddress('?new=1&window=4h&direction=sideways&usd=2B', 'UTC')).toMatchObject({
      window: '4h',
      direction: 'both',
      leastUsd: '2B',
    });
    expect(
      draftFromAddress('?new=1&direction=up&vol=1000000&readings=unwinding,sideways,building', 'UTC'),
    ).toMatchObject({
      direction: 'up',
      leastVolume24h: '1000000',
      readings: ['building', 'unwinding'],
    });
    expect(draftFromAddress('?new=1&window=1h&unusual=3', 'UTC')).toMatchObject({
      leastUnusual: '3',
      thresholdPct: '0.2',
    });
    expect(draftFromAddress('?window=4h', 'UTC')).toBeNull();
  });
});

describe('amounts of USD', () => {
  it.each([
    ['50M', 50e6],
    ['1.5b', 1.5e9],
    ['$2,000,000', 2e6],
    ['.5k', 500],
    ['', null],
    ['x', 'x'],
  ])('reads %j as %p', (text, value) => {
    expect(amount(text)).toBe(value);
  });

  it('are written so that they are read back as the same number', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e12 }), (value) => {
        expect(amount(formatAmount(value))).toBe(value);
      }),
    );
  });
});

describe('a rule without a name', () => {
  it('is named after what it watches', () => {
    const draft = newDraft('UTC');
    expect(inputOf(draft)['name']).toBe('OI ±5% in 15m');
    const symbols = { symbols: 'BTCUSDT, ETHUSDT', direction: 'up', window: '1h' } as const;
    expect(inputOf({ ...draft, ...symbols })['name']).toBe('BTCUSDT and 1 more OI +5% in 1h');
    expect(inputOf({ ...draft, name: ' Mine ' })['name']).toBe('Mine');
    expect(nameOf({ ...draft, symbols: 'A'.repeat(200) })).toHaveLength(80);
  });
});

describe('the sentence of a rule', () => {
  it('names the change, the symbols and each condition', () => {
    expect(describeRule(RULE)).toBe(
      'Open interest rises 3% or more, by at least $50M, within 1 h, on BTCUSDT; price within ±0.4%; ' +
        'funding at most +0.0100%; 24 h volume at least $1.5B; at least 2.5 usual deviations of the symbol’s last 7 days.',
    );
  });

  it('names the watchlist of a rule, or that it was deleted', () => {
    const rule = { ...RULE, symbols: { watchlist: 'majors' } };
    const list = { name: 'Majors', symbols: ['BTCUSDT', 'ETHUSDT'] };
    expect(describeRule(rule, list)).toContain('on the watchlist Majors (2 symbols now);');
    expect(describeRule(rule)).toContain('on a watchlist that was deleted;');
  });

  it('says which rules rest because the tier has fewer', () => {
    const rules = ['a', 'off', 'b', 'c'].map((id) => ({ id, rule: { ...RULE, enabled: id !== 'off' } }));
    expect([...restingOf(rules, 2)]).toEqual(['c']);
    expect([...restingOf(rules, 10)]).toEqual([]);
  });

  it('says how often the rule may fire', () => {
    expect(describePace(RULE)).toBe(
      'at most every 1 h per symbol · armed again below 25% of the threshold · once more if 50% larger · ' +
        'held 22:00–07:00 Europe/Berlin',
    );
  });
});

describe('a replay', () => {
  it('counts firings by day, the last day last', () => {
    const to = 30 * DAY_MS;
    const firings = [to - 1, to - DAY_MS + 1, to - DAY_MS - 1, to - 3 * DAY_MS + 1].map((firedAt) => ({
      firedAt,
    }));
    expect(countByDay({ firings: firings as ReplayedFiring[], days: 3, to })).toEqual([1, 1, 2]);
  });
});
