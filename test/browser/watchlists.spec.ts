import { beforeAll, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { MINUTE_MS } from '../../src/kit/clock.ts';
import { Watchlists } from '../../src/openInterest/views/watchlists.types.ts';
import { bearer, getJson } from '../support/openInterestCalls.ts';
import { postMarket } from './support/market.ts';
import { expectSoon } from './support/soon.ts';
import { withStage } from './support/stage.ts';
import { BTC, ETH, MARKET, SOL, names } from './support/tableMarket.ts';

const PATH = '/api/watchlists';
const stage = withStage();

beforeAll(() => postMarket(stage.server, stage.clock, MARKET));

async function readLists(headers: Record<string, string>): Promise<Watchlists> {
  return Watchlists.parse(await getJson(stage.server, PATH, headers));
}

const starred = (page: Page) =>
  page.$$eval('tr[data-symbol]:has(.star[aria-pressed="true"])', (rows) =>
    rows.map((it) => it.getAttribute('data-symbol')!).toSorted((a, b) => (a < b ? -1 : 1)),
  );

it('UI49 shows stars and lists that were changed on another device when the viewer comes back, and keeps those that could not be saved', async () => {
  const device = await bearer(stage.server, 'pro', { sub: 'browser-pro' });
  /** Of the other device. */
  async function replace(lists: Watchlists['lists']): Promise<void> {
    const { version } = await readLists(device);
    const headers = { ...device, 'Content-Type': 'application/json', 'If-Match': `"${version}"` };
    const body = JSON.stringify({ lists });
    const response = await fetch(stage.server.url + PATH, { method: 'PUT', headers, body });
    expect(response.status).toBe(200);
  }
  const favourites = (...symbols: string[]) => ({ id: 'favourites', name: 'Favourites', symbols });
  const majors = { id: 'majors', name: 'Majors', symbols: ['BTCUSDT', 'ETHUSDT'] };
  await replace([favourites('BTCUSDT'), majors]);

  const { page, traffic } = await stage.visit({ allow: [/status of 503/] });
  let now = Date.now();
  const comeBack = async (afterMs: number): Promise<void> => {
    now += afterMs;
    await page.clock.setFixedTime(now);
    await page.evaluate(() => window.dispatchEvent(new Event('focus')));
  };
  const reads = () => traffic.requests.filter((it) => it.startsWith(`GET ${PATH} `)).length;
  await expectSoon(() => starred(page)).toEqual(names(BTC));

  // A star of here that the server does not take now.
  await page.route(`**${PATH}`, (route) =>
    route.request().method() === 'PUT' ? route.fulfill({ status: 503, body: '{}' }) : route.continue(),
  );
  await page.getByRole('button', { name: 'Favourite SOLUSDT' }).click();
  await expectSoon(() => traffic.requests.join()).toContain(`PUT ${PATH} 503`);
  await replace([favourites('ETHUSDT'), majors]);
  await comeBack(MINUTE_MS);
  await expectSoon(() => starred(page)).toEqual(names(ETH, SOL));
  expect(reads()).toBe(2);

  // Back at once: nothing is asked again.
  await comeBack(1_000);
  await page.unroute(`**${PATH}`);
  await comeBack(MINUTE_MS);
  await expectSoon(async () => (await readLists(device)).lists[0]!.symbols.toSorted()).toEqual(
    names(ETH, SOL),
  );
  expect(reads()).toBe(3);

  await page.getByRole('button', { name: 'Lists', exact: true }).click();
  await page.getByRole('button', { name: 'Majors · 2' }).click();
  await page.keyboard.press('Escape');
  await replace([favourites('ETHUSDT', 'SOLUSDT')]);
  await comeBack(MINUTE_MS);
  await page.getByText('The watchlist that was shown is deleted.').waitFor();
  await expectSoon(() => page.locator('tr[data-symbol]').count()).toBeGreaterThan(2);
});
