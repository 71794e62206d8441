import { beforeAll, describe, expect, it } from '@jest/globals';
import { postMarket } from './support/market.ts';
import { expectSoon } from './support/soon.ts';
import { withStage } from './support/stage.ts';

const stage = withStage({
  env: {
    UPGRADE_URL: 'https://volspike.com/upgrade',
    SYMBOL_LINK_TEMPLATE: 'https://exchange.example/futures/{symbol}',
  },
});

beforeAll(() =>
  postMarket(stage.server, stage.clock, [
    { symbol: '币安人生USDT', openInterest: 1_000, markPrice: 2, volume24h: 9e9, fundingRate: 0.0001 },
  ]),
);

describe('settings of the server', () => {
  it('include the address for upgrades', async () => {
    const { page } = await stage.visit({ as: 'free' });
    await page.getByRole('button', { name: 'See what Pro adds' }).first().click();
    const upgrade = page.getByRole('dialog').getByRole('link', { name: 'Upgrade' });
    expect(await upgrade.getAttribute('href')).toBe('https://volspike.com/upgrade');
    expect(await upgrade.getAttribute('rel')).toBe('noopener noreferrer');
  });

  it('include the link to a symbol at the exchange, in any script', async () => {
    const { page } = await stage.visit({ path: `/?s=${encodeURIComponent('币安人生USDT')}` });
    const link = page.getByRole('link', { name: 'Open in Binance' });
    expect(await link.getAttribute('href')).toBe(
      'https://exchange.example/futures/%E5%B8%81%E5%AE%89%E4%BA%BA%E7%94%9FUSDT',
    );
    expect(await link.getAttribute('rel')).toBe('noopener noreferrer');
  });

  it('include the thresholds of alerts, once a collector reports them', async () => {
    const first = await stage.visit();
    const rail = first.page.getByRole('complementary', { name: 'OI alerts' });
    await expectSoon(() => rail.innerText()).toMatch(/No OI alerts in the last 24 hours\.$/);
    const alertRules = [
      { timeframe: '5 min', pctChange: 0.03 },
      { timeframe: '1 hour', pctChange: 0.125 },
    ];
    const beat = { collector: 'oi-poller', everySec: 60, alertRules };
    expect((await stage.server.post('/api/collectors/heartbeat', beat)).status).toBe(200);
    await first.page.reload();
    await expectSoon(() => rail.innerText()).toContain('Alerts fire at ±3% in 5 min, ±12.5% in 1 hour.');
  });

  it('give funding rates a yearly figure, for both usual intervals', async () => {
    const { page } = await stage.visit();
    const cell = page.locator('[data-symbol="币安人生USDT"] [data-column="fund"] span');
    expect(await cell.innerText()).toBe('+0.0100%');
    expect(await cell.getAttribute('title')).toContain('+10.95% a year if that is 8h');
  });
});
