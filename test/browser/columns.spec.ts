import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { untilFocus } from './support/focus.ts';
import { postMarket } from './support/market.ts';
import { expectSoon } from './support/soon.ts';
import { withStage } from './support/stage.ts';
import { MARKET } from './support/tableMarket.ts';
import { readColumns } from './support/tableProbe.ts';

const stage = withStage();
beforeAll(() =>
  postMarket(
    stage.server,
    stage.clock,
    MARKET.map((it) => ({ ...it, fundingRate: 0.0001 })),
  ),
);

async function open(width: number, path = '/'): Promise<Page> {
  const { page } = await stage.visit({ path, width });
  await page.locator('tr[data-symbol="BTCUSDT"]').waitFor();
  return page;
}

/** By how many pixels the table is wider than its place. */
const excessOf = (page: Page): Promise<number> =>
  page.locator('.board').evaluate((it) => it.scrollWidth - it.clientWidth);

describe('the columns', () => {
  it.each([
    [768, ['usd', 'd5', 'd60', 'd1440', 'quad', 'fund', 'vol']],
    [1024, ['mark', 'usd', 'd5', 'd15', 'd60', 'd1440', 'quad', 'fund', 'vol', 'age']],
    [1280, ['mark', 'usd', 'd5', 'd15', 'd60', 'd1440', 'quad', 'fund', 'vol', 'age']],
    [
      1440,
      ['mark', 'oi', 'usd', 'd5', 'd15', 'd60', 'd1440', 'spark', 'quad', 'fund', 'vol', 'ratio', 'age'],
    ],
  ])('UI46 are as many as fit %d px, the most valuable ones first', async (width, columns) => {
    const page = await open(width);
    expect(await readColumns(page)).toEqual(['fav', 'symbol', ...columns]);
    expect(await excessOf(page)).toBe(0);
  });

  it('UI46 give way to the details beside them, which return the focus to the row', async () => {
    const page = await open(1440);
    await page.locator('tr[data-symbol="ETHUSDT"] [data-column="age"]').focus();
    await page.keyboard.press('Enter');
    await page.locator('section.drawer').waitFor();
    await expectSoon(() => readColumns(page)).toEqual(['fav', 'symbol', 'usd', 'd5', 'd60', 'd1440', 'quad']);
    expect(await excessOf(page)).toBe(0);
    await page.keyboard.press('Escape');
    await untilFocus(page, { symbol: 'ETHUSDT' });
    await expectSoon(() => readColumns(page)).toContain('age');
  });

  it('UI46 that the viewer chose are all shown, and the symbol stays in sight when they scroll', async () => {
    const page = await open(768, '/?cols=mark,oi,usd,d5,d15,d60,d1440,quad,fund,vol,age');
    expect(await excessOf(page)).toBeGreaterThan(100);
    await page.locator('.board').evaluate((it) => it.scrollTo(it.scrollWidth, 0));
    const seen = await page.locator('tr[data-symbol="BTCUSDT"]').evaluate((row) => {
      const { left, right } = row.closest('.board')!.getBoundingClientRect();
      const name = row.querySelector('.cell-symbol')!.getBoundingClientRect();
      const age = row.querySelector('.cell-age')!.getBoundingClientRect();
      return { name: Math.round(name.left - left), isAgeSeen: age.right <= right };
    });
    // Behind the star and the border of the table.
    expect(seen).toEqual({ name: 29, isAgeSeen: true });

    await page.getByRole('button', { name: 'Columns', exact: true }).click();
    await page.getByRole('button', { name: 'Reset', exact: true }).click();
    await expectSoon(() => excessOf(page)).toBe(0);
  });
});
