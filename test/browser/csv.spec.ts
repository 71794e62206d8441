import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import type { BoardRow } from '../../src/openInterest/openInterest.types.ts';
import { changeBoards } from './support/boards.ts';
import { postMarket, type Listed } from './support/market.ts';
import { withStage } from './support/stage.ts';
import { readOrder } from './support/tableProbe.ts';

const MARKET: readonly Listed[] = [
  {
    symbol: 'BTCUSDT',
    openInterest: 90_761.482,
    markPrice: 93_041.35,
    volume24h: 24.31e9,
    d60: -0.84,
    fundingRate: -0.0001,
  },
  { symbol: '币安人生USDT', openInterest: 120_000_000.5, markPrice: 0.125, volume24h: 4.02e6, d60: 12.5 },
  { symbol: 'NOMARKUSDT', openInterest: 5, markPrice: null, volume24h: 3e6 },
  { symbol: 'SMALLUSDT', openInterest: 0.000_000_25, markPrice: 0.5, volume24h: 2e6 },
  { symbol: 'HIDDENUSDC', openInterest: 1, markPrice: 1, volume24h: 1e6 },
];

/** No server takes such a name; what a spreadsheet may run must not depend on that. */
const EVIL: BoardRow = {
  symbol: '=EVIL("a",1)',
  openInterest: 1,
  openInterestUsd: 1,
  markPrice: 1,
  fundingRate: null,
  ts: 0,
  source: 'realtime',
  everySec: 30,
  volume24h: null,
  d: [null, null, null, null],
  dUsd: [null, null, null, null],
  p: [null, null, null, null],
  seq: 1,
};

const stage = withStage();

beforeAll(() => postMarket(stage.server, stage.clock, MARKET));

async function download(page: Page): Promise<{ name: string; bytes: Buffer }> {
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Export CSV' }).click(),
  ]);
  return { name: file.suggestedFilename(), bytes: await readFile(await file.path()) };
}

describe('the CSV export', () => {
  it('UI20 contains the visible rows and columns in their order, as raw numbers that a spreadsheet reads', async () => {
    const { page } = await stage.visit({ path: '/?q=usdt&cols=usd,oi,mark,d60,fund,quad' });
    await page.locator('tr[data-symbol="BTCUSDT"]').waitFor();
    await page.getByRole('button', { name: 'Columns', exact: true }).click();
    await page.getByRole('checkbox', { name: 'Price × OI' }).uncheck();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Favourite BTCUSDT' }).click();

    const { name, bytes } = await download(page);
    expect(name).toMatch(/^open-interest_\d{4}-\d\d-\d\dT\d{6}Z\.csv$/);
    expect([...bytes.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
    const text = bytes.subarray(3).toString('utf8');
    expect(text).not.toContain('\u2212');
    const lines = text.split('\r\n');
    expect(lines.at(-1)).toBe('');
    const cells = lines.slice(0, -1).map((line) => line.split(','));
    expect(cells[0]).toEqual(
      'favourite,symbol,oi_usd,oi_contracts,mark_price_usd,d1h_pct,funding_pct,ts,state'.split(','),
    );
    expect(cells.slice(1).map((it) => it[1])).toEqual(await readOrder(page));
    const [, bitcoin, chinese, small, unpriced] = cells;
    expect(bitcoin!.slice(0, 7)).toEqual([
      'yes',
      'BTCUSDT',
      '8444570813.280701',
      '90761.482',
      '93041.35',
      '-0.84',
      '-0.01',
    ]);
    expect(bitcoin![7]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(bitcoin![8]).toBe('live');
    expect(chinese!.slice(0, 7)).toEqual([
      'no',
      '币安人生USDT',
      '15000000.0625',
      '120000000.5',
      '0.125',
      '12.5',
      '',
    ]);
    expect(small!.slice(1, 4)).toEqual(['SMALLUSDT', '0.000000125', '0.00000025']);
    expect(unpriced!.slice(1, 6)).toEqual(['NOMARKUSDT', '', '5', '', '']);
  });

  it('UI20 contains nothing that a spreadsheet would execute', async () => {
    const { page } = await stage.visit({
      prepare: (page) =>
        changeBoards(page, (body) => body.replace('"rows":[', `"rows":[${JSON.stringify(EVIL)},`)),
    });
    await page.locator('tr[data-symbol^="=EVIL"]').waitFor();
    const { bytes } = await download(page);
    expect(bytes.toString('utf8')).toContain(`\r\nno,"'=EVIL(""a"",1)",`);
  });
});
