import { describe, expect, it } from '@jest/globals';
import { describeAlertRules } from '../../../src/dashboard/alerts/alertRules.ts';
import { symbolLink } from '../../../src/dashboard/drawer/symbolLink.ts';

describe('what the server tells of itself, as it is shown', () => {
  it('says when alerts fire with the digits that were set', () => {
    const rules = [
      { timeframe: '5 min', pctChange: 0.03 },
      { timeframe: '15 min', pctChange: 0.07 },
      { timeframe: '1 hour', pctChange: 0.125 },
    ];
    expect(describeAlertRules(rules)).toBe('Alerts fire at ±3% in 5 min, ±7% in 15 min, ±12.5% in 1 hour');
  });

  it('says nothing of alerts when nobody reports when they fire', () => {
    expect(describeAlertRules([])).toBeNull();
  });

  it('links to a symbol whatever its script is', () => {
    expect(symbolLink('https://exchange.example/{symbol}?s={symbol}', '币安人生USDT')).toBe(
      'https://exchange.example/%E5%B8%81%E5%AE%89%E4%BA%BA%E7%94%9FUSDT?s=%E5%B8%81%E5%AE%89%E4%BA%BA%E7%94%9FUSDT',
    );
  });
});
