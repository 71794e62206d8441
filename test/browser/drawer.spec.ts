import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../src/kit/clock.ts';
import { formatExact, formatPrice } from '../../src/kit/format.shared.ts';
import { HistoryBody } from '../../src/openInterest/history/history.types.ts';
import { anAlert } from '../support/builders.ts';
import { bearer, getJson } from '../support/openInterestCalls.ts';
import { waitFor } from '../support/waitFor.ts';
import { readInk } from './support/chartProbe.ts';
import { findViolations } from './support/lookProbe.ts';
import { itemOf, postItems, postUniverse, type Listed } from './support/market.ts';
import { expectSoon, soon } from './support/soon.ts';
import { withStage } from './support/stage.ts';

const BTC: Listed = { symbol: 'BTCUSDT', openInterest: 90_000, markPrice: 93_000, volume24h: 24e9 };
const NEW: Listed = { symbol: 'NEWUSDT', openInterest: 5, markPrice: 2, volume24h: 5e6 };

/** The colours of the OI line and of alerts in the dark theme, and of the line in the light one. */
const OI_LINE = [0xe6, 0xed, 0xf3] as const;
const LIGHT_OI_LINE = [0x10, 0x16, 0x1d] as const;
const ALERT = [0xb7, 0x9c, 0xff] as const;

const stage = withStage();

/** A sample a minute for a day, but none from 35 to 25 minutes ago, and two alerts. */
beforeAll(async () => {
  const { server, clock } = stage;
  await postUniverse(server, [BTC, NEW]);
  const now = clock.now() - SECOND_MS;
  await postItems(server, [itemOf(BTC, now), itemOf(NEW, now)]);
  const past = Array.from({ length: 24 * 60 - 1 }, (_, i) => i + 1)
    .filter((ageMin) => ageMin <= 25 || ageMin >= 35)
    .map((ageMin) =>
      itemOf(BTC, now - ageMin * MINUTE_MS, {
        openInterest: 90_000 + 2_000 * Math.sin(ageMin / 40),
        markPrice: 93_000 + ageMin,
      }),
    );
  await postItems(server, past);
  for (const [ageMs, direction, pctChange] of [
    [10 * MINUTE_MS, 'UP', 0.0421],
    [50 * MINUTE_MS, 'DOWN', -0.079],
  ] as const) {
    const alert = anAlert({ symbol: 'BTCUSDT', direction, pctChange, timestamp: now - ageMs });
    expect((await server.post('/api/open-interest-alerts/ingest', alert)).status).toBe(200);
  }
});

const drawerOf = (page: Page) => page.locator('section.drawer');

async function readHistory(range: string): Promise<HistoryBody> {
  const path = `/api/market/open-interest/history?symbol=BTCUSDT&range=${range}`;
  return HistoryBody.parse(await getJson(stage.server, path, await bearer(stage.server, 'pro')));
}

/** What the legend says of the moment that stands so far from the chart's left edge. */
async function pointAt(page: Page, x: number): Promise<string> {
  const chart = page.locator('.chart');
  await chart.hover({ position: { x: x + 4, y: 60 } });
  await chart.hover({ position: { x, y: 60 } });
  return drawerOf(page).locator('.legend span').first().innerText();
}

const clockOf = (sec: number): string => new Date(sec * SECOND_MS).toISOString().slice(11, 16);

/** Of two times of day, the shorter way round. */
function minutesApart(one: string, other: string): number {
  const [a, b] = [one, other].map((text) => {
    const [, hours, minutes] = /(\d\d):(\d\d)/.exec(text) ?? [];
    return Number(hours) * 60 + Number(minutes);
  });
  const apart = Math.abs(a! - b!);
  return Math.min(apart, 24 * 60 - apart);
}

describe('the drawer', () => {
  it('UI23 draws open interest and price, leaves the gap open and marks both alerts', async () => {
    const { page } = await stage.visit({ path: '/?s=BTCUSDT&range=1h&unit=usd' });
    const drawer = drawerOf(page);
    await drawer.locator('.chart canvas').first().waitFor();
    await waitFor('the line to be drawn', async () => (await readInk(page, OI_LINE)).columns.length > 50);

    const line = await readInk(page, OI_LINE);
    // Ten minutes of an hour, and nothing drawn across them.
    const holes = line.gaps.filter((it) => it.width > 8);
    expect(holes).toHaveLength(1);
    expect(holes[0]!.width / line.span).toBeGreaterThan(0.12);
    expect(holes[0]!.width / line.span).toBeLessThan(0.22);
    const marks = await readInk(page, ALERT);
    expect(marks.gaps.filter((it) => it.width > 40)).toHaveLength(1);
    expect(marks.columns.length).toBeGreaterThan(20);

    expect(await drawer.innerText()).toContain('1 gap (longest 10m)');
    expect(await drawer.locator('.chart').getAttribute('aria-label')).toMatch(
      /^Open interest of BTCUSDT over 1 hour: low \$8\.\d+B, high \$8\.\d+B, 1 gap \(longest 10m\), 2 alerts marked\./,
    );
    const listed = await drawer.locator('.drawer-alerts li').allInnerTexts();
    expect(listed.map((it) => it.replace(/\d\d:\d\d:\d\d$/, 'at'))).toEqual([
      '▲ +4.21% 5 min · at',
      '▼ −7.90% 5 min · at',
    ]);
  });

  it.each([
    ['is opened in a narrow window', 390],
    ['is open in a wide window that is made narrow', 1440],
  ])('UI23 shows the whole range when it %s', async (_, width) => {
    const { page } = await stage.visit({ path: '/?s=BTCUSDT&range=24h', width, height: 844 });
    await drawerOf(page).locator('.chart canvas').first().waitFor();
    await waitFor('the line to be drawn', async () => (await readInk(page, OI_LINE)).columns.length > 50);
    const history = await readHistory('24h');
    await page.setViewportSize({ width: 390, height: 844 });
    await soon(
      () => pointAt(page, 2),
      (text) => expect(minutesApart(text, clockOf(history.t[0]!))).toBeLessThan(30),
    );
  });

  it('keeps the buttons that step and close in the first line on a phone, and fills a high window with the chart', async () => {
    const { page } = await stage.visit({ path: '/?s=BTCUSDT&range=1h', width: 390, height: 844 });
    const drawer = drawerOf(page);
    const topOf = async (name: string) => (await drawer.getByRole('button', { name }).boundingBox())!.y;
    const top = await topOf('Close details');
    expect(await topOf('Previous symbol')).toBe(top);
    expect(await topOf('Next symbol')).toBe(top);
    expect(await topOf('Lists')).toBeGreaterThan(top);

    await page.setViewportSize({ width: 1920, height: 1400 });
    await soon(
      async () => (await drawer.locator('.chart').boundingBox())!.height,
      (height) => expect(height).toBeGreaterThan(600),
    );
  });

  it('UI23 redraws the chart when the system changes from dark to light', async () => {
    const { page } = await stage.visit({
      path: '/?s=BTCUSDT&range=1h',
      prepare: async (it) => {
        await it.emulateMedia({ colorScheme: 'dark' });
        await it.addInitScript(() => localStorage.setItem('oi.layout.v1', '{"theme":"system"}'));
      },
    });
    const isDrawnIn = async (colour: typeof OI_LINE | typeof LIGHT_OI_LINE) =>
      (await readInk(page, colour)).columns.length > 50;
    await waitFor('the line on dark', () => isDrawnIn(OI_LINE));
    await page.emulateMedia({ colorScheme: 'light' });
    await waitFor('the line on light', () => isDrawnIn(LIGHT_OI_LINE));
  });

  it('UI23 requests the selected range, by button and by key, and shows the same data as a table', async () => {
    const { page } = await stage.visit({ path: '/?s=BTCUSDT' });
    const asked: string[] = [];
    page.on('request', (request) => {
      const url = new URL(request.url());
      if (url.pathname.endsWith('/history')) asked.push(url.search);
    });
    const drawer = drawerOf(page);
    await drawer.locator('.chart canvas').first().waitFor();
    for (const range of ['1h', '6h', '7d']) {
      await drawer.getByRole('button', { name: range, exact: true }).click();
      await waitFor(`the question for ${range}`, () => asked.at(-1) === `?symbol=BTCUSDT&range=${range}`);
    }
    await page.locator('.chart').focus();
    await page.keyboard.press('2');
    expect(await drawer.getByRole('button', { name: '6h', exact: true }).getAttribute('aria-pressed')).toBe(
      'true',
    );

    await drawer.getByRole('button', { name: 'Data table' }).click();
    const history = await readHistory('6h');
    const rows = await drawer.locator('.data-table tbody tr').evaluateAll((found) =>
      found.map((row) => ({
        at: row.querySelector('time')?.dateTime,
        cells: [...row.querySelectorAll('td')].slice(1).map((it) => it.innerText),
      })),
    );
    expect(rows).toHaveLength(history.t.length);
    for (const { at, cells } of rows) {
      const i = history.t.indexOf(Date.parse(at!) / SECOND_MS);
      expect(cells).toEqual([
        formatExact(history.oi[i]),
        formatExact(history.usd[i]),
        formatPrice(history.mark[i]),
      ]);
    }
    expect(Date.parse(rows[0]!.at!) / SECOND_MS).toBe(history.t.at(-1));
    expect((history.t.at(-1)! - history.t[0]!) * SECOND_MS).toBeGreaterThan(5.9 * HOUR_MS);
  });

  it('UI23 appends new samples while it is open, and moves through the chart by arrow keys', async () => {
    const { page } = await stage.visit({ path: '/?s=BTCUSDT&range=1h' });
    const legend = drawerOf(page).locator('.legend-oi');
    await legend.waitFor();
    await postItems(stage.server, [itemOf(BTC, stage.clock.now(), { openInterest: 91_234 })]);
    await waitFor('the live point', async () => (await legend.innerText()) === 'OI 91,234');
    await page.locator('.chart').focus();
    await page.keyboard.press('ArrowLeft');
    await waitFor('the point before', async () => /^OI (89|90),/.test(await legend.innerText()));
  });

  it('UI23 shows positioning when its section is opened, within the rules of accessibility in both themes', async () => {
    const base = '/api/market/open-interest/positioning';
    const { server, clock } = stage;
    const { page } = await stage.visit({
      path: '/?s=BTCUSDT',
      prepare: (it) => it.addInitScript(() => localStorage.setItem('oi.layout.v1', '{"theme":"system"}')),
    });
    const section = drawerOf(page).locator('.positioning');
    await section.locator('summary').click();
    await expectSoon(() => section.innerText()).toContain('No ratios of BTCUSDT yet.');
    const mark = clock.now() - (clock.now() % (5 * MINUTE_MS));
    const points = [2, 1, 0].map((i) => ({
      ...{ ts: mark - i * 5 * MINUTE_MS, topPositions: 1.5 + i, topAccounts: 1.2, accounts: null },
      ...{ takerBought: 30, takerSold: 20 },
    }));
    expect((await server.post(base, { symbol: 'BTCUSDT', points })).status).toBe(200);
    const minute = mark - 2 * 60 * MINUTE_MS;
    const minutes = [{ symbol: 'BTCUSDT', minute, longUsd: 3e6, shortUsd: 1e6, longs: 12, shorts: 3 }];
    expect((await server.post(`${base}/liquidations`, { minutes })).status).toBe(200);
    await page.reload();
    await section.locator('summary').click();
    await section.locator('svg').first().waitFor();
    const text = await section.innerText();
    expect(text).toContain('1.50 (60.0%)');
    expect(text).toMatch(/4h\s+\$3\.00M in 12\s+\$1\.00M in 3\s+75%/);
    await section.getByRole('button', { name: 'Positioning table' }).click();
    expect(await section.locator('.data-table tbody tr').count()).toBe(3);
    for (const colorScheme of ['dark', 'light'] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await findViolations(page)).toEqual([]);
    }
  });

  it('UI23 says how much data a new symbol has, and why a history cannot be loaded', async () => {
    const { page } = await stage.visit({
      path: '/?s=NEWUSDT',
      allow: [/status of 500/],
      prepare: (page) =>
        page.route('**/history?symbol=BTCUSDT*', (route) => route.fulfill({ status: 500, body: 'no' })),
    });
    const drawer = drawerOf(page);
    await waitFor('the short history', async () =>
      (await drawer.innerText()).includes('of data in this range.'),
    );
    await drawer.getByRole('button', { name: 'Previous symbol' }).click();
    await drawer.getByRole('alert').waitFor();
    expect(await drawer.getByRole('alert').innerText()).toBe(
      'History could not be loaded (HTTP 500). Try again',
    );
    // It is read again without a click.
    await page.unroute('**/history?symbol=BTCUSDT*');
    await drawer.locator('.chart canvas').first().waitFor();
  });
});
