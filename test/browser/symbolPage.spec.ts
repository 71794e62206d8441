import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { MINUTE_MS, SECOND_MS } from '../../src/kit/clock.ts';
import { AlertRuleInput } from '../../src/openInterest/rules/rules.types.ts';
import { anAlert } from '../support/builders.ts';
import { listFirings, postValues, storeRule, untilEvaluated } from '../support/ruleServer.ts';
import { readInk } from './support/chartProbe.ts';
import { findLayoutFaults, findViolations } from './support/lookProbe.ts';
import { itemOf, postItems, postUniverse, type Listed } from './support/market.ts';
import { expectSoon, soon } from './support/soon.ts';
import { withStage } from './support/stage.ts';

const BTC: Listed = {
  symbol: 'BTCUSDT',
  openInterest: 90_000,
  markPrice: 93_000,
  volume24h: 24e9,
  fundingRate: 1e-4,
};
const NEW: Listed = { symbol: 'NEWUSDT', openInterest: 5, markPrice: 2, volume24h: 5e6 };

/** In the dark theme. */
const UP = [0x58, 0xb4, 0xff] as const;
const MARKER = [0xb7, 0x9c, 0xff] as const;

const stage = withStage();

/** An hour of samples, an alert, and a rule of the viewer that the newest sample fires. */
beforeAll(async () => {
  const { server, clock } = stage;
  await postUniverse(server, [BTC, NEW]);
  const now = clock.now() - SECOND_MS;
  const past = Array.from({ length: 120 }, (_, i) => now - (120 - i) * 30 * SECOND_MS);
  await postItems(
    server,
    past.map((ts, i) => itemOf(BTC, ts, { openInterest: 80_000 + 50 * i + 200 * (i % 3) })),
  );
  await postItems(server, [itemOf(NEW, now)]);
  const alert = anAlert({
    symbol: 'BTCUSDT',
    direction: 'UP',
    pctChange: 0.0421,
    timestamp: now - 40 * MINUTE_MS,
  });
  expect((await server.post('/api/open-interest-alerts/ingest', alert)).status).toBe(200);
  const rule = AlertRuleInput.parse({ name: 'Jumps', window: '5m', direction: 'up', thresholdPct: 2 });
  await storeRule(server, rule, 'browser-pro');
  await untilEvaluated(stage);
  await postValues(stage, [{ symbol: 'BTCUSDT', openInterest: 91_234, markPrice: 93_000 }]);
  await expectSoon(() => listFirings(server, 'browser-pro')).toHaveLength(1);
});

const zoomButton = (page: Page, name: string) => page.getByRole('button', { name, exact: true });

async function exportShown(page: Page): Promise<string[]> {
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'CSV of what is shown' }).click(),
  ]);
  expect(file.suggestedFilename()).toBe('BTCUSDT-open-interest-1h.csv');
  return (await readFile(await file.path(), 'utf8')).trimEnd().split('\r\n');
}

async function dragOver(page: Page): Promise<void> {
  const box = (await page.locator('.chart').boundingBox())!;
  const [y, middle] = [box.y + 80, box.x + box.width / 2];
  await page.mouse.move(middle, y);
  await page.mouse.down();
  await page.mouse.move(middle + 150, y, { steps: 4 });
  await page.locator('.chart-selection').waitFor();
  await page.mouse.up();
}

describe('the page of a symbol', () => {
  it('draws candles across its width, marks alerts and firings, zooms by dragging and exports the visible range', async () => {
    const { page } = await stage.visit({ path: '/s/btcusdt?range=1h' });
    await expectSoon(async () => (await readInk(page, UP)).columns.length).toBeGreaterThan(50);
    expect(await page.title()).toBe('BTCUSDT · VolSpike Open Interest');
    const chart = (await page.locator('.chart').boundingBox())!;
    expect(chart.width).toBeGreaterThan(1_380);
    expect(chart.height).toBeGreaterThan(450);
    await soon(
      () => page.locator('.drawer-alerts').allInnerTexts(),
      (it) => expect(it.join()).toMatch(/Alerts for BTCUSDT \(1\)[^]*\+4\.21%[^]*Your rules \(1\)[^]*Jumps/),
    );
    await expectSoon(async () => (await readInk(page, MARKER)).gaps.some((it) => it.width > 200)).toBe(true);
    expect(await page.locator('.legend').innerText()).toMatch(
      /OI 91,234\b[^]*High 91,234\b[^]*Funding \+0\.0100%/,
    );

    const all = await exportShown(page);
    expect(all[0]).toContain('oi_open_contracts,oi_high_contracts');
    expect(all.length).toBeGreaterThan(58);
    await dragOver(page);
    await zoomButton(page, 'Reset zoom').waitFor();
    const some = await exportShown(page);
    expect(some.length).toBeGreaterThan(3);
    expect(some.length).toBeLessThan(15);
    expect(all).toEqual(expect.arrayContaining(some.slice(0, -1)));
    await zoomButton(page, 'Reset zoom').click();
    await expectSoon(() => zoomButton(page, 'Reset zoom').count()).toBe(0);
    expect((await exportShown(page)).length).toBe(all.length);
    await zoomButton(page, 'Zoom in').click();
    expect((await exportShown(page)).length).toBeLessThan(all.length);
  });

  it.each([
    ['dark', 390],
    ['light', 1440],
  ])('is readable and whole, %s, %d px wide', async (theme, width) => {
    const { page } = await stage.visit({
      path: '/s/BTCUSDT',
      width,
      height: 844,
      prepare: (it) =>
        it.addInitScript(
          (given) => localStorage.setItem('oi.layout.v1', JSON.stringify({ theme: given })),
          theme,
        ),
    });
    await page.locator('.chart canvas').first().waitFor();
    await page.locator('.drawer-alerts').nth(1).waitFor();
    expect([...(await findViolations(page)), ...(await findLayoutFaults(page))]).toEqual([]);
    await zoomButton(page, 'Next symbol').click();
    await page.getByRole('heading', { name: 'NEWUSDT' }).waitFor();
    expect(new URL(page.url()).pathname).toBe('/s/NEWUSDT');
  });

  it('opens from the drawer, in the same range and unit', async () => {
    const { page } = await stage.visit({ path: '/?s=BTCUSDT&range=6h&unit=usd' });
    await page.getByRole('link', { name: 'Open chart' }).click();
    await page.getByRole('heading', { name: 'BTCUSDT', exact: true }).waitFor();
    expect(page.url()).toBe(`${stage.server.url}/s/BTCUSDT?unit=usd&range=6h`);
    await page.locator('.chart canvas').first().waitFor();
  });

  it('leads back by Esc to the board as it was, and steps through the same symbols', async () => {
    const { page } = await stage.visit({ path: '/?q=USDT&sort=symbol&minusd=1000000&s=BTCUSDT' });
    await page.getByRole('link', { name: 'Open chart' }).click();
    await page.getByRole('heading', { name: 'BTCUSDT', exact: true }).waitFor();
    await page.keyboard.press('Escape');
    await page.waitForURL(`${stage.server.url}/?q=USDT&sort=symbol&minusd=1000000`);
  });

  it('shows no chart to Free users, and says if the board has no such symbol', async () => {
    const { page } = await stage.visit({ as: 'free', path: '/s/NONEUSDT' });
    await page.getByText('Not on this board').waitFor();
    expect(await page.locator('.symbol-view').innerText()).toContain(
      'Charts, changes and positioning are part of Pro.',
    );
  });
});
