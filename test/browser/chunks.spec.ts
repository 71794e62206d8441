import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { postMarket } from './support/market.ts';
import { openStage, type Stage } from './support/stage.ts';

const CHUNKS = '**/assets/*';

let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
  await postMarket(stage.server, stage.clock, [
    { symbol: 'BTCUSDT', openInterest: 4e9, markPrice: 2, volume24h: 9e9, d60: 1 },
  ]);
});
afterEach(() => stage.leave());
afterAll(() => stage.close());

describe('a part of the page that cannot be loaded', () => {
  it('UI34 says so in its place, leaves the board alone, and loads when it is tried again', async () => {
    const { page } = await stage.visit({ allow: [/ERR_FAILED|Failed to fetch|Unable to preload/] });
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
    await details.getByRole('heading', { name: 'BTCUSDT' }).waitFor();
    await page.keyboard.press('Escape');
    await details.waitFor({ state: 'detached' });
    expect(await row.isVisible()).toBe(true);
  });
});
