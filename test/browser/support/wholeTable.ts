import type { Page } from 'playwright-core';

/** Column → text. */
export type Cells = Readonly<Record<string, string>>;

/** Every row by symbol, also those that are scrolled out of sight and therefore not in the page. */
export async function readWholeTable(page: Page): Promise<Map<string, Cells>> {
  const rows = await page.locator('#table').evaluate(async (scroller) => {
    const found: Record<string, Record<string, string>> = {};
    const before = scroller.scrollTop;
    for (let top = 0; ; top += scroller.clientHeight / 2) {
      scroller.scrollTop = top;
      // One frame for the scroll event, one for the rows that it brings.
      for (let frame = 0; frame < 2; frame += 1) {
        await new Promise((resolve) => requestAnimationFrame(resolve));
      }
      for (const row of scroller.querySelectorAll<HTMLElement>('tr[data-symbol]')) {
        const cells = Array.from(row.querySelectorAll<HTMLElement>('td[data-column]'));
        found[row.dataset['symbol']!] = Object.fromEntries(
          cells.map((cell) => [cell.dataset['column']!, cell.innerText.trim()]),
        );
      }
      if (top >= scroller.scrollHeight - scroller.clientHeight) break;
    }
    scroller.scrollTop = before;
    return found;
  });
  return new Map(Object.entries(rows));
}
