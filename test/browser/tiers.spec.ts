import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { MINUTE_MS, SECOND_MS } from '../../src/kit/clock.ts';
import { readBoard } from '../support/openInterestCalls.ts';
import { itemOf, postItems, postMarket, type Listed } from './support/market.ts';
import { untilState } from './support/pageProbe.ts';
import { postAlert } from './support/alertCalls.ts';
import { expectSoon, soon } from './support/soon.ts';
import { nextMark, withStage, type Stage, type Visit } from './support/stage.ts';

const FIVE_MINUTES_MS = 5 * MINUTE_MS;
const SYMBOLS = 60;

/** Contracts before the mark and after it. No other number of eight digits begins like these, nor like twice these. */
const FROZEN = 61_803_398;
const NEWER = 27_182_818;

/** The one with the most volume has the least open interest. */
const MARKET: readonly Listed[] = Array.from({ length: SYMBOLS }, (_, i) => ({
  symbol: `SYM${i}USDT`,
  openInterest: FROZEN + i,
  markPrice: 2,
  volume24h: 9e9 - i * 1e6,
  fundingRate: 0.0001,
  d5: 1,
  d15: 2,
  d60: 3,
  d1440: 4,
  price60: 5,
}));

const mark = nextMark();
const stage = withStage({ startAt: mark - 20 * SECOND_MS });

/** A market before a 5-minute mark, the mark, and a minute later newer values and an alert. */
beforeAll(async () => {
  await postMarket(stage.server, stage.clock, MARKET);
  stage.clock.jumpTo(mark + SECOND_MS);
  await soon(
    () => readBoard(stage.server, 'free'),
    (board) => expect(board.rows).toHaveLength(50),
  );
  stage.clock.jump(MINUTE_MS);
  await postNewer(0);
});

async function postNewer(by: number): Promise<void> {
  const now = stage.clock.now();
  await postItems(
    stage.server,
    MARKET.map((it, i) => itemOf(it, now, { openInterest: NEWER + by + i })),
  );
}

type Heard = { texts: string[] };

/** Every body and every frame that reaches the page, as it came. */
function listen(page: Page): Heard {
  const heard: Heard = { texts: [] };
  page.on('response', (response) => {
    if (new URL(response.url()).pathname.startsWith('/api/'))
      void response.text().then(
        (text) => heard.texts.push(text),
        () => undefined,
      );
  });
  page.on('websocket', (socket) =>
    socket.on('framereceived', ({ payload }) => heard.texts.push(String(payload))),
  );
  return heard;
}

async function openAsFree(given: Parameters<Stage['visit']>[0] = {}): Promise<Visit & { heard: Heard }> {
  let heard: Heard = { texts: [] };
  const visit = await stage.visit({
    as: 'free',
    ...given,
    prepare: async (page) => {
      heard = listen(page);
    },
  });
  await untilState(visit.page, 'snapshot');
  return { ...visit, heard };
}

describe('a Free user', () => {
  it('UI27 sees the top 50 of the last snapshot and the time of the next one', async () => {
    const { page } = await openAsFree();
    expect(await page.locator('.pill').innerText()).toBe('5-min snapshots');
    const at = new Date(mark).toISOString().slice(11, 16);
    expect(await page.locator('.freshness').innerText()).toMatch(
      new RegExp(`^Snapshot from ${at} · next in 3m \\d\\ds$`),
    );
    expect(await page.getByRole('grid').getAttribute('aria-rowcount')).toBe('51');
    expect(await page.locator('.toolbar-status').innerText()).toMatch(/^50 symbols/);
    expect(await page.locator('tr[data-symbol="SYM49USDT"] [data-column="usd"]').innerText()).toBe(
      '$123.61M',
    );
    expect(await page.locator('tr[data-symbol="SYM50USDT"]').count()).toBe(0);

    stage.clock.jump(MINUTE_MS);
    await expectSoon(() => page.locator('.freshness').innerText()).toContain('next in 2m');
  });

  it('UI27 gets no changes, no chart, no alerts and nothing newer, whatever the page requests', async () => {
    const { page, heard } = await openAsFree({ path: '/?s=SYM0USDT&range=1h&cols=d5,d60,spark&sort=-d60' });
    await page.locator('section.drawer').waitFor();
    const pro = await stage.visit({ path: '/?q=sym0' });
    await postNewer(100);
    await postAlert(stage, { symbol: 'SYM1USDT', pctChange: 0.0777 });
    // Who pays has it on the screen; then a pulse, which overtakes nothing.
    await pro.page.locator('article.alert', { hasText: '+7.77%' }).waitFor();
    await expectSoon(() =>
      pro.page.locator('tr[data-symbol="SYM0USDT"] [data-column="oi"] span').getAttribute('title'),
    ).toBe('27,182,918 SYM0');
    const pulses = countPulses(heard);
    stage.clock.jump(6 * SECOND_MS);
    await expectSoon(() => countPulses(heard)).toBeGreaterThan(pulses);
    // A body is read only after it was shown.
    const all = await expectSoon(() => heard.texts.join('\n')).toContain(
      `"symbol":"SYM0USDT","openInterest":${FROZEN},`,
    );
    expect(all).not.toMatch(/\b27182[89]\d\d\b|\b5436[56]\d{3}\b/);
    expect(all).not.toContain('0.0777');
    expect(all).not.toContain('open-interest-alert');
    expect(all).not.toContain('spark":"');
    for (const [, list] of all.matchAll(/"(?:d|dUsd|p)":\[([^\]]*)\]/g))
      expect(list).toMatch(/^null(,null)+$/);
    expect(all.match(/"d":\[/g)!.length).toBeGreaterThan(49);
    expect(all).not.toMatch(/"oi":\[/);
    const shown = await page.locator('body').innerText();
    // The funding rate, with four digits, is no change.
    expect(shown).not.toMatch(/[+−]\d+\.\d\d%/);
    expect(await page.locator('canvas').count()).toBe(0);
    expect(await page.locator('.chart-locked').innerText()).toContain('part of Pro');

    stage.clock.jumpTo(mark + FIVE_MINUTES_MS + SECOND_MS);
    await expectSoon(() => page.locator('section.drawer').innerText()).toContain('27,182,918 SYM0');
  });

  it('UI27 never sees the word live for a snapshot, neither at a symbol nor while updates are paused', async () => {
    const { page } = await openAsFree({ path: '/?s=SYM0USDT' });
    const drawer = page.locator('section.drawer');
    await drawer.waitFor();
    expect(await drawer.locator('.state-word').innerText()).toMatch(/^5-min snapshot · \d+[sm] ago$/);
    expect(await page.locator('.tiles').innerText()).toContain('Symbols on time\n50 / 50');
    await page.getByRole('button', { name: 'Close details' }).click();
    await page.getByRole('button', { name: 'Pause updates' }).click();
    await untilState(page, 'paused');
    expect(await page.locator('.freshness').innerText()).toMatch(/^Snapshot from /);
    expect(await page.title()).toMatch(/^Snapshot from /);
    // What is left of the word is what Pro has.
    const shown = (await page.locator('body').innerText()).replace('Live open interest is part of Pro.', '');
    expect(shown).not.toMatch(/\blive\b/i);
  });

  it('UI27 opens the list of what Pro adds by keyboard, and the focus returns', async () => {
    const { page } = await openAsFree();
    for (const name of ['Δ 1h', 'Export CSV', 'See what Pro adds']) {
      const opener = page.getByRole('button', { name }).first();
      await opener.focus();
      await page.keyboard.press('Enter');
      const dialog = page.getByRole('dialog', { name: 'Part of Pro' });
      await dialog.waitFor();
      expect(await dialog.innerText()).toContain('alerts when open interest jumps or drops');
      expect(await dialog.innerText()).toContain('Elite adds 90 more alert rules: 100 in all.');
      await page.keyboard.press('Escape');
      await dialog.waitFor({ state: 'detached' });
      expect(await opener.evaluate((it) => it === document.activeElement)).toBe(true);
    }
    expect(await page.locator('[aria-label="Locked: part of Pro"]').count()).toBe(1);
  });
});

describe('a guest', () => {
  it('UI37 sees the 5-minute board, signs in beside it, and returns to it from the sign-in page', async () => {
    const { page, traffic } = await openAsFree({ as: null, path: '/?q=sym4' });
    expect(await page.locator('.pill').innerText()).toBe('5-min snapshots');
    await page.locator('tr[data-symbol="SYM4USDT"]').waitFor();
    expect(await page.getByRole('region', { name: 'Summary' }).innerText()).toContain(
      'Symbols on time\n50 / 50',
    );
    expect(await page.getByText('Sign out').count()).toBe(0);

    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    expect(traffic.requests.filter((it) => / 40\d$/.test(it))).toEqual([]);
    expect(new URL(page.url()).searchParams.get('next')).toBe('/?q=sym4');
    await page.getByRole('button', { name: 'See the 5-minute board without signing in' }).click();
    await untilState(page, 'snapshot');
    await page.locator('tr[data-symbol="SYM4USDT"]').waitFor();
  });
});

function countPulses(heard: Heard): number {
  return heard.texts.filter((it) => it.includes('open-interest-pulse')).length;
}
