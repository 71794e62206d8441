import type { Page } from 'playwright-core';

/** What the table shows, as somebody who looks at it would read it. */

const ROWS = 'tr[data-symbol]';

/** Symbols in the order in which they stand. */
export function readOrder(page: Page): Promise<string[]> {
  return page.$$eval(ROWS, (rows) => rows.map((it) => it.getAttribute('data-symbol') ?? ''));
}

export function readCell(page: Page, symbol: string, column: string): Promise<string> {
  return page.locator(`tr[data-symbol="${symbol}"] [data-column="${column}"]`).innerText();
}

/** The heads of the columns, from left to right. */
export function readColumns(page: Page): Promise<string[]> {
  return page.$$eval('th[data-column]', (heads) => heads.map((it) => it.getAttribute('data-column') ?? ''));
}

export async function clickHead(
  page: Page,
  column: string,
  options: { shift?: boolean } = {},
): Promise<void> {
  await page
    .locator(`th[data-column="${column}"] button`)
    .click(options.shift === true ? { modifiers: ['Shift'] } : {});
}

/** Which column says that it is the sorted one, and how; more than one would be a lie. */
export function readSorted(page: Page): Promise<string[]> {
  return page.$$eval('th[aria-sort]', (heads) =>
    heads.map((it) => `${it.getAttribute('data-column')} ${it.getAttribute('aria-sort')}`),
  );
}

export function readAddress(page: Page): Record<string, string> {
  return Object.fromEntries(new URL(page.url()).searchParams);
}
