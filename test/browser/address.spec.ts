import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { waitFor } from '../support/waitFor.ts';
import { postMarket, type Listed } from './support/market.ts';
import { withStage } from './support/stage.ts';
import { readAddress, readColumns, readOrder, readSorted } from './support/tableProbe.ts';
import { expectSoon } from './support/soon.ts';

const MARKET: readonly Listed[] = [
  { symbol: 'BTCUSDT', openInterest: 4e9, markPrice: 2, volume24h: 9e9, d5: 3, d60: 1 },
  { symbol: 'BNBUSDT', openInterest: 3e9, markPrice: 2, volume24h: 8e9, d5: -4, d60: -2 },
  { symbol: 'BCHUSDT', openInterest: 2e9, markPrice: 2, volume24h: 7e9, d5: 5, d60: 3 },
  { symbol: 'ETHUSDT', openInterest: 1e9, markPrice: 2, volume24h: 6e9, d5: 6, d60: 4 },
];

/** Every key there is, in the order in which the page writes them. */
const WHOLE = [
  'q=b',
  'sort=-d60',
  'abs=1',
  'fav=1',
  'state=live,late',
  'quad=building,unwinding',
  'minusd=1000000',
  'minvol=2000000',
  'minchg=2.5',
  'win=5m',
  'cols=usd,d60,d5,age',
  'unit=usd',
  's=BNBUSDT',
  'range=6h',
  'alert=17',
].join('&');

const BROKEN =
  'q=&sort=-nothing&abs=7&fav=maybe&state=dead&quad=%00&minusd=-5&minvol=lots&minchg=1e999&win=9m&cols=,,&unit=euro' +
  '&s=%3Cscript%3E&range=9y&alert=%22&token=x&%E0%A4=1';

const stage = withStage();

beforeAll(() => postMarket(stage.server, stage.clock, MARKET));

async function open(path: string): Promise<Page> {
  const { page } = await stage.visit({
    path,
    prepare: (page) =>
      page.addInitScript(() =>
        localStorage.setItem('oi.favourites.v1', JSON.stringify(['BTCUSDT', 'BNBUSDT', 'ETHUSDT'])),
      ),
  });
  await page.locator('tr[data-symbol]').first().waitFor();
  return page;
}

const drawerOf = (page: Page) => page.locator('section.drawer');

describe('the address', () => {
  it('UI19 restores the whole view, and the page writes the same address again', async () => {
    const page = await open(`/?${WHOLE}`);
    expect(await page.getByRole('searchbox').inputValue()).toBe('b');
    expect(await readColumns(page)).toEqual(['fav', 'symbol', 'usd', 'd60', 'd5', 'age']);
    expect(await readSorted(page)).toEqual(['d60 descending']);
    expect(await readOrder(page)).toEqual(['BNBUSDT', 'BTCUSDT']);
    const chips = await page.locator('.chips .chip').allTextContents();
    expect(chips.map((it) => it.replace(' ×, remove filter', ''))).toEqual([
      '“b”',
      'Favourites',
      'Live',
      'Late',
      'Building, price flat (5m)',
      'Unwinding, price flat (5m)',
      'OI ≥ $1.00M',
      'Volume ≥ $2.00M',
      '|Δ 5m| ≥ 2.5%',
    ]);
    const drawer = drawerOf(page);
    expect(await drawer.getByRole('heading', { level: 2 }).innerText()).toBe('BNBUSDT');
    expect(await drawer.locator('[aria-pressed="true"]').allInnerTexts()).toEqual(['', '6h', 'USD']);

    await page.getByRole('button', { name: '24h', exact: true }).click();
    await expectSoon(() => new URL(page.url()).searchParams.has('range')).toBe(false);
    await page.getByRole('button', { name: '6h', exact: true }).click();
    await expectSoon(() => decodeURIComponent(new URL(page.url()).search)).toBe(`?${WHOLE}`);
  });

  it('UI19 with unknown values shows the default view, and no error', async () => {
    const page = await open(`/?${BROKEN}`);
    expect(await readOrder(page)).toEqual(['BTCUSDT', 'BNBUSDT', 'BCHUSDT', 'ETHUSDT']);
    expect(await readSorted(page)).toEqual(['usd descending']);
    expect(await page.locator('.chips').count()).toBe(0);
    expect(await drawerOf(page).count()).toBe(0);
    await page.getByRole('searchbox').fill('btc');
    await expectSoon(() => readAddress(page)).toEqual({ q: 'btc' });
  });

  it('UI19 gets a history entry when a symbol is opened, so that Back closes it', async () => {
    const page = await open('/');
    await page.locator('tr[data-symbol="BTCUSDT"] [data-column="usd"]').click();
    await drawerOf(page).waitFor();
    await page.getByRole('button', { name: 'Next symbol' }).click();
    await waitFor('the next symbol', () => readAddress(page)['s'] === 'BNBUSDT');
    await page.goBack();
    await drawerOf(page).waitFor({ state: 'detached' });
    await expectSoon(() => new URL(page.url()).search).toBe('');
    await page.goForward();
    await drawerOf(page).waitFor();
    // Closed by its button it leaves no entry that Back would have to pass; what was filtered meanwhile stays.
    await page.getByRole('searchbox').fill('b');
    await page.getByRole('button', { name: 'Close details' }).click();
    await expectSoon(() => readAddress(page)).toEqual({ q: 'b' });
    // The entry that opening added is left.
    expect(await page.evaluate(() => window.history.state as unknown)).toBeNull();
  });
});
