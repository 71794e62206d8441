import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { draftOfRouting, routingOf } from '../../../src/dashboard/rules/ruleDraft.ts';
import {
  describeBuiltIn,
  describeBuiltInState,
  describeSource,
} from '../../../src/dashboard/rules/ruleWords.ts';
import { BuiltInRule } from '../../../src/openInterest/rules/builtInRule.types.ts';
import type { Channel, Delivery } from '../../../src/openInterest/delivery/channel.types.ts';

const { rule: RULE } = BuiltInRule.parse({ version: 0, rule: { enabled: false } });

describe('the draft of the built-in rule', () => {
  it('round-trips every rule through its form', () => {
    const time = fc.constantFrom('00:00', '07:30', '23:59');
    const rules = fc.record({
      enabled: fc.boolean(),
      direction: fc.constantFrom('up' as const, 'down' as const, 'both' as const),
      symbols: fc.oneof(
        fc.constant('all' as const),
        fc.uniqueArray(fc.constantFrom('BTCUSDT', '1000PEPEUSDT', '币安人生USDT'), { minLength: 1 }),
        fc.record({ watchlist: fc.constantFrom('majors', 'a1') }),
      ),
      quietHours: fc.option(fc.record({ from: time, to: time, timeZone: fc.constant('Europe/Berlin') })),
      channelIds: fc.uniqueArray(fc.uuid(), { maxLength: 10 }),
    });
    fc.assert(fc.property(rules, (rule) => expect(routingOf(draftOfRouting(rule, 'UTC'))).toEqual(rule)));
  });
});

describe('words of the built-in rule', () => {
  it('say what it sends and where to', () => {
    expect(describeBuiltIn(RULE, null, 2)).toBe(
      'Sends the collector’s spike and dump alerts of all symbols, up and down, to 2 channels.',
    );
    expect(describeBuiltIn({ ...RULE, direction: 'down', symbols: ['BTCUSDT'] }, null, 1)).toBe(
      'Sends the collector’s dump alerts of BTCUSDT, down only, to 1 channel.',
    );
    expect(describeBuiltIn(RULE, null, 0)).toMatch(/to no channel yet\.$/);
  });

  it('name its watchlist, also before it is read and after it was deleted', () => {
    const rule = { ...RULE, symbols: { watchlist: 'majors' } };
    expect(describeBuiltIn(rule, { name: 'Majors', symbols: ['BTCUSDT', 'ETHUSDT'] }, 1)).toContain(
      'of the watchlist Majors (2 symbols now), up and down',
    );
    expect(describeBuiltIn(rule, undefined, 1)).toContain('of a watchlist, up');
    expect(describeBuiltIn(rule, null, 1)).toContain('of a watchlist that was deleted, up');
  });

  it('list its channels and quiet hours', () => {
    const channels = [
      { name: 'Phone', on: true },
      { name: 'Desk', on: false },
    ] as Channel[];
    const quietHours = { from: '22:00', to: '07:00', timeZone: 'Europe/Berlin' };
    expect(describeBuiltInState({ ...RULE, quietHours }, channels)).toBe(
      'off · Phone, Desk (off) · held 22:00–07:00 Europe/Berlin',
    );
    expect(describeBuiltInState({ ...RULE, enabled: true }, [])).toBe('');
  });

  it('name a delivery of it with the timeframe, which it has none of itself', () => {
    const firing = { ruleId: 'built-in', ruleName: 'Spikes and dumps', window: '15m' } as Delivery['firing'];
    expect(describeSource(firing)).toBe('Spikes and dumps in 15 min');
    expect(describeSource({ ...firing, window: '2 days' })).toBe('Spikes and dumps in 2 days');
    expect(describeSource({ ...firing, ruleId: 'mine', ruleName: 'Large moves' })).toBe('Large moves');
  });
});
