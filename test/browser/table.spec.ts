import { describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { SECOND_MS } from '../../src/kit/clock.ts';
import { waitFor } from '../support/waitFor.ts';
import { itemOf, postItems, postMarket, type Listed } from './support/market.ts';
import { BTC, DARK, ETH, MARKET, SOL, SOLV, XRP, names } from './support/tableMarket.ts';
import { withStage } from './support/stage.ts';
import { clickHead, readAddress, readCell, readOrder, readSorted } from './support/tableProbe.ts';
import { expectSoon } from './support/soon.ts';

const stage = withStage();

async function open(path = '/'): Promise<Page> {
  await postMarket(stage.server, stage.clock, MARKET);
  const { page } = await stage.visit({ path });
  await page.locator('tr[data-symbol="BTCUSDT"]').waitFor();
  return page;
}

describe('the table', () => {
  it('UI16 sorts by value, with Shift by size, keeps unknown values last in both orders, and writes the order to the address', async () => {
    const page = await open();
    expect(await readOrder(page)).toEqual(names(BTC, ETH, SOL, SOLV, XRP, DARK));
    await clickHead(page, 'usd');
    expect(await readOrder(page)).toEqual(names(XRP, SOLV, SOL, ETH, BTC, DARK));
    expect(await readSorted(page)).toEqual(['usd ascending']);
    await expectSoon(() => readAddress(page)).toEqual({ sort: 'usd' });

    await clickHead(page, 'd60');
    expect(await readOrder(page)).toEqual(names(SOL, DARK, BTC, SOLV, ETH, XRP));
    await expectSoon(() => readAddress(page)).toEqual({ sort: '-d60' });
    await clickHead(page, 'd60');
    expect(await readOrder(page)).toEqual(names(ETH, SOLV, BTC, DARK, SOL, XRP));
    expect(await readSorted(page)).toEqual(['d60 ascending']);

    await clickHead(page, 'd60', { shift: true });
    expect(await readOrder(page)).toEqual(names(ETH, SOL, DARK, BTC, SOLV, XRP));
    expect(await readSorted(page)).toEqual(['d60 descending']);
    await expectSoon(() => readAddress(page)).toEqual({ sort: '-d60', abs: '1' });
  });

  it('UI17 keeps the order while the pointer is on a row, counts the rows that would move, and moves them afterwards', async () => {
    const page = await open();
    const status = page.locator('.toolbar-status');
    await page.hover('tr[data-symbol="SOLUSDT"]');
    await postNow({ ...XRP, openInterest: 9e9 });
    await waitFor('the new value', async () => (await readCell(page, 'XRPUSDT', 'usd')) === '$18.00B');
    // Past the time after which rows may move, and a value that tells that the page knows.
    stage.clock.jump(6 * SECOND_MS);
    await postNow({ ...XRP, openInterest: 10e9 });
    await waitFor('the next value', async () => (await readCell(page, 'XRPUSDT', 'usd')) === '$20.00B');
    await waitFor('the word of it', async () => (await status.innerText()).includes('5 rows would move'));
    expect(await readOrder(page)).toEqual(names(BTC, ETH, SOL, SOLV, XRP, DARK));

    await page.mouse.move(10, 10);
    await waitFor('the new order', async () => (await readOrder(page))[0] === 'XRPUSDT');
    expect(await readOrder(page)).toEqual(names(XRP, BTC, ETH, SOL, SOLV, DARK));
    expect(await status.innerText()).not.toContain('would move');

    // Closed details return the focus to the row, and the order is not held for it.
    await page.locator('tr[data-symbol="SOLUSDT"] [data-column="usd"]').click();
    await page.getByRole('button', { name: 'Close details' }).click();
    await postNow({ ...SOL, openInterest: 15e9 });
    await waitFor('the value', async () => (await readCell(page, 'SOLUSDT', 'usd')) === '$30.00B');
    stage.clock.jump(6 * SECOND_MS);
    await waitFor('the order', async () => (await readOrder(page))[0] === 'SOLUSDT');
  });

  it('UI17 does not change while it is paused, counts the waiting updates, and the header stays current', async () => {
    const page = await open();
    await page.keyboard.press('p');
    await page.locator('html[data-state="paused"]').waitFor();
    await postNow({ ...BTC, openInterest: 5e9 }, { ...ETH, openInterest: 1e9 });
    await waitFor('what waits', async () =>
      (await page.locator('.banner').innerText()).includes('2 changes waiting.'),
    );
    expect(await page.locator('.banner').innerText()).toMatch(
      /^Updates paused at \d\d:\d\d:\d\d\. 2 changes waiting\. Resume$/,
    );
    expect(await page.locator('.pill').innerText()).toBe('Paused');
    expect(await readCell(page, 'BTCUSDT', 'usd')).toBe('$8.00B');
    stage.clock.jump(150 * SECOND_MS);
    await waitFor('the age', async () =>
      (await page.locator('.freshness').innerText()).includes('ago · 0/6 live'),
    );
    expect(await readCell(page, 'BTCUSDT', 'age')).toMatch(/^(?:<1|\d+)s$/);
    await page.getByRole('button', { name: 'Resume' }).last().click();
    await waitFor('the new value', async () => (await readCell(page, 'BTCUSDT', 'usd')) === '$10.00B');
    expect(await readCell(page, 'BTCUSDT', 'age')).toMatch(/^2m/);
  });

  it('UI35 finds two symbols at once, pairs in each spelling, and reads amounts such as 5.5B', async () => {
    const page = await open();
    const search = page.getByRole('searchbox', { name: 'Filter symbols' });
    for (const [query, found] of [
      ['eth xrp', names(ETH, XRP)],
      ['BTC/USDT', names(BTC)],
      ['sol-usdt', names(SOL)],
    ] as const) {
      await search.fill(query);
      await expectSoon(() => readOrder(page)).toEqual(found);
    }
    await search.fill('');
    await page.getByRole('button', { name: 'Filters' }).click();
    const minimum = page.getByRole('textbox', { name: 'Minimum OI, USD' });
    await minimum.fill('5.5B');
    await expectSoon(() => readOrder(page)).toEqual(names(BTC, ETH));
    expect(await minimum.inputValue()).toBe('5.5B');
    await minimum.fill('5.5X');
    expect(await minimum.getAttribute('aria-invalid')).toBe('true');
    await minimum.fill('7B');
    await page.getByRole('group', { name: 'Filters' }).getByRole('button', { name: 'Clear all' }).click();
    expect(await minimum.inputValue()).toBe('');
  });

  it('UI18 finds symbols, keeps favourites after a reload, and shows a message if no row is left', async () => {
    const page = await open();
    const search = page.getByRole('searchbox', { name: 'Filter symbols' });
    const main = page.locator('main');
    await page.keyboard.press('/');
    await page.keyboard.type('sol');
    expect(await readOrder(page)).toEqual(names(SOL, SOLV));
    expect(await page.locator('.toolbar-status').innerText()).toMatch(/^2 symbols ·/);
    expect(await main.innerText()).toContain('4 of 6 symbols hidden by filters');

    await page.getByRole('button', { name: 'Favourite SOLUSDT' }).click();
    await search.fill('');
    await page.locator('tr[data-symbol="ETHUSDT"] [data-column="usd"]').focus();
    await page.keyboard.press('f');
    await page.reload();
    await page.getByRole('button', { name: /^Favourites\s*2$/ }).click();
    expect(await readOrder(page)).toEqual(names(ETH, SOL));
    await expectSoon(() => readAddress(page)).toEqual({ fav: '1' });

    await page.getByRole('button', { name: 'Favourite SOLUSDT' }).click();
    await page.getByRole('button', { name: 'Favourite ETHUSDT' }).click();
    expect(await page.locator('.board-empty').innerText()).toBe(
      'No favourites yet. Press F on a row, or use the star.',
    );
    await page.getByRole('button', { name: 'Clear all' }).click();
    await search.fill('pepe9');
    expect(await page.locator('.board-empty').innerText()).toBe('No symbol matches “pepe9”. Clear filters');
    await page.getByRole('button', { name: 'Clear filters' }).click();
    expect(await readOrder(page)).toHaveLength(6);
    expect(await search.inputValue()).toBe('');
  });
});

async function postNow(...changed: Listed[]): Promise<void> {
  const now = stage.clock.now();
  await postItems(
    stage.server,
    changed.map((it) => itemOf(it, now)),
  );
}
