import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { changeBoards } from './support/boards.ts';
import { postMarket, type Listed } from './support/market.ts';
import { untilState } from './support/pageProbe.ts';
import { expectSoon, soon } from './support/soon.ts';
import { withStage } from './support/stage.ts';

const DEBUG = '/debug/open-interest';
const MARKET: readonly Listed[] = [
  { symbol: 'BTCUSDT', openInterest: 4e9, markPrice: 2, volume24h: 9e9, d60: 1 },
  { symbol: 'ETHUSDT', openInterest: 3e9, markPrice: 2, volume24h: 8e9, d60: 1 },
];
/** What a program sends that counts in nanoseconds. */
const NANOSECONDS = 1.79e18;
const BROKEN = [/a panel broke|RangeError|TypeError|The above error/];

const stage = withStage();

beforeAll(async () => {
  await postMarket(stage.server, stage.clock, MARKET);
  const { clock, server } = stage;
  const jobs = [{ name: 'poller', state: 'up', everySec: 30, lastRunAt: clock.now(), ok: 2, failed: 0 }];
  const beat = { collector: 'oi-poller', everySec: 30, jobs };
  expect((await server.post('/api/collectors/heartbeat', beat)).status).toBe(200);
});

type Collectors = {
  collectors: { lastAt: number; jobs: { lastRunAt: number }[]; cells: { at: number }[] }[];
};

/** A heartbeat with such times, as a server of before the bound on them may hold it. */
async function giveNanoseconds(page: Page): Promise<void> {
  await page.route('**/api/market/open-interest/debug', async (route) => {
    const response = await route.fetch();
    const body = (await response.json()) as Collectors;
    for (const collector of body.collectors) {
      collector.lastAt = NANOSECONDS;
      for (const job of collector.jobs) job.lastRunAt = NANOSECONDS;
      for (const cell of collector.cells) cell.at = NANOSECONDS;
    }
    await route.fulfill({ response, json: body });
  });
}

/** A fault of the program itself in the two panels that list facts, until it is mended. */
async function breakFacts(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const split = String.prototype.split as (this: string, by: unknown, limit?: number) => string[];
    String.prototype.split = function (this: string, by: unknown, limit?: number): string[] {
      const isOurs = by instanceof RegExp && by.source.includes('?<=_') && !('mended' in window);
      if (isOurs) throw new RangeError('no such fact');
      return split.call(this, by, limit);
    } as typeof String.prototype.split;
  });
}

const panelsOf = (page: Page): Promise<string[]> =>
  page.locator('.operator-grid > section').evaluateAll((all) => all.map((it) => it.id || it.ariaLabel || ''));

describe('a bad value', () => {
  it.each([1440, 390])('UI33 in a heartbeat leaves the page whole, %d px wide', async (width) => {
    const { page } = await stage.visit({
      as: 'admin',
      path: DEBUG,
      width,
      height: 844,
      prepare: giveNanoseconds,
    });
    const row = page.locator('tr[data-collector="oi-poller"]');
    await row.waitFor();
    expect(await row.locator('td[data-name="last beat"] span').getAttribute('title')).toBe('—');
    expect(await panelsOf(page)).toEqual([
      'collectors',
      'universe',
      'values',
      'alerts',
      'requests',
      'gaps',
      'doctor',
      'sockets',
      'server',
    ]);
    expect(await page.locator('.broken-panel').count()).toBe(0);
  });

  it('UI33 affects its panel alone, with a message, and the panel recovers by itself', async () => {
    const { page } = await stage.visit({ as: 'admin', path: DEBUG, prepare: breakFacts, allow: BROKEN });
    await page.locator('.broken-panel').first().waitFor();
    expect(await panelsOf(page)).toEqual([
      'collectors',
      'universe',
      'values',
      'alerts',
      'requests',
      'gaps',
      'doctor',
      'Sockets',
      'Server',
    ]);
    expect(await page.locator('section[aria-label="Server"]').innerText()).toContain(
      'Server cannot be shown: a value in it is not as expected. Everything else on this page is up to date',
    );
    const health = await page.locator('[data-testid="health"]').innerText();
    expect(health).not.toBe('');
    await page.evaluate(() => Object.assign(window, { mended: true }));
    await soon(
      () => panelsOf(page),
      (it) => expect(it.slice(-2)).toEqual(['sockets', 'server']),
    );
  });

  it('UI33 of a row is shown as unknown, and the table keeps updating', async () => {
    const { page } = await stage.visit({
      path: '/?cols=usd,age',
      prepare: (it) => changeBoards(it, (body) => body.replace(/"ts":\d+/, '"ts":9e15')),
    });
    await page.locator('tr[data-symbol="BTCUSDT"]').waitFor();
    expect(await page.locator('tr[data-symbol]').count()).toBe(2);
    expect(await page.locator('.broken-panel').count()).toBe(0);
  });
});

describe('a chart that cannot be drawn', () => {
  it.each([1440, 390])('UI33 breaks the drawer alone, which can be closed, %d px wide', async (width) => {
    const { page } = await stage.visit({
      path: '/?s=BTCUSDT&range=1h',
      width,
      height: 844,
      allow: [...BROKEN, /Error/],
      // A fault in the library that draws.
      prepare: (it) =>
        it.addInitScript(() => {
          const create = Document.prototype.createElement as (this: Document, name: string) => HTMLElement;
          Document.prototype.createElement = function (this: Document, name: string) {
            if (name === 'canvas') throw new RangeError('no canvas here');
            return create.call(this, name);
          } as typeof Document.prototype.createElement;
        }),
    });
    const broken = page.locator('.broken-panel');
    await broken.waitFor();
    expect(await broken.innerText()).toContain('BTCUSDT cannot be shown');
    await untilState(page, 'live');
    await broken.getByRole('button', { name: 'Close' }).click();
    await expectSoon(() => page.locator('.broken-panel').count()).toBe(0);
    expect(await page.locator('[data-symbol="ETHUSDT"]').first().isVisible()).toBe(true);
  });
});
