import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { MINUTE_MS } from '../../src/kit/clock.ts';
import { postChunk } from '../support/openInterestCalls.ts';
import { readInk } from './support/chartProbe.ts';
import { findLayoutFaults, findViolations } from './support/lookProbe.ts';
import { postMarket } from './support/market.ts';
import { expectSoon } from './support/soon.ts';
import { withStage, type Visit, type VisitOptions } from './support/stage.ts';

/** Of firings, in the dark theme. */
const MARKER = [0xb7, 0x9c, 0xff] as const;

const stage = withStage();

/** Of each 5 minutes, millions of contracts. BTC rises by 10 %, within the cooldown by 20 % and after it by 25 %, ETH by 30 % at last. */
const BTC = [40, 44, 44, 52.8, 52.8, 52.8, 52.8, 52.8, 52.8, 66, 66];
const ETH = [10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 13];

beforeAll(async () => {
  for (const [i, btc] of BTC.entries()) {
    if (i > 0) stage.clock.jump(5 * MINUTE_MS);
    await postMarket(stage.server, stage.clock, [
      { symbol: 'BTCUSDT', openInterest: btc * 1e6, markPrice: 2, volume24h: 9e9 },
      { symbol: 'ETHUSDT', openInterest: ETH[i]! * 1e6, markPrice: 1, volume24h: 8e9 },
    ]);
  }
});

async function replayed({ prepare, ...given }: VisitOptions = {}): Promise<Visit> {
  const visit = await stage.visit({
    path: '/alerts?new=1&window=5m&pct=5&direction=up',
    ...given,
    async prepare(page) {
      // The page replays up to its own time, and the server's clock has jumped.
      await page.clock.setFixedTime(stage.clock.now());
      await prepare?.(page);
    },
  });
  const { page } = visit;
  await page.getByLabel('Name').fill('Not saved yet');
  await page.getByRole('button', { name: 'Last day' }).click();
  await expectSoon(() => page.getByTestId('replay-result').innerText()).toBe(
    '3 firings on 2 symbols in the last day, 1 held back by cooldown.',
  );
  return visit;
}

const items = (page: Page) => page.locator('.replay .firing-list button');
const chartOf = (page: Page, symbol: string) => page.getByRole('region', { name: `Chart of ${symbol}` });

describe('the chart of a replay', () => {
  it.each([1440, 390])(
    'UI50 shows what is chosen, steps by keys and buttons, and leaves the editor as it was: %i',
    async (width) => {
      const { page, context } = await replayed({ width });
      await expectSoon(() => items(page).count()).toBe(4);
      await items(page).nth(1).click();
      const chart = chartOf(page, 'BTCUSDT');
      await chart.locator('canvas').first().waitFor();
      await expectSoon(async () => (await readInk(page, MARKER)).columns.length).toBeGreaterThan(3);
      const name = () => chart.locator('.chart').getAttribute('aria-label');
      expect(await name()).toMatch(/^Open interest of BTCUSDT over 24 hours: .*, 3 alerts marked\./);
      const shown = () => page.locator('.replay-chart [role="status"]').innerText();
      expect(await shown()).toMatch(/^▲ \+25\.00% at \d\d-\d\d \d\d:\d\d:\d\d$/);
      expect(await findViolations(page)).toEqual([]);
      expect(await findLayoutFaults(page)).toEqual([]);

      await page.keyboard.press('j');
      await expectSoon(shown).toMatch(/^▲ \+20\.00% at .*, held back by cooldown$/);
      await page.keyboard.press('ArrowDown');
      await expectSoon(shown).toMatch(/^▲ \+10\.00%/);
      // The last one.
      await page.keyboard.press('ArrowDown');
      expect(await shown()).toMatch(/^▲ \+10\.00%/);
      expect(await items(page).last().getAttribute('aria-current')).toBe('true');
      for (let i = 0; i < 3; i++) await page.getByRole('button', { name: 'Newer firing' }).click();
      await chartOf(page, 'ETHUSDT').locator('canvas').first().waitFor();
      await page.getByRole('button', { name: 'Older firing' }).click();
      await expectSoon(shown).toMatch(/^▲ \+25\.00%/);

      await page.getByLabel('Name').press('End');
      await page.keyboard.type(': jk');
      expect(await shown()).toMatch(/^▲ \+25\.00%/);
      const outdated = page.getByText('This is the replay of the rule before it was changed.');
      expect(await outdated.count()).toBe(0);
      const threshold = page.getByLabel('Change of open interest');
      await threshold.fill('6');
      await outdated.waitFor();
      await threshold.fill('5');
      await outdated.waitFor({ state: 'detached' });
      await page.getByLabel('Symbol of the replay').selectOption('ETHUSDT');
      await expectSoon(shown).toBe('● 1 firing');
      expect(await items(page).count()).toBe(1);

      const opened = context.waitForEvent('page');
      await page.getByRole('link', { name: 'Open the symbol' }).click();
      expect(new URL((await opened).url()).pathname).toBe('/s/ETHUSDT');
      await page.getByRole('button', { name: 'Close the chart' }).click();
      await chartOf(page, 'ETHUSDT').waitFor({ state: 'detached' });
      await page.getByRole('button', { name: 'Save', exact: true }).click();
      await page.getByRole('heading', { name: 'Not saved yet: jk' }).waitFor();
      await page.getByRole('button', { name: 'Delete Not saved yet: jk' }).click();
      await page.getByRole('button', { name: 'Delete now? Not saved yet: jk' }).click();
    },
  );

  it('UI50 that cannot be loaded does not harm the editor, and is there on retry', async () => {
    const { page } = await replayed({
      allow: [/status of 500/, /ERR_FAILED|Failed to fetch|Unable to preload/],
      async prepare(page) {
        // Nothing is loaded before it is needed.
        await page.addInitScript(() => Object.assign(window, { requestIdleCallback: () => 0 }));
        await page.route('**/assets/HistoryChart*', (route) => route.abort());
        await page.route('**/history?*', (route) => route.fulfill({ status: 500, body: 'no' }));
      },
    });
    await items(page).first().click();
    const chart = chartOf(page, 'ETHUSDT');
    await chart.getByText('The chart could not be loaded: HTTP 500.').waitFor();
    await page.unroute('**/history?*');
    await chart.getByRole('button', { name: 'Try again' }).click();
    await chart.getByText('This part of the page could not be loaded.').waitFor();
    expect(await page.getByLabel('Name').inputValue()).toBe('Not saved yet');
    await page.unroute('**/assets/HistoryChart*');
    await chart.getByRole('button', { name: 'Try again' }).click();
    await chart.locator('canvas').first().waitFor();
  });
});

/** The lines of a replay that found `count` firings of a symbol, one every `everyMs` back from now, the newest first. */
function linesOf(symbol: string, count: number, everyMs: number): string {
  const now = stage.clock.now();
  const evidence = {
    changePct: 6,
    changeUsd: 1e6,
    coverage: 1,
    priceChangePct: 0,
    fundingRate: null,
    reading: null,
  };
  const sample = { ts: now, openInterest: 1, openInterestUsd: 1 };
  const lines = Array.from({ length: count }, (_, i) => ({
    type: 'firing',
    firing: {
      symbol,
      direction: 'up',
      firedAt: now - i * everyMs,
      quiet: false,
      evidence: { ...evidence, base: sample, current: sample },
    },
  }));
  const counts = { listed: count, heldBack: 0, evaluated: 1, leftOut: 0, skipped: 0 };
  const summary = { type: 'summary', firings: count, symbols: 1, ...counts };
  return [...lines, summary].map((it) => `${JSON.stringify(it)}\n`).join('');
}

async function answered(body: string): Promise<Page> {
  const { page } = await stage.visit({
    path: '/alerts?new=1&window=5m&pct=5&direction=up',
    async prepare(opened) {
      await opened.clock.setFixedTime(stage.clock.now());
      await opened.route('**/api/alert-rules/replay', (route) => route.fulfill({ body }));
    },
  });
  await page.getByRole('button', { name: 'Last day' }).click();
  return page;
}

describe('the list of a replay', () => {
  it.each(['safe', 'classic'])(
    'UI59 has a chosen firing that is readable in the light theme: %s',
    async (palette) => {
      const { page } = await replayed({
        prepare: (it) =>
          it.addInitScript((look) => localStorage.setItem('oi.layout.v1', JSON.stringify(look)), {
            introduced: true,
            theme: 'light',
            palette,
          }),
      });
      await items(page).nth(1).click();
      await page.mouse.move(0, 0);
      expect(await findViolations(page)).toEqual([]);
    },
  );

  it('UI56 shows all firings on request, also by stepping past the end', async () => {
    const page = await answered(linesOf('BTCUSDT', 450, MINUTE_MS));
    const choices = page.locator('.firing-choice');
    await page.getByText('The newest 200 of 450 are listed.').waitFor();
    expect(await choices.count()).toBe(200);
    await page.getByRole('button', { name: 'Show older' }).click();
    await expectSoon(() => choices.count()).toBe(400);
    await choices.last().click();
    await page.keyboard.press('ArrowDown');
    await expectSoon(() => choices.count()).toBe(450);
    expect(await choices.nth(400).getAttribute('aria-current')).toBe('true');
    expect(await page.getByText('are listed.').count()).toBe(0);
  });

  it('UI57 moves a zoomed chart to the firing that is chosen', async () => {
    const now = stage.clock.now();
    for (let i = 80; i >= 0; i -= 1) {
      const data = [{ symbol: 'SOLUSDT', openInterest: 1e6, markPrice: 1 }];
      await postChunk(stage.server, { data, timestamp: now - i * 15 * MINUTE_MS, source: 'realtime' });
    }
    const page = await answered(linesOf('SOLUSDT', 2, 18 * 60 * MINUTE_MS));
    await items(page).first().click();
    await chartOf(page, 'SOLUSDT').locator('canvas').first().waitFor();
    const isMarked = async () => (await readInk(page, MARKER)).columns.length > 3;
    await expectSoon(isMarked).toBe(true);
    for (let i = 0; i < 3; i += 1) await page.getByRole('button', { name: 'Zoom in' }).click();
    // The middle of the day.
    await expectSoon(isMarked).toBe(false);
    await items(page).last().click();
    await expectSoon(isMarked).toBe(true);
    await page.getByRole('button', { name: 'Reset zoom' }).waitFor();
  });
});
