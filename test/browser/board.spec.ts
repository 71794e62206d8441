import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { HOUR_MS, MINUTE_MS } from '../../src/kit/clock.ts';
import { findLayoutFaults, findViolations } from './support/lookProbe.ts';
import { itemOf, postItems, postMarket, type Listed } from './support/market.ts';
import { expectSoon, soon } from './support/soon.ts';
import { withStage } from './support/stage.ts';
import { BTC, DARK, ETH, MARKET, SOL, SOLV, XRP, listed, names } from './support/tableMarket.ts';
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
    const { page } = await stage.visit({ as: 'elite', width: 390, height: 844 });
    const cards = () => page.$$eval('.card', (all) => all.map((it) => it.getAttribute('data-symbol')));
    await page.locator('.card').first().waitFor();
    await page.getByLabel('Sort by').selectOption('Price × OI');
    await soon(cards, (it) => expect(it[0]).toBe('BTCUSDT'));
    expect(await page.locator('.card[data-symbol="ETHUSDT"]').innerText()).toContain('Longs closing');
    await page.getByLabel('Sort by').selectOption('OI/V');
    expect(await page.locator('.card[data-symbol="ETHUSDT"]').innerText()).toContain('OI/V 0.33');
    await page.getByLabel('Sort by').selectOption('Price 1h');
    await soon(cards, (it) => expect(it[0]).toBe('BTCUSDT'));
    expect(await page.locator('.card[data-symbol="BTCUSDT"]').innerText()).toContain('Price 1h +0.62%');
    await page.getByRole('button', { name: 'By size, up or down' }).click();
    await soon(cards, (it) => expect(it.slice(0, 2)).toEqual(['ETHUSDT', 'SOLUSDT']));
    for (const label of ['Δ 30m', 'Δ 4h', 'ΔUSD 4h', 'Unusual 1h']) {
      await page.getByLabel('Sort by').selectOption(label);
      await page.getByText(`sorted by ${label}, high to low`).waitFor();
    }
    await page.getByRole('button', { name: 'Filters' }).click();
    await page.getByRole('radio', { name: '4h', exact: true }).check();
    await page.getByRole('textbox', { name: 'Minimum unusual score of 1h, up or down' }).fill('3');
    await page.getByText('6 of 6 symbols hidden by filters').waitFor();
    await page.getByRole('button', { name: 'Clear all' }).first().click();
    await page.keyboard.press('Escape');
    await page.getByLabel('Sort by').selectOption('OI (USD)');
    await page.getByRole('button', { name: 'Reverse the order' }).click();
    await soon(cards, (it) => expect(it[0]).toBe('XRPUSDT'));
    await page.getByRole('button', { name: 'Favourite ETHUSDT' }).click();
    await page.getByRole('button', { name: /^Favourites\s*1$/ }).click();
    await expectSoon(cards).toEqual(['ETHUSDT']);
  });

  it('keeps stars and watchlists with the account: filters by a list, deletes it with undo, on a phone too', async () => {
    const { page } = await stage.visit();
    const row = page.locator('tr[data-symbol="BTCUSDT"]');
    const lists = page.getByRole('button', { name: 'Lists', exact: true });
    const panel = page.getByRole('group', { name: 'Watchlists', exact: true });
    await page.getByRole('button', { name: 'Favourite SOLUSDT' }).click();
    await lists.click();
    await panel.getByLabel('New list').fill('Majors');
    await page.keyboard.press('Enter');
    await panel.getByRole('button', { name: 'Majors · 0' }).waitFor();
    await page.keyboard.press('Escape');

    await row.click();
    const details = page.getByRole('region', { name: 'Details of BTCUSDT' });
    await details.getByRole('button', { name: 'Lists' }).click();
    await details.getByLabel('Majors').check();
    await details.getByRole('button', { name: 'Lists 1' }).waitFor();
    expect(await findViolations(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await details.getByRole('button', { name: 'Close details' }).click();

    await lists.click();
    await panel.getByRole('button', { name: 'Majors · 1' }).click();
    await expectSoon(() => readOrder(page)).toEqual(['BTCUSDT']);
    const { list } = readAddress(page);
    await panel.getByRole('button', { name: 'Delete Majors' }).click();
    await soon(
      () => readOrder(page),
      (it) => expect(it.length).toBeGreaterThan(3),
    );
    await panel.getByRole('button', { name: 'Undo delete' }).click();
    await expectSoon(() => readOrder(page)).toEqual(['BTCUSDT']);

    const { page: phone } = await stage.visit({ width: 390, height: 844, path: `/?list=${list}` });
    await phone.getByRole('button', { name: /Majors.*remove filter/ }).click();
    await phone.locator('.star[aria-pressed="true"][aria-label="Favourite SOLUSDT"]').waitFor();
    await phone.getByRole('button', { name: 'Lists', exact: true }).click();
    await phone.getByRole('button', { name: 'Majors · 1' }).click();
    await expectSoon(() =>
      phone.$$eval('.card', (all) => all.map((it) => it.getAttribute('data-symbol'))),
    ).toEqual(['BTCUSDT']);
    await phone.keyboard.press('Escape');
    await phone.keyboard.press('Control+k');
    await phone.getByRole('combobox', { name: 'Symbol or action' }).fill('favour');
    await phone.getByRole('option', { name: 'List: Favourites' }).click();
    await expectSoon(() =>
      phone.$$eval('.card', (all) => all.map((it) => it.getAttribute('data-symbol'))),
    ).toContain('SOLUSDT');
  });

  it('adds to a list from a row, by key and by mouse, and from a card of the phone', async () => {
    const { page } = await stage.visit();
    const dialog = page.getByRole('dialog');
    const cell = page.locator('tr[data-symbol="XRPUSDT"] [data-column="usd"]');
    await cell.focus();
    await page.keyboard.press('l');
    await dialog.getByRole('heading', { name: 'Watchlists of XRPUSDT' }).waitFor();
    await dialog.getByLabel('New list with XRPUSDT').fill('From rows');
    await dialog.getByRole('button', { name: 'Create' }).press('Enter');
    await soon(
      () => dialog.getByLabel('From rows').isChecked(),
      (it) => expect(it).toBe(true),
    );
    expect(await findViolations(page)).toEqual([]);
    await page.keyboard.press('Escape');
    expect(await cell.evaluate((it) => it === document.activeElement)).toBe(true);

    const row = page.locator('tr[data-symbol="ETHUSDT"]');
    await row.hover();
    await row.getByRole('button', { name: 'Watchlists of ETHUSDT' }).click();
    await dialog.getByLabel('From rows').check();
    await page.keyboard.press('Escape');

    const { page: phone } = await stage.visit({ width: 390, height: 844 });
    await phone.getByRole('button', { name: 'Watchlists of SOLUSDT' }).click();
    await phone.getByRole('dialog').getByLabel('From rows').check();
    await phone.keyboard.press('Escape');
    await phone.getByRole('button', { name: 'Lists', exact: true }).click();
    await phone.getByRole('button', { name: 'From rows · 3' }).click();
    const readCards = () =>
      phone.$$eval('.card', (all) =>
        all.map((it) => it.getAttribute('data-symbol') ?? '').sort((a, b) => (a < b ? -1 : 1)),
      );
    await expectSoon(readCards).toEqual(['ETHUSDT', 'SOLUSDT', 'XRPUSDT']);
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

  it('UI43 explains the columns on the first visit, under rows that stay in place, and later also by touch', async () => {
    const { page } = await stage.visit({ isFirst: true });
    const first = page.getByRole('region', { name: 'What the columns mean' });
    await first.waitFor();
    const text = await page.locator('th[data-column="ratio"] button').getAttribute('title');
    expect(text).toMatch(/^OI \(USD\) ÷ 24h volume/);
    expect(await first.locator('dl').innerText()).toContain(text!);
    expect(await findViolations(page)).toEqual([]);
    const top = () =>
      page.locator('tr[data-symbol="BTCUSDT"]').evaluate((it) => it.getBoundingClientRect().top);
    const before = await top();
    await first.getByRole('button', { name: 'Got it' }).click();
    await first.waitFor({ state: 'detached' });
    expect(await top()).toBe(before);
    await page.reload();
    await page.locator('tr[data-symbol="BTCUSDT"]').waitFor();
    expect(await first.count()).toBe(0);

    await page.setViewportSize({ width: 390, height: 844 });
    await page.getByRole('button', { name: 'Menu' }).click();
    await page.getByRole('button', { name: 'What the columns mean' }).click();
    const dialog = page.getByRole('dialog', { name: 'What the columns mean' });
    await dialog.waitFor();
    expect(await dialog.innerText()).toContain(text!);
    expect(await dialog.innerText()).toContain('Δ 5m, 15m, 30m, 1h, 4h, 24h');
    expect(await findViolations(page)).toEqual([]);
  });

  it('filters by direction, price, funding, OI/V, age and unusual change, and keeps them in the address', async () => {
    const { now } = stage.clock;
    const hour = Math.floor((now() - 2 * MINUTE_MS) / HOUR_MS) * HOUR_MS;
    const past = Array.from({ length: 23 }, (_, i) =>
      itemOf({ ...ETH, openInterest: 3e9 + (i % 2) * 3e6 }, hour - (22 - i) * HOUR_MS - MINUTE_MS),
    );
    await postItems(stage.server, past);
    const paid = { ...SOL, fundingRate: -0.0008, fundingIntervalHours: 8 };
    const held = { ...SOLV, volume24h: 1e9 };
    await postMarket(stage.server, stage.clock, [BTC, ETH, paid, held, XRP, DARK]);
    await stage.restart();
    const { page } = await stage.visit({ path: '/?q=BTC+ETH+SOL+XRP+DARK' });
    await page.locator('tr[data-symbol="BTCUSDT"]').waitFor();
    await page.getByRole('button', { name: 'Filters' }).click();
    const shows = (...symbols: Listed[]) => expectSoon(() => readOrder(page)).toEqual(names(...symbols));
    const least = async (label: string, value: string, ...symbols: Listed[]) => {
      const field = page.getByRole('textbox', { name: label });
      await field.fill(value);
      await shows(...symbols);
      await field.fill('');
    };
    await least('Minimum price change, %, up or down', '0.9', ETH, SOL);
    await least('Minimum funding in 8h, %, paid or received', '0.07', SOL);
    await least('Minimum OI/V', '1.5', SOLV);
    await least('Minimum unusual score of 1h, up or down', '5', ETH);
    await least('Maximum age, seconds', '10000', BTC, ETH, SOL, SOLV, XRP, DARK);
    await page.getByRole('radio', { name: 'down' }).check();
    await shows(ETH, SOLV);
    await page.getByRole('textbox', { name: 'Maximum age, seconds' }).fill('10000');
    await expectSoon(() => readAddress(page)).toMatchObject({ dir: 'down', maxage: '10000' });
    await page.reload();
    await shows(ETH, SOLV);
    stage.clock.jump(3 * HOUR_MS);
    await shows();
  });

  it('keeps the stars and settings of two tabs', async () => {
    // One tab saves after the other: the browser complains of the refusal, the page merges.
    const allow = [/status of 412/];
    const { page, context } = await stage.visit({ allow });
    const { page: other } = await stage.visit({ context, allow });
    await other.locator('tr[data-symbol="BTCUSDT"]').waitFor();
    const star = (tab: Page, symbol: string) => tab.getByRole('button', { name: `Favourite ${symbol}` });
    const choose = async (tab: Page, setting: string): Promise<void> => {
      await tab.getByRole('button', { name: 'Settings' }).click();
      await tab.getByRole('radio', { name: setting, exact: true }).check();
      await tab.keyboard.press('Escape');
    };
    await star(page, 'XRPUSDT').click();
    await expectSoon(() => star(other, 'XRPUSDT').getAttribute('aria-pressed')).toBe('true');
    await star(other, 'SOLVUSDT').click();
    await expectSoon(() => star(page, 'SOLVUSDT').getAttribute('aria-pressed')).toBe('true');
    await choose(page, 'Light');
    await choose(other, 'UTC');
    await page.reload();
    await page.locator('.footer', { hasText: 'Times UTC' }).waitFor();
    expect(await page.locator('html').getAttribute('data-theme')).toBe('light');
  });

  it('names the interval of a funding rate that is not the usual one', async () => {
    const rates = { fundingRate: 0.0001, fundingIntervalHours: 8 };
    await postMarket(stage.server, stage.clock, [
      listed('BTC', 8e9, rates),
      listed('ETH', 6e9, { ...rates, fundingIntervalHours: 4 }),
    ]);
    const { page } = await stage.visit();
    const fundingOf = (symbol: string) => page.locator(`tr[data-symbol="${symbol}"] .cell-fund`).innerText();
    await expectSoon(() => fundingOf('ETHUSDT')).toBe('4h +0.0100%');
    expect(await fundingOf('BTCUSDT')).toBe('+0.0100%');
  });

  it('moves columns by dragging and by keys, where the focus stays', async () => {
    const { page } = await stage.visit();
    const heads = () =>
      page.$$eval('th[data-column]', (all) => all.slice(2, 5).map((it) => it.getAttribute('data-column')));
    await page.getByRole('button', { name: 'Columns', exact: true }).click();
    const panel = page.getByRole('group', { name: 'Columns' });
    await panel.getByRole('button', { name: 'Move Mark down' }).focus();
    await page.keyboard.press('Enter');
    await page.keyboard.press('Enter');
    await expectSoon(heads).toEqual(['oi', 'usd', 'mark']);
    const item = (name: string) => panel.getByRole('listitem').filter({ hasText: name });
    await item('Age').dragTo(item('OI (USD)'));
    await expectSoon(heads).toEqual(['oi', 'age', 'usd']);
  });

  it('opens the only symbol that is found, walks from the filter to the rows, and opens pages in other tabs', async () => {
    const { page, context } = await stage.visit();
    await page.locator('tr[data-symbol="BTCUSDT"]').waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('xr');
    await page.keyboard.press('Enter');
    await page.getByRole('region', { name: 'Details of XRPUSDT' }).waitFor();
    await page.keyboard.press('Escape');
    await page.locator('#search').fill('btc/usdt');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.getByRole('region', { name: 'Details of BTCUSDT' }).waitFor();
    await page.keyboard.press('Escape');
    const opened = context.waitForEvent('page');
    await page.locator('tr[data-symbol="BTCUSDT"] .cell-usd').click({ modifiers: ['ControlOrMeta'] });
    expect(new URL((await opened).url()).pathname).toBe('/s/BTCUSDT');
    expect(readAddress(page)).not.toHaveProperty('s');
  });

  it('shows eight rows at 200 % zoom, and every control', async () => {
    const more = Array.from({ length: 20 }, (_, i) => listed(`ROW${i}`, 1e8 - i * 1e6, { d60: i }));
    await postMarket(stage.server, stage.clock, [...MARKET, ...more]);
    const { page } = await stage.visit({ width: 720, height: 450 });
    await page.locator('tr[data-symbol="BTCUSDT"]').waitFor();
    const whole = await page.locator('.board').evaluate((board) => {
      const { bottom } = board.getBoundingClientRect();
      const rows = [...board.querySelectorAll('tr[data-symbol]')];
      return rows.filter((it) => it.getBoundingClientRect().bottom <= Math.min(bottom, innerHeight)).length;
    });
    expect(whole).toBeGreaterThanOrEqual(8);
    expect(await findLayoutFaults(page)).toEqual([]);
  });

  it('draws the day of the total in its tile, in words too, and not where there is no room', async () => {
    // The sums of a case before this one are no longer kept.
    stage.clock.jump(MINUTE_MS);
    for (const [ago, part] of [
      [62, 0.8],
      [31, 1.2],
      [0, 1],
    ] as const) {
      const at = stage.clock.now() - ago * MINUTE_MS;
      const items = MARKET.map((it) => itemOf(it, at, { openInterest: it.openInterest * part }));
      await postItems(stage.server, items);
    }
    const { page } = await stage.visit();
    const line = page.getByRole('button', { name: /^Total open interest/ }).getByRole('img');
    await line.waitFor();
    expect(await line.getAttribute('aria-label')).toMatch(/^24 hour OI trend, .+, low .+, high .+ symbols$/);
    const box = (await line.boundingBox())!;
    const note = (await page.locator('.tile').first().locator('.tile-note').boundingBox())!;
    expect(box.width).toBeGreaterThan(120);
    expect(box.y + box.height).toBeLessThanOrEqual(note.y + 1);
    await page.setViewportSize({ width: 390, height: 844 });
    await line.waitFor({ state: 'hidden' });
  });
});
