import { describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { SECOND_MS } from '../../src/kit/clock.ts';
import { itemOf, postItems, postMarket, type Listed } from './support/market.ts';
import { untilState } from './support/pageProbe.ts';
import { expectSoon } from './support/soon.ts';
import { withStage } from './support/stage.ts';

const BTC: Listed = { symbol: 'BTCUSDT', openInterest: 4e9, markPrice: 2, volume24h: 9e9 };

const stage = withStage();

/** With `window.started`: the names of all animations since the page was opened. */
async function openMoving(reducedMotion: 'reduce' | 'no-preference', settings: object = {}): Promise<Page> {
  // Newer than what the case before has posted.
  stage.clock.jump(10 * SECOND_MS);
  await postMarket(stage.server, stage.clock, [BTC]);
  const { page } = await stage.visit({
    prepare: async (it) => {
      await it.emulateMedia({ reducedMotion });
      await it.addInitScript((given) => {
        localStorage.setItem('oi.layout.v1', JSON.stringify(given));
        const started: string[] = [];
        Object.assign(window, { started });
        document.addEventListener('animationstart', ({ animationName }) => started.push(animationName), true);
      }, settings);
    },
  });
  await untilState(page, 'live');
  return page;
}

const readStarted = (page: Page) => page.evaluate(() => (window as unknown as { started: string[] }).started);

/** A change that is worth an eye: first the value that it is measured by. Answers the line under what is marked. */
async function change(page: Page): Promise<unknown> {
  const cell = page.locator('tr[data-symbol="BTCUSDT"] [data-column="usd"]');
  await expectSoon(() => cell.innerText()).toBe('$8.00B');
  await postItems(stage.server, [itemOf(BTC, stage.clock.now(), { openInterest: 5e9 })]);
  // The mark stands for two seconds, so it is read where it is found.
  const found = await page.waitForFunction(() => {
    const mark = document.querySelector('tr[data-symbol="BTCUSDT"] [data-column="usd"] .tint');
    return mark && getComputedStyle(mark).textDecorationLine;
  });
  return found.jsonValue();
}

describe('motion', () => {
  it('UI30 tints a cell that has changed', async () => {
    const page = await openMoving('no-preference');
    await change(page);
    await expectSoon(() => readStarted(page)).toContain('tint');
  });

  it.each([
    ['the system', 'reduce', {}],
    ['the settings', 'no-preference', { motion: 'off' }],
  ] as const)(
    'UI30 stands still when %s ask for it, and a line marks the change',
    async (_, system, settings) => {
      const page = await openMoving(system, settings);
      expect(await change(page)).toBe('underline');
      await page.locator('tr[data-symbol="BTCUSDT"] [data-column="usd"]').click();
      await page.locator('section.drawer').waitFor();
      await page.getByRole('button', { name: 'Settings' }).click();
      await page.locator('dialog[open]').waitFor();
      // What appears late is no movement: it has no duration.
      expect((await readStarted(page)).filter((it) => it !== 'appear')).toEqual([]);
      const running = await page.evaluate(
        () =>
          document
            .getAnimations()
            .filter((it) => it.playState === 'running' && (it as CSSAnimation).animationName !== 'appear')
            .length,
      );
      expect(running).toBe(0);
    },
  );
});

describe('a page that fails', () => {
  it('UI30 shows a message with an error id, and works again after a reload', async () => {
    await postMarket(stage.server, stage.clock, [BTC]);
    const { page } = await stage.visit({
      allow: [/the page broke|RangeError/],
      // The footer asks for it, outside of every panel.
      prepare: (it) =>
        it.addInitScript(() => {
          if (sessionStorage.getItem('mended') !== null) return;
          Date.prototype.getTimezoneOffset = () => {
            throw new RangeError('no such zone');
          };
        }),
    });
    const message = page.getByRole('alert');
    await message.waitFor();
    expect((await message.innerText()).replaceAll(/\s+/g, ' ')).toMatch(
      /^Something broke in this page\. Your data is safe; reload to continue\. Reload Error id [0-9a-f]{8};/,
    );
    await page.evaluate(() => sessionStorage.setItem('mended', 'yes'));
    await page.getByRole('button', { name: 'Reload' }).click();
    await untilState(page, 'live');
  });
});
