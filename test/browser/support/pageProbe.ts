import type { Page } from 'playwright-core';
import { expectSoon } from './soon.ts';

/** What the page says of itself, as somebody reads it. */

function readState(page: Page): Promise<string | null> {
  return page.locator('html').getAttribute('data-state');
}

export async function readSeq(page: Page): Promise<number> {
  return Number((await page.locator('html').getAttribute('data-seq')) ?? Number.NaN);
}

export function readUsd(page: Page, symbol: string): Promise<string> {
  return page.locator(`tr[data-symbol="${symbol}"] [data-column="usd"]`).innerText();
}

export function readPill(page: Page): Promise<string> {
  return page.locator('.pill').innerText();
}

/** `OI updated 2s ago · 343/343 live` */
function readLabel(page: Page): Promise<string> {
  return page.locator('.freshness').innerText();
}

/** The lines under the header. */
export function readBanners(page: Page): Promise<string[]> {
  return page.locator('.banner').allInnerTexts();
}

/** Every alert's id, as the feed lists them. */
export function readAlerts(page: Page): Promise<string[]> {
  return page.$$eval('[data-alert]', (cards) => cards.map((it) => it.getAttribute('data-alert') ?? ''));
}

export async function untilState(page: Page, state: string): Promise<void> {
  await expectSoon(() => readState(page)).toBe(state);
}

export async function untilLabel(page: Page, label: RegExp): Promise<void> {
  await expectSoon(() => readLabel(page)).toMatch(label);
}
