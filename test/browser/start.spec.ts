import { describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { MINUTE_MS } from '../../src/kit/clock.ts';
import { readBanners, readPill, untilLabel, untilState } from './support/pageProbe.ts';
import { expectSoon } from './support/soon.ts';
import { withEachStage } from './support/stage.ts';
import { SYMBOLS, postSweep, postUniverse } from './support/sweep.ts';
import { interceptWire } from './support/wire.ts';
import { readWholeTable } from './support/wholeTable.ts';

const stage = withEachStage();

function body(page: Page): Promise<string> {
  return page.locator('body').innerText();
}

describe('a page that is loaded again', () => {
  it('UI12 gets 304 for an unchanged board, and shows it', async () => {
    await postUniverse(stage.server, SYMBOLS);
    await postSweep(stage.server, stage.clock.now());
    const { page } = await stage.visit();
    await untilState(page, 'live');
    const table = await readWholeTable(page);
    const statuses = await watchStatuses(page, '/api/market/open-interest/board');
    await page.reload();
    await untilState(page, 'live');
    await expectSoon(statuses).toEqual([304]);
    expect([...(await readWholeTable(page)).keys()]).toEqual([...table.keys()]);
  });
});

describe('a page that cannot read the board', () => {
  it('UI14 shows an error instead of loading for ever, and shows the board as soon as it is available', async () => {
    let answer: 'none' | 'refusal' | 'board' = 'none';
    let refuseHeld = (): void => undefined;
    await postUniverse(stage.server, SYMBOLS);
    await postSweep(stage.server, stage.clock.now());
    const { page } = await stage.visit({
      allow: [/status of 500/],
      async prepare(page) {
        await page.route('**/api/market/open-interest/board', (route) => route.fulfill({ status: 500 }));
        const wire = await interceptWire(page);
        wire.decide = (frame) => {
          if (frame.name === 'open-interest-frame') return 'drop';
          if (frame.name !== 'open-interest-sync' || answer === 'board') return 'pass';
          refuseHeld = () => wire.refuse(frame, { code: 'unavailable', message: 'the store is away' });
          if (answer === 'refusal') refuseHeld();
          return 'drop';
        };
      },
    });
    await untilState(page, 'loading');
    expect(await readPill(page)).toBe('Connecting');
    expect(await page.getByRole('status').allInnerTexts()).toContain('Loading open interest…');
    answer = 'refusal';
    refuseHeld();
    await untilState(page, 'cant-sync');
    expect(await page.getByRole('alert').innerText()).toBe(
      'The table could not be loaded (the store is away). Try again',
    );
    expect(await body(page)).not.toContain('Loading open interest');
    answer = 'board';
    await page.getByRole('alert').getByRole('button', { name: 'Try again' }).click();
    await untilLabel(page, /343\/343 live$/);
  });

  it('UI14 shows an error if the session cannot be read', async () => {
    let failing = true;
    const { page } = await stage.visit({
      allow: [/status of 500/],
      prepare: (page) =>
        page.route('**/api/session?optional=true', (route) =>
          failing ? route.fulfill({ status: 500 }) : route.continue(),
        ),
    });
    await expectSoon(() => body(page)).toBe('The page could not be loaded.\n\nHTTP 500.\n\nTry again');
    failing = false;
    await page.getByRole('button', { name: 'Try again' }).click();
    await untilState(page, 'empty');
  });
});

describe('a page that loads', () => {
  it('UI47 has the chosen theme from the first paint', async () => {
    const { page } = await stage.visit({
      allow: [/ERR_FAILED/],
      async prepare(page) {
        await page.addInitScript(() => localStorage.setItem('oi.layout.v1', '{"theme":"light"}'));
        await page.route('**/assets/*.js', (route) => route.abort());
      },
    });
    const background = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    expect(background).toBe('rgb(255, 255, 255)');
  });
});

describe('a server without data', () => {
  it('UI15 looks different from a failed one: no symbols yet, and why', async () => {
    const { page } = await stage.visit();
    await untilState(page, 'empty');
    expect(await readPill(page)).toBe('Live');
    await expectSoon(() => page.locator('.board-empty').innerText()).toBe(
      'No symbols yet. The liquid universe is empty: no USDT perpetual has passed the $4.00M volume ' +
        'threshold, or the universe job has not run.',
    );
  });

  it('UI15 looks different from one that has symbols without samples', async () => {
    await postUniverse(stage.server, SYMBOLS);
    stage.clock.jump(2 * MINUTE_MS);
    const { page } = await stage.visit();
    await untilState(page, 'waiting');
    expect(await readPill(page)).toBe('Waiting');
    await expectSoon(async () => (await readBanners(page)).join()).toMatch(
      /^No open interest has been received since the server started \(2m \d\ds\)\.$/,
    );
    // Not zeros: nothing is known.
    expect(await page.locator('tr[data-symbol="BTCUSDT"] [data-column="usd"]').innerText()).toBe('—');
    await postSweep(stage.server, stage.clock.now());
    await untilState(page, 'live');
    expect(await readBanners(page)).toEqual([]);
  });
});

/** What the server answered, under what the browser makes of it: of a 304 it tells the page that it was a 200. */
async function watchStatuses(page: Page, path: string): Promise<() => (number | null)[]> {
  const asked = new Set<string>();
  const statuses = new Map<string, number>();
  const wire = await page.context().newCDPSession(page);
  wire.on('Network.requestWillBeSent', ({ requestId, request }) => {
    if (new URL(request.url).pathname === path) asked.add(requestId);
  });
  // It comes from another process than the request, and perhaps before it.
  wire.on('Network.responseReceivedExtraInfo', ({ requestId, statusCode }) => {
    statuses.set(requestId, statusCode);
  });
  await wire.send('Network.enable');
  return () => Array.from(asked, (requestId) => statuses.get(requestId) ?? null);
}
