import { describe, expect, it } from '@jest/globals';
import { describeAlertRules } from '../../../src/dashboard/alerts/alertRules.ts';
import { symbolLink } from '../../../src/dashboard/drawer/symbolLink.ts';

describe('server facts shown on pages', () => {
  it('contain the alert thresholds with their configured digits', () => {
    const rules = [
      { timeframe: '5 min', pctChange: 0.03 },
      { timeframe: '15 min', pctChange: 0.07 },
      { timeframe: '1 hour', pctChange: 0.125 },
    ];
    expect(describeAlertRules(rules)).toBe('Alerts fire at ±3% in 5 min, ±7% in 15 min, ±12.5% in 1 hour');
  });

  it('omit alerts when no collector reports thresholds', () => {
    expect(describeAlertRules([])).toBeNull();
  });

  it('link to a symbol in any script', () => {
    expect(symbolLink('https://exchange.example/{symbol}?s={symbol}', '币安人生USDT')).toBe(
      'https://exchange.example/%E5%B8%81%E5%AE%89%E4%BA%BA%E7%94%9FUSDT?s=%E5%B8%81%E5%AE%89%E4%BA%BA%E7%94%9FUSDT',
    );
  });
});
