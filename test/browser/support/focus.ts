import type { Page } from 'playwright-core';
import { expectSoon } from './soon.ts';

type Focus = { symbol: string | null; column: string | null; text: string; isCovered: boolean };

/** Where the focus is, and whether something lies over it. */
function readFocus(page: Page): Promise<Focus> {
  return page.evaluate(() => {
    const element = document.activeElement ?? document.body;
    const { left, top, width, height } = element.getBoundingClientRect();
    const over = document.elementFromPoint(left + width / 2, top + height / 2);
    return {
      symbol: element.closest('tr')?.getAttribute('data-symbol') ?? null,
      column: element.closest('[data-column]')?.getAttribute('data-column') ?? null,
      text:
        element === document.body
          ? 'body'
          : (element.getAttribute('aria-label') ??
            (element as HTMLInputElement).labels?.[0]?.innerText ??
            (element as HTMLElement).innerText),
      isCovered: over === null || !(element.contains(over) || over.contains(element)),
    };
  });
}

export async function press(page: Page, key: string, times = 1): Promise<Focus> {
  for (let i = 0; i < times; i += 1) await page.keyboard.press(key);
  return readFocus(page);
}

/** Rows that are out of sight have to be drawn before the focus can be on them. */
export async function pressTo(page: Page, key: string, there: Partial<Focus>, times = 1): Promise<void> {
  await press(page, key, times);
  await untilFocus(page, there);
}

export async function untilFocus(page: Page, there: Partial<Focus>): Promise<void> {
  await expectSoon(() => readFocus(page)).toMatchObject(there);
}

/** Presses Tab until the focus is where it should be; fails after so many. */
export async function tabTo(
  page: Page,
  isThere: (focus: Focus) => boolean,
  { key = 'Tab', most = 40 } = {},
): Promise<string[]> {
  const passed: string[] = [];
  for (let i = 0; i < most; i += 1) {
    const focus = await press(page, key);
    passed.push(focus.column ? `grid ${focus.column}` : focus.text);
    if (isThere(focus)) return passed;
  }
  throw new Error(`not reached in ${most} steps: ${passed.join(' | ')}`);
}
