import { beforeEach, describe, expect, it } from '@jest/globals';
import { postMarket } from './support/market.ts';
import { soon } from './support/soon.ts';
import { withStage } from './support/stage.ts';
import { BTC, ETH, MARKET, SOL, listed, names } from './support/tableMarket.ts';
import { readAddress, readOrder, readSorted } from './support/tableProbe.ts';

const stage = withStage();

beforeEach(() => postMarket(stage.server, stage.clock, MARKET));

describe('the board', () => {
  it('UI40 shows the symbols that a tile counts, keeps the viewer’s minimum and settings, and asks before it deletes', async () => {
    const { page } = await stage.visit({ path: '/?minusd=3000000000&s=GONEUSDT' });
    await page.getByText('GONEUSDT is not on this board').waitFor();
    await page.getByRole('button', { name: 'Movers', exact: true }).click();
    expect(await readOrder(page)).toEqual(names(ETH, SOL, BTC));
    await page.getByRole('button', { name: 'Movers', exact: true }).click();
    expect(readAddress(page)).toMatchObject({ minusd: '3000000000' });
    await page.getByRole('button', { name: 'Clear all' }).click();
    await page.getByRole('button', { name: /^Symbols live/ }).click();
    expect(await readOrder(page)).toHaveLength(6);
    expect(await readSorted(page)).toEqual(['age descending']);
    expect(await page.locator('.tile').first().innerText()).toMatch(/in 1h \(4 symbols\) · 5 of 6 symbols$/);

    await page.getByRole('button', { name: 'Favourite BTCUSDT' }).click();
    await page.getByRole('button', { name: 'Settings' }).click();
    const settings = page.getByRole('dialog', { name: 'Settings' });
    await settings.getByRole('radio', { name: 'USD' }).check();
    await page.goto(stage.server.url);
    await page.locator('tr[data-symbol="BTCUSDT"]').waitFor();
    await page.getByRole('button', { name: 'Settings' }).click();
    expect(await settings.getByRole('radio', { name: 'USD' }).isChecked()).toBe(true);
    await settings.getByRole('button', { name: 'Reset everything' }).click();
    expect(await settings.getByRole('alert').innerText()).toContain('deletes 1 favourite.');
    await settings.getByRole('button', { name: 'Reset', exact: true }).click();
    await settings.getByRole('button', { name: 'Undo' }).click();
    await page.keyboard.press('Escape');
    await page.locator('.star[aria-pressed="true"][aria-label="Favourite BTCUSDT"]').waitFor();
  });

  it('UI41 sorts by each figure in both directions on a phone, and keeps favourites', async () => {
    const { page } = await stage.visit({ width: 390, height: 844 });
    const cards = () => page.$$eval('.card', (all) => all.map((it) => it.getAttribute('data-symbol')));
    await page.locator('.card').first().waitFor();
    await page.getByLabel('Sort by').selectOption('Price × OI');
    await soon(cards, (it) => expect(it[0]).toBe('BTCUSDT'));
    expect(await page.locator('.card[data-symbol="ETHUSDT"]').innerText()).toContain('Longs closing');
    await page.getByLabel('Sort by').selectOption('OI/V');
    expect(await page.locator('.card[data-symbol="ETHUSDT"]').innerText()).toContain('OI/V 0.33');
    await page.getByLabel('Sort by').selectOption('OI (USD)');
    await page.getByRole('button', { name: 'Reverse the order' }).click();
    await soon(cards, (it) => expect(it[0]).toBe('XRPUSDT'));
    await page.getByRole('button', { name: 'Favourite ETHUSDT' }).click();
    await page.getByRole('button', { name: /^Favourites\s*1$/ }).click();
    await soon(cards, (it) => expect(it).toEqual(['ETHUSDT']));
  });

  it('UI36 reads price and open interest over the window that the column names, also where price is flat', async () => {
    const quiet = listed('QNT', 5e8, { d60: -8.6, price60: 0.13, d5: 0.3 });
    await postMarket(stage.server, stage.clock, [...MARKET, quiet]);
    const { page } = await stage.visit({ path: '/?q=qnt' });
    const cell = page.locator('tr[data-symbol="QNTUSDT"] [data-column="quad"]');
    const head = page.locator('th[data-column="quad"]');
    await cell.waitFor();
    expect([await head.innerText(), await cell.innerText()]).toEqual([
      'Price × OI 1h',
      'Unwinding, price flat',
    ]);
    expect(await cell.evaluate((it) => it.scrollHeight <= it.clientHeight)).toBe(true);
    await page.getByRole('button', { name: 'Filters' }).click();
    await page.getByRole('radio', { name: '5m', exact: true }).check();
    expect([await head.innerText(), await cell.innerText()]).toEqual([
      'Price × OI 5m',
      'Building, price flat',
    ]);
  });
});
