import { beforeAll, describe, expect, it } from '@jest/globals';
import { press, pressTo, tabTo, untilFocus } from './support/focus.ts';
import { findViolations } from './support/lookProbe.ts';
import { postMarket } from './support/market.ts';
import { expectSoon } from './support/soon.ts';
import { withStage } from './support/stage.ts';
import { MARKET, listed, names } from './support/tableMarket.ts';
import { readOrder, readSorted } from './support/tableProbe.ts';

const SYMBOLS = 343;

const stage = withStage();

beforeAll(() =>
  postMarket(
    stage.server,
    stage.clock,
    Array.from({ length: SYMBOLS }, (_, i) => ({
      symbol: `SYM${String(i + 1).padStart(3, '0')}USDT`,
      openInterest: 1e9 - i * 1e6,
      markPrice: 1,
      volume24h: 5e6,
    })),
  ),
);

describe('the keyboard', () => {
  it('UI21 moves to row 200 by arrows, opens it, steps to the next, and returns to the same cell', async () => {
    const { page } = await stage.visit();
    await page.locator('tr[data-symbol="SYM001USDT"]').waitFor();
    const passed = await tabTo(page, ({ column }) => column !== null);
    expect(passed[0]).toBe('Skip to the table');
    expect(passed.at(-1)).toBe('grid usd');
    expect(passed.length).toBeLessThan(21);

    await pressTo(page, 'ArrowDown', { symbol: 'SYM200USDT', column: 'usd', isCovered: false }, 200);
    await pressTo(page, 'ArrowRight', { symbol: 'SYM200USDT', column: 'd5' });
    await pressTo(page, 'ArrowUp', { symbol: 'SYM170USDT', isCovered: false }, 30);
    await pressTo(page, 'ArrowDown', { symbol: 'SYM200USDT', isCovered: false }, 30);

    await page.keyboard.press('Enter');
    const drawer = page.locator('section.drawer');
    await drawer.waitFor();
    expect(await drawer.getAttribute('aria-label')).toBe('Details of SYM200USDT');
    await untilFocus(page, { text: 'Details of SYM200USDT' });
    await page.keyboard.press(']');
    await page.keyboard.press(']');
    await page.keyboard.press('[');
    await page.getByRole('region', { name: 'Details of SYM201USDT' }).waitFor();
    await page.keyboard.press('1');
    await expectSoon(() => new URL(page.url()).searchParams.get('range')).toBe('1h');
    await page.keyboard.press('Escape');
    await drawer.waitFor({ state: 'detached' });
    await untilFocus(page, { symbol: 'SYM200USDT', column: 'd5' });
  });

  it('UI21 reaches both ends and the head of the table, sorts, and leaves it in both directions', async () => {
    const { page } = await stage.visit();
    await page.locator('tr[data-symbol="SYM001USDT"]').waitFor();
    await tabTo(page, ({ column }) => column !== null);
    await pressTo(page, 'Control+End', { symbol: 'SYM343USDT', column: 'age', isCovered: false });
    await pressTo(page, 'PageUp', { isCovered: false });
    await pressTo(page, 'Control+Home', { symbol: 'SYM001USDT', column: 'fav' });
    await press(page, 'Space');
    expect(await page.locator('.star[aria-pressed="true"]').getAttribute('aria-label')).toBe(
      'Favourite SYM001USDT',
    );
    await press(page, 'ArrowUp');
    await press(page, 'ArrowRight');
    await press(page, 'Enter');
    expect(await readSorted(page)).toEqual(['symbol ascending']);

    const out = await press(page, 'Tab');
    expect(out.column).toBeNull();
    expect((await press(page, 'Shift+Tab')).column).toBe('symbol');
    expect((await press(page, 'Shift+Tab')).column).toBeNull();
    await tabTo(page, ({ text }) => text === 'body' || text === 'Skip to the table');
  });

  it('UI21 Esc closes the topmost layer and returns the focus', async () => {
    const { page } = await stage.visit();
    await page.locator('tr[data-symbol="SYM001USDT"]').waitFor();
    for (const [name, opened] of [
      ['Filters', '.popover-panel'],
      ['Columns', '.popover-panel'],
      ['Settings', 'dialog[open]'],
    ] as const) {
      await page.getByRole('button', { name, exact: true }).focus();
      await page.keyboard.press('Enter');
      await page.locator(`${opened} input`).first().waitFor();
      await page.keyboard.press('Tab');
      await page.keyboard.press('Escape');
      await page.locator(opened).waitFor({ state: 'detached' });
      await untilFocus(page, { text: name });
    }
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
    await page.keyboard.press('Escape');
    await page.locator('dialog[open]').waitFor({ state: 'detached' });
  });

  it('UI42 Ctrl+K opens any symbol, also a hidden one, and runs any action', async () => {
    const { page } = await stage.visit({ path: '/?q=SYM001' });
    await page.locator('tr[data-symbol="SYM001USDT"]').waitFor();
    await page.keyboard.press('Control+k');
    const field = page.getByRole('combobox', { name: 'Symbol or action' });
    await field.waitFor();
    await page.keyboard.type('sym200/usdt');
    await page.getByRole('option', { name: 'SYM200USDT' }).waitFor();
    await page.keyboard.press('Enter');
    await page.locator('.drawer').getByRole('heading', { name: 'SYM200USDT' }).first().waitFor();

    await page.keyboard.press('Control+k');
    await field.fill('copy sym200');
    await page.keyboard.press('Enter');
    await page.getByText(/^Cop.*SYM200USDT$/).waitFor();
    await page.keyboard.press('Control+k');
    await field.fill('theme light');
    await page.keyboard.press('Enter');
    await page.locator('html[data-theme="light"]').waitFor();
    await page.keyboard.press('Control+k');
    await field.fill('no such thing');
    await page.getByText('No symbol, list or action matches.').waitFor();
    await page.keyboard.press('Escape');
    await page.locator('dialog[open]').waitFor({ state: 'detached' });
  });

  it('saves what is filtered as a view, shows it, makes it the default and deletes it with undo', async () => {
    const { page } = await stage.visit({ path: '/?q=SYM00&minvol=1000000' });
    await page.locator('tr[data-symbol="SYM001USDT"]').waitFor();
    await page.getByRole('button', { name: 'Views' }).focus();
    await page.keyboard.press('Enter');
    await page.getByLabel('Save this view as').focus();
    await page.keyboard.type('First nine');
    await page.keyboard.press('Enter');
    const panel = page.getByRole('group', { name: 'Views' });
    await panel.getByRole('button', { name: 'Default: First nine' }).click();
    await panel.getByRole('button', { name: 'Default: First nine', pressed: true }).waitFor();
    expect(await findViolations(page)).toEqual([]);
    await panel.getByRole('button', { name: 'Delete First nine' }).click();
    await panel.getByRole('button', { name: 'Undo delete' }).click();
    await panel.getByRole('button', { name: 'Delete First nine' }).waitFor();

    await page.goto(new URL('/', page.url()).href);
    await page.waitForURL(/q=SYM00&minvol=1000000/);
    await page.getByText('9 symbols').first().waitFor();
  });

  it('UI44 the routine of a morning needs the keyboard alone', async () => {
    const closing = listed('QNT', 5e8, { d60: -8.6, price60: 0.13, fundingRate: -0.0002 });
    const building = listed('SLW', 7e8, { d60: 6, fundingRate: 0.0003 });
    await postMarket(stage.server, stage.clock, [...MARKET, closing, building]);
    const { page } = await stage.visit({ path: '/?minvol=1000000000' });
    await page.locator('tr[data-symbol="QNTUSDT"]').waitFor();
    const reach = (name: string | RegExp, key = 'Tab') =>
      tabTo(page, ({ text }) => (typeof name === 'string' ? text === name : name.test(text)), { key });

    // What moved in the last hour while the price did not.
    await reach(/^Filters/);
    await press(page, 'Enter');
    await reach('Building, price flat');
    await press(page, 'Space');
    await reach('Unwinding, price flat');
    await press(page, 'Space');
    await press(page, 'Escape');
    await untilFocus(page, { text: 'Filters\n2' });
    expect(await readOrder(page)).toEqual(names(building, closing));

    // Their funding, the lowest first, and thirty days of the first.
    await tabTo(page, ({ column }) => column !== null);
    await tabTo(page, ({ column }) => column === 'fund', { key: 'ArrowRight' });
    await press(page, 'Enter', 2);
    expect(await readSorted(page)).toEqual(['fund ascending']);
    expect(await readOrder(page)).toEqual(names(closing, building));
    await press(page, 'ArrowDown');
    await press(page, 'Enter');
    const details = page.getByRole('region', { name: 'Details of QNTUSDT' });
    await details.waitFor();
    await press(page, '5');
    await details.getByRole('button', { name: '30d', pressed: true }).waitFor();
    await details.locator('canvas').first().waitFor();
    await press(page, 'Escape');
    await untilFocus(page, { symbol: 'QNTUSDT' });

    // A view and an alert of it.
    await reach('Views', 'Shift+Tab');
    await press(page, 'Enter');
    await page.getByLabel('Save this view as').waitFor();
    await reach(/^Save this view as/);
    await page.keyboard.type('Quiet builders');
    await press(page, 'Enter');
    await page.getByRole('button', { name: 'Delete Quiet builders' }).waitFor();
    await press(page, 'Escape');
    await untilFocus(page, { text: 'Views' });
    await reach('Save as alert');
    await page.keyboard.press('Enter');
    await page.getByLabel('Name').waitFor();
    await reach(/^Name/);
    await page.keyboard.type('Quiet moves');
    await reach('Save');
    await press(page, 'Enter');
    await page.locator('.rule-list li', { hasText: 'Quiet moves' }).waitFor();
  });
});
