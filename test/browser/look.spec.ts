import { beforeAll, describe, expect, it } from '@jest/globals';
import { mkdirSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { SECOND_MS } from '../../src/kit/clock.ts';
import { exhibit, refresh } from './support/exhibition.ts';
import { findLayoutFaults, findViolations, hasGlyphs } from './support/lookProbe.ts';
import { nextMark, withStage, type VisitOptions } from './support/stage.ts';

const SIZES = [
  [1440, 900],
  [1024, 768],
  [768, 1024],
  [390, 844],
] as const;

/** Screens further down that are looked at, at most. */
const MOST_SCREENS = 12;

/** Pictures of every case, for review. */
const PICTURES = 'coverage/look';

/** `ready`: what is there when the page is. */
const PAGES = {
  board: { as: 'pro', path: '/', ready: '[data-symbol="BTCUSDT"]' },
  drawer: { as: 'pro', path: '/?s=BTCUSDT&range=24h', ready: '.chart canvas' },
  free: { as: 'free', path: '/', ready: '[data-symbol="BTCUSDT"]' },
  debug: { as: 'admin', path: '/debug/open-interest', ready: '[data-testid="strip"]' },
  'sign-in': { as: null, path: '/sign-in', ready: '.sign-in-demo' },
} as const satisfies Record<string, Pick<VisitOptions, 'as' | 'path'> & { ready: string }>;
type Theme = 'dark' | 'light' | 'forced';
type PageName = keyof typeof PAGES;

const mark = nextMark();
const stage = withStage({ startAt: mark - 20 * SECOND_MS });
beforeAll(async () => {
  await exhibit(stage, mark);
  mkdirSync(PICTURES, { recursive: true });
});

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
      await it.addInitScript((given) => localStorage.setItem('oi.layout.v1', JSON.stringify(given)), {
        introduced: true,
        theme: theme === 'forced' ? 'system' : theme,
        palette,
      });
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

/** Violations of the rules, and layout faults from the top of the page to its end. */
async function inspect(page: Page): Promise<string[]> {
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
  return [...new Set(found)];
}

/** What `look` finds, after a picture of it. */
async function picture(page: Page, name: string, look: (page: Page) => Promise<string[]>): Promise<string[]> {
  const found = await look(page);
  await page.screenshot({ path: `${PICTURES}/${name}.png` });
  return found.map((it) => `${name}: ${it}`);
}

const inspectPanel = async (page: Page) => [
  ...(await findViolations(page)),
  ...(await findLayoutFaults(page)),
];

describe('the look of the pages', () => {
  const names = Object.keys(PAGES) as PageName[];

  it.each(names)('UI30 is readable, reachable and whole at every size: %s', async (name) => {
    const page = await open(name);
    const faults: string[] = [];
    for (const [width, height] of SIZES) {
      await resize(page, width, height);
      faults.push(...(await picture(page, `${name}-dark-${width}`, inspect)));
    }
    expect(faults).toEqual([]);
  });

  // Themes and palettes change colours and no sizes.
  it.each([
    ...names.flatMap((name) => [[name, 'light', 'safe'] as const, [name, 'forced', 'safe'] as const]),
    ['board', 'dark', 'classic'] as const,
    ['board', 'light', 'classic'] as const,
  ])('UI30 is readable: %s, %s, %s colours', async (name, theme, palette) => {
    const page = await open(name, theme, palette);
    expect(await picture(page, `${name}-${theme}-${palette}`, findViolations)).toEqual([]);
  });

  it('UI30 is readable, reachable and whole with any panel open', async () => {
    const page = await open('board');
    const faults: string[] = [];
    for (const [button, selector] of [
      [/Filters/, '.popover-panel input'],
      [/^Columns$/, '.popover-panel input'],
      [/Settings/, 'dialog[open]'],
      [/Pro · browser-pro/, '.popover-panel button'],
      [/Keys/, 'dialog[open]'],
    ] as const) {
      await page.getByRole('button', { name: button }).click();
      const opened = page.locator(selector).first();
      await opened.waitFor();
      faults.push(...(await picture(page, button.source.replaceAll(/\W/g, ''), inspectPanel)));
      await page.keyboard.press('Escape');
      await opened.waitFor({ state: 'hidden' });
    }
    expect(faults).toEqual([]);
  });

  it.each([SIZES[1], SIZES[3]])(
    'UI30 is readable, reachable and whole with alerts over the table at %d×%d',
    async (width, height) => {
      const page = await open('board');
      await resize(page, width, height);
      await page
        .locator('.header')
        .getByRole('button', { name: /^Alerts/ })
        .click();
      await page.locator('article.alert').first().waitFor();
      expect(await picture(page, `alerts-${width}`, inspectPanel)).toEqual([]);
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
