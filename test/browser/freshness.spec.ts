import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { MINUTE_MS, SECOND_MS } from '../../src/kit/clock.ts';
import { readBanners, readPill, untilLabel, untilState } from './support/pageProbe.ts';
import { expectSoon } from './support/soon.ts';
import { withEachStage } from './support/stage.ts';
import { SYMBOLS, postSweep, postUniverse } from './support/sweep.ts';
import { readWholeTable } from './support/wholeTable.ts';

const stage = withEachStage();
beforeEach(() => postUniverse(stage.server, SYMBOLS));

function rowCount(page: Page): Promise<number> {
  return page
    .locator('table[role="grid"]')
    .getAttribute('aria-rowcount')
    .then((it) => Number(it) - 1);
}

describe('a poller that posts one chunk of four', () => {
  it('UI04 the page does not look live: it counts the stale symbols and shows them', async () => {
    const { page } = await stage.visit();
    await postSweep(stage.server, stage.clock.now());
    await untilState(page, 'live');
    expect(await readBanners(page)).toEqual([]);

    stage.clock.jump(3 * MINUTE_MS);
    await postSweep(stage.server, stage.clock.now(), SYMBOLS.slice(300));
    await untilState(page, 'partial');
    await untilLabel(page, /^OI updated (?:<1|\d+)s ago · 43\/343 live$/);
    expect(await readPill(page)).toBe('Partly live');
    expect(await readBanners(page)).toEqual(['300 of 343 symbols have stopped updating. Show them']);

    await page.getByRole('button', { name: 'Show them' }).click();
    await expectSoon(() => rowCount(page)).toBe(300);
    expect([...(await readWholeTable(page)).keys()].toSorted()).toEqual(SYMBOLS.slice(0, 300).toSorted());
  });

  it('UI04 the page names symbols without any sample', async () => {
    await postSweep(stage.server, stage.clock.now(), SYMBOLS.slice(300));
    const { page } = await stage.visit();
    await untilState(page, 'partial');
    expect(await readBanners(page)).toEqual(['300 of 343 symbols have never been sampled. Show them']);
    await page.getByRole('button', { name: 'Show them' }).click();
    await expectSoon(() => rowCount(page)).toBe(300);
    const never = page.locator('tr[data-symbol="BTCUSDT"]');
    expect(await never.locator('[data-column="usd"]').innerText()).toBe('—');
    expect(await never.locator('[data-column="age"]').textContent()).toContain('No sample yet');
  });
});

describe('a symbol without new samples', () => {
  it('UI05 becomes stale without an update, in colour, icon and text, and is left out of every total', async () => {
    const stoppedAt = stage.clock.now();
    await postSweep(stage.server, stoppedAt);
    const { page } = await stage.visit();
    await untilState(page, 'live');
    stage.clock.jump(3 * MINUTE_MS);
    await postSweep(stage.server, stage.clock.now(), ['ETHUSDT']);
    await untilLabel(page, /^OI updated (?:<1|\d+)s ago · 1\/343 live$/);

    const fresh = page.locator('tr[data-symbol="ETHUSDT"]');
    expect(await fresh.getAttribute('class')).toContain('is-live');
    expect(await fresh.locator('[data-column="age"]').innerText()).toMatch(/^(?:<1|\d+)s$/);
    expect(await fresh.locator('[data-column="age"] svg').count()).toBe(0);

    const stale = page.locator('tr[data-symbol="BTCUSDT"]');
    expect(await stale.getAttribute('class')).toContain('is-stale');
    expect(await stale.locator('[data-column="age"] svg').count()).toBe(1);
    const lastSample = /^3m. Stale: last sample (\d\d:\d\d:\d\d) UTC$/.exec(
      (await page.getByRole('row', { name: 'BTCUSDT' }).getByText('Stale').textContent()) ?? '',
    );
    expect(lastSample?.[1]).toBe(new Date(stoppedAt).toISOString().slice(11, 19));
    // Muted, but there: what was last known is worth more than nothing.
    expect(await stale.locator('[data-column="usd"]').innerText()).toBe('$8.45B');
    const colourOf = (row: typeof stale): Promise<string> =>
      row.locator('[data-column="usd"]').evaluate((it) => getComputedStyle(it).color);
    expect(await colourOf(stale)).not.toBe(await colourOf(fresh));

    const total = page.getByRole('button', { name: 'Total open interest' });
    expect(await total.innerText()).toContain('$5.98B');
    expect(await total.innerText()).toContain('1 of 343 symbols');
  });

  it('UI05 is late before it is stale', async () => {
    await postSweep(stage.server, stage.clock.now());
    const { page } = await stage.visit();
    await untilState(page, 'live');
    stage.clock.jump(65 * SECOND_MS);
    await untilState(page, 'late');
    expect(await readPill(page)).toBe('Late');
    expect((await readBanners(page))[0]).toMatch(
      /^No new OI for 1m \d\ds\. Data normally arrives every \d+s\.$/,
    );
    expect(await page.locator('tr[data-symbol="BTCUSDT"] [data-column="age"]').textContent()).toMatch(
      /^1m1m\. Late: expected every \d+s$/,
    );
  });
});

describe('a sample without a mark price', () => {
  it('UI06 shows contracts and no USD, with the reason, and is last in both orders of USD', async () => {
    await postSweep(stage.server, stage.clock.now());
    // The largest by far, if unknown counted as anything.
    await postSweep(stage.server, stage.clock.now() + 1, ['SYM0USDT'], {
      openInterest: 999_990_000_000,
      openInterestUsd: undefined,
      markPrice: undefined,
    });
    const { page } = await stage.visit();
    await untilState(page, 'live');
    await expectSoon(async () => [...(await readWholeTable(page)).keys()].at(-1)).toBe('SYM0USDT');
    const cells = (await readWholeTable(page)).get('SYM0USDT');
    expect(cells).toMatchObject({ usd: '—', mark: '—', oi: '999.99B', ratio: '—' });

    const head = page.locator('th[data-column="usd"]');
    expect(await head.getAttribute('aria-sort')).toBe('descending');
    await head.getByRole('button').click();
    expect(await head.getAttribute('aria-sort')).toBe('ascending');
    await expectSoon(async () => [...(await readWholeTable(page)).keys()].at(-1)).toBe('SYM0USDT');

    await page.getByRole('searchbox', { name: 'Filter symbols' }).fill('SYM0');
    const cell = page.locator('tr[data-symbol="SYM0USDT"] [data-column="usd"]');
    expect(await cell.getByTitle('No mark price').innerText()).toBe('—');
  });
});
