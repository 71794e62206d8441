import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { MINUTE_MS, SECOND_MS } from '../../src/kit/clock.ts';
import { anAlert } from '../support/builders.ts';
import { waitFor } from '../support/waitFor.ts';
import { readInk } from './support/chartProbe.ts';
import { itemOf, postItems, postMarket, type Listed } from './support/market.ts';
import { withStage } from './support/stage.ts';

/** What the server takes and no usual column has room for. */
const DUST: Listed = {
  symbol: 'DUSTUSDT',
  openInterest: 0.001,
  markPrice: 4.2e-9,
  volume24h: 0.004,
  d60: 5,
  fundingRate: 1e-9,
};
const MARKET: readonly Listed[] = [
  DUST,
  { symbol: 'CENTUSDT', openInterest: 2, markPrice: 0.002, volume24h: 3e6, d60: 5, fundingRate: -1e-9 },
  { symbol: 'HUGEUSDT', openInterest: 1e15, markPrice: 1_000, volume24h: 1e15, d60: 2, fundingRate: 0.1 },
  { symbol: 'BTCUSDT', openInterest: 90_761.482, markPrice: 93_041.35, volume24h: 24e9, fundingRate: 0 },
];
const OI_LINE = [0xe6, 0xed, 0xf3] as const;
const COLUMNS = '/?cols=mark,oi,usd,d60,fund,vol,ratio,p60,u60';

const stage = withStage();

beforeAll(async () => {
  const { server, clock } = stage;
  await postMarket(server, clock, MARKET);
  const now = clock.now() - 2 * SECOND_MS;
  const past = Array.from({ length: 50 }, (_, i) => ({
    openInterest: DUST.openInterest * (1 - 0.1 * Math.abs(Math.sin(i / 9))),
    markPrice: 4.2e-9 * (1 - 0.05 * Math.abs(Math.cos(i / 5))),
  }));
  await postItems(
    server,
    past.map((given, i) => itemOf(DUST, now - (i + 1) * MINUTE_MS, given)),
  );
  const alert = anAlert({
    symbol: DUST.symbol,
    direction: 'UP',
    pctChange: 0.00001,
    baseline: 4.2e-9,
    current: 4.4e-9,
    timestamp: now - 5 * MINUTE_MS,
  });
  expect((await server.post('/api/open-interest-alerts/ingest', alert)).status).toBe(200);
});

async function cellsOf(page: Page, symbol: string): Promise<string[]> {
  const row = page.locator(`tr[data-symbol="${symbol}"]`);
  await row.waitFor();
  const texts = await row.locator('td').allInnerTexts();
  return texts.slice(2);
}

/** Cells whose text is wider than they are: digits that are cut off make another number. */
async function cutCells(page: Page): Promise<string[]> {
  return page
    .locator('tr[data-symbol] td')
    .evaluateAll((cells) =>
      cells.filter((it) => it.scrollWidth > it.clientWidth).map((it) => (it as HTMLElement).innerText),
    );
}

describe('numbers that are very small or very large', () => {
  it('UI31 are exact in the table, and no digit is cut off', async () => {
    const { page } = await stage.visit({ path: COLUMNS });
    expect(await cellsOf(page, 'DUSTUSDT')).toEqual([
      '$4.2e-9',
      '0.001',
      '$4.2e-12',
      '+5.00%',
      '+1e-7%',
      '$0.004',
      '1.1e-9',
      '0.00%',
      '+$2e-13',
    ]);
    expect(await cellsOf(page, 'CENTUSDT')).toEqual([
      '$0.002000',
      '2.00',
      '$0.004',
      '+5.00%',
      '−1e-7%',
      '$3.00M',
      '1.3e-9',
      '0.00%',
      '+$0.00019',
    ]);
    expect((await cellsOf(page, 'HUGEUSDT')).slice(0, 5)).toEqual([
      '$1,000.00',
      '1,000.00T',
      '$1e18',
      '+2.00%',
      '+10.00%',
    ]);
    expect((await cellsOf(page, 'BTCUSDT'))[4]).toBe('0.0000%');
    expect(await cutCells(page)).toEqual([]);
    expect(await page.locator('tr[data-symbol="DUSTUSDT"] .cell-oi span').getAttribute('title')).toBe(
      '0.001 DUST',
    );
    const card = await page.locator('article.alert').innerText();
    expect(card).toContain('+0.001%');
    expect(card).toContain('4.2e-9 → 4.4e-9 DUST');
  });

  it('UI31 are exported with all digits and without an exponent', async () => {
    const { page } = await stage.visit({ path: `${COLUMNS}&q=dust` });
    await page.locator('tr[data-symbol="DUSTUSDT"]').waitFor();
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Export CSV' }).click(),
    ]);
    const [, line] = (await readFile(await file.path(), 'utf8')).split('\r\n');
    const cells = line!.split(',').slice(2, 9);
    expect(cells.slice(0, 2)).toEqual(['0.0000000042', '0.001']);
    expect(cells.slice(3, 6)).toEqual(['5', '0.0000001', '0.004']);
    expect(Number(cells[2])).toBeCloseTo(4.2e-12, 24);
    expect(cells.join()).not.toMatch(/e/i);
  });

  it.each([1440, 390])('UI31 are drawn with an axis that has marks, in a window of %d px', async (width) => {
    const { page } = await stage.visit({ path: '/?s=DUSTUSDT&range=1h&unit=usd', width, height: 844 });
    await waitFor('the line to be drawn', async () => (await readInk(page, OI_LINE)).columns.length > 50);
    const drawer = page.locator('section.drawer');
    const text = await drawer.innerText();
    expect(text).toContain('$4.2e-9');
    expect(text).toContain('0.001 DUST');
    expect(text).toMatch(/1h low \$3\.\d+e-12 · high \$4\.20*e-12/);
    expect(await drawer.locator('.chart').getAttribute('aria-label')).toMatch(
      /low \$3\.\d+e-12, high \$4\.20*e-12/,
    );
    await drawer.getByRole('button', { name: 'Data table' }).click();
    const table = await drawer.locator('.data-table').innerText();
    expect(table).toMatch(/\t0\.0000000000042\t\$4\.2e-9/);
    expect(table).not.toMatch(/\$0\.00\b|\b0\.00\b/);
  });
});
