import { beforeAll, describe, expect, it } from '@jest/globals';
import { SECOND_MS } from '../../src/kit/clock.ts';
import { readBoard } from '../support/openInterestCalls.ts';
import { postMarket } from './support/market.ts';
import { readBanners, readPill, untilState } from './support/pageProbe.ts';
import { soon } from './support/soon.ts';
import { nextMark, withStage } from './support/stage.ts';
import { readColumns } from './support/tableProbe.ts';

const mark = nextMark();
const stage = withStage({
  startAt: mark - 20 * SECOND_MS,
  env: { OPEN_INTEREST_REALTIME_ENABLED: 'false' },
});
beforeAll(async () => {
  await postMarket(stage.server, stage.clock, [
    {
      symbol: 'BTCUSDT',
      openInterest: 4e9,
      markPrice: 2,
      volume24h: 9e9,
      fundingRate: 0.0001,
      d5: 3,
      d60: 1,
    },
  ]);
  stage.clock.jumpTo(mark + SECOND_MS);
  await soon(
    () => readBoard(stage.server),
    (board) => expect(board.rows).toHaveLength(1),
  );
});

describe('a server whose realtime is switched off', () => {
  it('is shown to Pro users, and nothing is offered that frozen boards lack', async () => {
    const { page } = await stage.visit({ path: '/?s=BTCUSDT' });
    await untilState(page, 'snapshot');
    expect(await readPill(page)).toBe('5-min snapshots');
    expect(await readBanners(page)).toEqual([
      'Live updates are switched off on the server. You see 5-minute snapshots, which carry no changes.',
    ]);
    // Wide enough for every column beside the drawer.
    await page.setViewportSize({ width: 1920, height: 900 });
    await soon(
      () => readColumns(page),
      (columns) =>
        expect(columns).toEqual(['fav', 'symbol', 'mark', 'oi', 'usd', 'fund', 'vol', 'ratio', 'age']),
    );
    expect(await page.locator('.tile', { hasText: 'Biggest movers' }).innerText()).toContain(
      'Not in snapshots',
    );
    expect(await page.getByRole('button', { name: 'Movers', exact: true }).count()).toBe(0);
    await page.locator('section.drawer .chart canvas').first().waitFor();
    expect(await page.locator('main').innerText()).not.toMatch(/Δ|Price × OI|[Nn]ot enough history/);
    await page.setViewportSize({ width: 390, height: 844 });
    await page.locator('.card[data-symbol="BTCUSDT"]').waitFor({ state: 'attached' });
    expect(await page.locator('.card[data-symbol="BTCUSDT"] .card-change').textContent()).toBe('');
    expect(await page.locator('.tile', { hasText: 'Total' }).innerText()).toMatch(/\n1 symbol$/);
    expect(await page.locator('.toolbar-status').innerText()).toMatch(/^1 symbol ·/);
  });
});
