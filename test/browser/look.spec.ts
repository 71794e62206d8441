import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdirSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { MINUTE_MS, SECOND_MS } from '../../src/kit/clock.ts';
import { exhibit, refresh } from './support/exhibition.ts';
import { findLayoutFaults, findViolations, hasGlyphs } from './support/lookProbe.ts';
import { openStage, type Stage, type VisitOptions } from './support/stage.ts';

const SIZES = [
  [1440, 900],
  [1024, 768],
  [390, 844],
] as const;

/** Screens further down that are looked at, at most. */
const MOST_SCREENS = 12;

/** Pictures of every case, for whoever wants to look. */
const PICTURES = 'coverage/look';

const THEMES = ['dark', 'light', 'forced'] as const;
type Theme = (typeof THEMES)[number];

/** `ready`: what is there when the page is. */
const PAGES = {
  board: { as: 'pro', path: '/', ready: '[data-symbol="BTCUSDT"]' },
  drawer: { as: 'pro', path: '/?s=BTCUSDT&range=24h', ready: '.chart canvas' },
  free: { as: 'free', path: '/', ready: '[data-symbol="BTCUSDT"]' },
  debug: { as: 'admin', path: '/debug/open-interest', ready: '[data-testid="strip"]' },
  'sign-in': { as: null, path: '/sign-in', ready: '.sign-in-demo' },
} as const satisfies Record<string, Pick<VisitOptions, 'as' | 'path'> & { ready: string }>;
type PageName = keyof typeof PAGES;

let stage: Stage;

beforeAll(async () => {
  const fiveMinutesMs = 5 * MINUTE_MS;
  const mark = Math.ceil(Date.now() / fiveMinutesMs) * fiveMinutesMs + fiveMinutesMs;
  stage = await openStage({ startAt: mark - 20 * SECOND_MS });
  await exhibit(stage, mark);
  mkdirSync(PICTURES, { recursive: true });
});
afterEach(() => stage.leave());
afterAll(() => stage.close());

async function open(name: PageName, theme: Theme = 'dark', palette = 'safe'): Promise<Page> {
  const { as, path, ready } = PAGES[name];
  await refresh(stage);
  const { page } = await stage.visit({
    as,
    path,
    prepare: async (it) => {
      await it.emulateMedia({
        forcedColors: theme === 'forced' ? 'active' : 'none',
        reducedMotion: 'reduce',
      });
      const settings = { theme: theme === 'forced' ? 'system' : theme, palette };
      await it.addInitScript(
        (given) => localStorage.setItem('oi.layout.v1', JSON.stringify(given)),
        settings,
      );
    },
  });
  await page.locator(ready).first().waitFor();
  return page;
}

async function resize(page: Page, width: number, height: number): Promise<void> {
  await page.setViewportSize({ width, height });
  // Media queries, then what is drawn for them.
  for (let frame = 0; frame < 3; frame += 1) {
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
  }
}

/** From top to bottom: what breaks a rule, and what looks wrong. At every size in one theme: the others change colours. */
async function inspect(page: Page, name: PageName, theme: Theme): Promise<string[]> {
  const faults: string[] = [];
  for (const [width, height] of theme === 'dark' ? SIZES : SIZES.slice(0, 1)) {
    await resize(page, width, height);
    const found = await findViolations(page);
    for (let screen = 0; screen < MOST_SCREENS; screen += 1) {
      found.push(...(await findLayoutFaults(page)));
      const moved = await page.evaluate(() => {
        const before = scrollY;
        scrollBy(0, innerHeight - 120);
        return scrollY > before;
      });
      if (!moved) break;
    }
    await page.evaluate(() => scrollTo(0, 0));
    await page.screenshot({ path: `${PICTURES}/${name}-${theme}-${width}.png` });
    faults.push(...found.map((it) => `${width}: ${it}`));
  }
  return [...new Set(faults)];
}

describe('the look of the pages', () => {
  const every = Object.keys(PAGES).flatMap((name) =>
    THEMES.map((theme) => [name as PageName, theme] as const),
  );

  it.each(every)('UI30 is readable, reachable and whole: %s, %s', async (name, theme) => {
    const page = await open(name, theme);
    expect(await inspect(page, name, theme)).toEqual([]);
  });

  it.each(['dark', 'light'] as const)('UI30 is readable in the classic colours, %s', async (theme) => {
    const page = await open('board', theme, 'classic');
    expect(await findViolations(page)).toEqual([]);
  });

  it.each([
    ['Filters', '.popover-panel input'],
    ['Columns', '.popover-panel input'],
    ['Settings', 'dialog[open]'],
    ['Pro · browser-pro', '.popover-panel button'],
    ['Keys', 'dialog[open]'],
  ])('UI30 is so, too, with %s open', async (button, opened) => {
    const page = await open('board');
    await page.getByRole('button', { name: button }).click();
    await page.locator(opened).first().waitFor();
    expect([...(await findViolations(page)), ...(await findLayoutFaults(page))]).toEqual([]);
    await page.screenshot({ path: `${PICTURES}/${button.split(' ')[0]}.png` });
  });

  it.each([SIZES[1], SIZES[2]])(
    'UI30 is so, too, with alerts over the table at %d×%d',
    async (width, height) => {
      const page = await open('board');
      await resize(page, width, height);
      await page
        .locator('.header')
        .getByRole('button', { name: /^Alerts/ })
        .click();
      await page.locator('article.alert').first().waitFor();
      expect([...(await findViolations(page)), ...(await findLayoutFaults(page))]).toEqual([]);
      await page.screenshot({ path: `${PICTURES}/alerts-${width}.png` });
    },
  );

  it('UI30 shows pressed buttons, also in forced colours', async () => {
    const page = await open('drawer', 'forced');
    const fillOf = (name: string) =>
      page
        .locator('section.drawer')
        .getByRole('button', { name, exact: true })
        .evaluate((it) => getComputedStyle(it).backgroundColor);
    expect(await fillOf('24h')).not.toBe(await fillOf('6h'));
    expect(await fillOf('Contracts')).toBe(await fillOf('24h'));
  });

  it('UI30 shows names of every script', async () => {
    const page = await open('board');
    expect(await hasGlyphs(page, '币安人生')).toBe(true);
    await page.locator('tr[data-symbol="币安人生USDT"] b', { hasText: '币安人生' }).waitFor();
    await resize(page, 390, 844);
    await page.locator('.card[data-symbol="币安人生USDT"]').waitFor();
  });
});
