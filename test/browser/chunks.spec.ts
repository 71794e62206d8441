import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { postMarket } from './support/market.ts';
import { expectSoon } from './support/soon.ts';
import { withStage } from './support/stage.ts';

/** The browser complains of chunks that cannot be loaded. */
const UNREACHABLE = [/ERR_FAILED|Failed to fetch|Unable to preload/];
const CHUNKS = '**/assets/*';

const stage = withStage();

beforeAll(() =>
  postMarket(stage.server, stage.clock, [
    { symbol: 'BTCUSDT', openInterest: 4e9, markPrice: 2, volume24h: 9e9, d60: 1 },
  ]),
);

describe('a part of the page that cannot be loaded', () => {
  it('UI34 shows a message in its place, leaves the board untouched, and loads on retry', async () => {
    const { page } = await stage.visit({ allow: UNREACHABLE, prepare: neverIdle });
    const row = page.locator('tr[data-symbol="BTCUSDT"]');
    await row.waitFor();
    await page.route(CHUNKS, (route) => route.abort());

    await page.getByRole('button', { name: 'Filters' }).click();
    const filters = page.getByRole('group', { name: 'Filters' });
    await filters.getByText('could not be loaded').waitFor();
    await page.keyboard.press('Escape');
    await row.locator('[data-column="usd"]').click();
    const details = page.getByRole('region', { name: 'Details of BTCUSDT' });
    await details.getByText('could not be loaded').waitFor();
    await page.getByRole('button', { name: 'Export CSV' }).click();
    await page.getByText('The export could not be loaded.').waitFor();
    expect(await row.isVisible()).toBe(true);

    await page.unroute(CHUNKS);
    await details.getByRole('button', { name: 'Try again' }).click();
    await details.getByRole('heading', { name: 'BTCUSDT', exact: true }).waitFor();
    await page.keyboard.press('Escape');
    await details.waitFor({ state: 'detached' });
    expect(await row.isVisible()).toBe(true);
  });

  it('UI34 that is a dialog does not keep the keys of the page', async () => {
    const { page } = await stage.visit({ allow: UNREACHABLE, prepare: neverIdle });
    await page.locator('tr[data-symbol="BTCUSDT"]').waitFor();
    await page.route(CHUNKS, (route) => route.abort());
    const failed = page.getByText('could not be loaded');
    const alerts = page.getByRole('button', { name: 'Alerts', exact: true });
    await page.keyboard.press('?');
    await failed.first().waitFor();
    await page.getByRole('button', { name: 'Close', exact: true }).click();
    await page.keyboard.press('Control+k');
    await page.getByRole('button', { name: 'Close', exact: true }).waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('a');
    await expectSoon(() => alerts.getAttribute('aria-expanded')).toBe('false');
  });

  it('UI38 is prefetched while the page is idle, and a bar offers the new version after an update of the server', async () => {
    const prefetched = new Set<string>();
    const { page } = await stage.visit({
      allow: [...UNREACHABLE, /ERR_CONNECTION_REFUSED|WebSocket|status of 50/],
      prepare: async (page) =>
        page.on('requestfinished', (it) => prefetched.add(/assets\/(\w+)-/.exec(it.url())?.[1] ?? '')),
    });
    const row = page.locator('tr[data-symbol="BTCUSDT"]');
    await row.waitFor();
    await expectSoon(() => [...prefetched]).toEqual(
      expect.arrayContaining(['symbolParts', 'HistoryChart', 'Dialogs', 'csv']),
    );
    await page.route(CHUNKS, (route) => route.abort());
    await page.getByRole('button', { name: 'Filters' }).click();
    await page.getByRole('checkbox', { name: 'Stale' }).waitFor();
    await page.keyboard.press('Escape');
    await row.locator('[data-column="usd"]').click();
    await page.getByRole('heading', { name: 'BTCUSDT', exact: true }).waitFor();

    const bar = page.getByText('A new version of this page is available.');
    await page.route(stage.server.url + '/', async (route) => {
      const response = await route.fetch();
      const body = (await response.text()).replace(/index-[\w-]+\.js/, 'index-NEXT.js');
      await route.fulfill({ response, body });
    });
    await stage.restart();
    await bar.waitFor();
    expect(await row.isVisible()).toBe(true);
    await page.unrouteAll();
    await page.getByRole('button', { name: 'Reload', exact: true }).click();
    await row.waitFor();
    expect(await bar.count()).toBe(0);
  });
});

/** Nothing is loaded before it is needed. */
function neverIdle(page: Page): Promise<unknown> {
  return page.addInitScript(() => Object.assign(window, { requestIdleCallback: () => 0 }));
}
