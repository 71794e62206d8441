import { beforeAll, describe, expect, it } from '@jest/globals';
import { SECOND_MS } from '../../src/kit/clock.ts';
import { readBoard } from '../support/openInterestCalls.ts';
import { findLayoutFaults, findViolations } from './support/lookProbe.ts';
import { postMarket, type Listed } from './support/market.ts';
import { expectSoon, soon } from './support/soon.ts';
import { nextMark, withStage } from './support/stage.ts';

const MARKET: readonly Listed[] = Array.from({ length: 40 }, (_, i) => ({
  symbol: `S${i}USDT`,
  openInterest: 1_000 * (i + 1),
  markPrice: 500,
  volume24h: 1e9 - i,
  d60: (i % 9) - 4,
  price60: (i % 5) - 2,
  sectors: i % 10 === 0 ? [] : [['AI', 'Meme', 'Layer-1'][i % 3]!],
}));

const mark = nextMark();
const stage = withStage({ startAt: mark - 20 * SECOND_MS });
beforeAll(async () => {
  await postMarket(stage.server, stage.clock, MARKET);
  stage.clock.jumpTo(mark + SECOND_MS);
  await soon(
    () => readBoard(stage.server, 'free'),
    (board) => expect(board.rows).toHaveLength(MARKET.length),
  );
});

describe('the market page', () => {
  it('shows what the filtered symbols are together, filters by sector, and opens a symbol by keyboard', async () => {
    const { page } = await stage.visit({ path: '/' });
    await page.getByRole('link', { name: 'Market', exact: true }).click();
    await page.locator('.bubble').nth(20).waitFor();
    expect(await page.title()).toBe('Market · VolSpike Open Interest');
    const tiles = page.locator('.market-tiles');
    await expectSoon(() => tiles.innerText()).toMatch(/\$410\.00M\n40 of 40 symbols[^]*▲ 16 ▼ 20/);
    const treemap = page.locator('.treemap-tile');
    expect(await treemap.count()).toBe(40);

    await page.getByRole('button', { name: 'Meme', exact: true }).click();
    await expectSoon(() => treemap.count()).toBe(12);
    expect(new URL(page.url()).search).toBe('?sector=Meme');
    expect(await tiles.innerText()).toContain('12 of 40 symbols');

    const scatter = page.getByRole('group', { name: /^Price change and OI change of 12 symbols in 1h/ });
    await scatter.locator('a[tabindex="0"]').focus();
    await page.keyboard.press('End');
    await page.keyboard.press('ArrowLeft');
    const readout = page.locator('.market-readout').first();
    expect(await readout.innerText()).toMatch(/^S4USDT, OI \$2\.50M, price \+2\.00%, OI 0\.00%/);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'S4USDT' }).waitFor();
    await page.keyboard.press('Escape');
    await expectSoon(() => page.evaluate(() => document.activeElement?.getAttribute('data-symbol'))).toBe(
      'S4USDT',
    );
    await page.getByRole('link', { name: 'Table', exact: true }).click();
    await page.getByRole('button', { name: /^Meme.*remove filter/ }).waitFor();
  });

  it.each([
    ['dark', 390],
    ['light', 1440],
  ])('is readable and whole, %s, %d px wide, also as a table', async (theme, width) => {
    const { page } = await stage.visit({
      path: '/market',
      width,
      prepare: (it) =>
        it.addInitScript(
          (given) => localStorage.setItem('oi.layout.v1', JSON.stringify({ theme: given })),
          theme,
        ),
    });
    await page.locator('.bubble').nth(20).waitFor();
    await page.getByText('Both pictures as a table').click();
    await page.getByRole('button', { name: 'S39USDT' }).waitFor();
    // Areas are as large as what they show; the table has every symbol as a target that is large enough.
    const faults = (await findLayoutFaults(page)).filter(
      (it) => !/^small: <a class="(treemap-tile|\[object)/.test(it),
    );
    expect([...(await findViolations(page)), ...faults]).toEqual([]);
  });

  it('has areas without changes for Free', async () => {
    const { page } = await stage.visit({ as: 'free', path: '/market' });
    await page.locator('.treemap-tile').first().waitFor();
    expect(await page.locator('.bubble').count()).toBe(0);
    expect(await page.locator('.market-tiles').innerText()).not.toContain('ΔUSD');
  });
});
