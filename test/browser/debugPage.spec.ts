import { describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { SECOND_MS } from '../../src/kit/clock.ts';
import { aChunk, symbolNames } from '../support/builders.ts';
import { INGEST_KEY, OPERATOR_KEY } from '../support/testServer.ts';
import { postUniverse } from './support/market.ts';
import { expectSoon, soon } from './support/soon.ts';
import { withEachStage } from './support/stage.ts';

const ALL = symbolNames(343);
const INGEST = '/api/market/open-interest/ingest';

const stage = withEachStage();

/** A sweep as a poller makes it: four chunks, then a word of itself. `lost` symbols could not be asked. */
async function sweep(
  given: { lost?: number; chunks?: number; weight?: number; status429?: number; beats?: boolean } = {},
): Promise<void> {
  const { lost = 0, chunks = 4, weight = 1_060, status429 = 0, beats = true } = given;
  const { server, clock } = stage;
  const polled = ALL.slice(0, ALL.length - lost);
  for (let i = 0; i < chunks; i += 1) {
    const chunk = aChunk(polled.slice(i * 100, (i + 1) * 100), { ts: clock.now() });
    expect((await server.post(INGEST, chunk)).status).toBe(200);
  }
  if (!beats) return;
  const beat = {
    collector: 'oi-poller',
    everySec: 30,
    jobs: [
      {
        name: 'poller',
        state: 'up',
        everySec: 30,
        lastRunAt: clock.now(),
        ok: polled.length,
        failed: lost,
        ...(lost > 0 ? { note: `${ALL.at(-1)}: timeout` } : {}),
      },
    ],
    weight: { used: weight, budget: 2_000, limit: 2_400, status429, status418: 0 },
  };
  expect((await server.post('/api/collectors/heartbeat', beat)).status).toBe(200);
}

async function openDebug(given: { allow?: RegExp[] } = {}) {
  const visit = await stage.visit({ as: 'admin', path: '/debug/open-interest', ...given });
  await visit.page.locator('[data-testid="strip"]').waitFor();
  return visit;
}

const readStrip = async (page: Page): Promise<string[]> =>
  (await page.locator('[data-testid="strip"] li').allInnerTexts()).map((it) =>
    it.replaceAll(/\s+/g, ' ').trim(),
  );

const readTile = async (page: Page, title: string): Promise<string> =>
  (await page.locator('.rates > *', { hasText: title }).innerText()).replaceAll(/\s+/g, ' ');

const readCollector = (page: Page, name: string): Promise<string[]> =>
  page.locator(`tr[data-collector="${name}"] td, tr[data-job="${name}"] td`).allInnerTexts();

function postAll(): Promise<void> {
  return postUniverse(
    stage.server,
    ALL.map((symbol) => ({ symbol, volume24h: 9e6 })),
  );
}

describe('the debug page', () => {
  it('UI29 counts a sweep at every stage, and shows the poller’s report of a failed symbol and a 429', async () => {
    await postAll();
    await sweep();
    const { page } = await openDebug();
    await expectSoon(() => readStrip(page)).toEqual([
      'universe 343',
      'polled 343',
      'posted 343',
      'accepted 343',
      'stored 343',
      'broadcast 343',
      '1 client',
    ]);
    await expectSoon(() => page.title()).toBe('OI: Healthy');

    stage.clock.jump(30 * SECOND_MS);
    await sweep({ lost: 1, weight: 2_112, status429: 1 });
    const bad = aChunk(['SYM0USDT', 'SYM1USDT'], { ts: stage.clock.now() });
    bad.data[1]!['openInterest'] = -1;
    await stage.server.post(INGEST, bad);
    await stage.server.post(INGEST, { data: [] });
    await stage.server.post(INGEST, bad, { 'X-API-Key': 'oi_stranger_0123456789' });
    await soon(
      () => readStrip(page),
      (it) => expect(it[1]).toBe('polled 342 of 343 1 missing'),
    );
    const weight = await readTile(page, 'Weight used');
    expect(weight).toContain('2,112 / 2,400 88% of limit');
    expect(weight).toContain('106% of budget 2,000');
    expect(weight).toContain('429: 1 · 418: 0');
    const collector = await readCollector(page, 'oi-poller');
    expect(collector.slice(0, 2)).toEqual(['oi-poller', 'Up']);
    expect(collector.at(-1)).toContain('1 failed');
    expect((await readCollector(page, 'poller')).at(-1)).toBe('342/343 ok · SYM342USDT: timeout');

    await expectSoon(() => readTile(page, 'Errors')).toContain('2 of 11 requests');
    await page.locator('.panel-requests').getByRole('link', { name: '2 errors' }).click();
    const reasons = await page.locator('.requests-table [data-name="reason"]').allInnerTexts();
    expect(reasons.toSorted()).toEqual(['invalid_payload', 'key_unknown']);
    await page.getByRole('button', { name: /^Show all/ }).click();
    await page.getByRole('button', { name: /refused items/ }).click();
    expect(await page.locator('.refusals').innerText()).toContain('data[1] SYM1USDT open_interest_invalid');
    const html = await page.content();
    for (const secret of [INGEST_KEY, OPERATOR_KEY, 'oi_stranger_0123456789'])
      expect(html).not.toContain(secret);
  });

  it('UI29 shows the last 50 requests, and lost chunks at the stage that lost them', async () => {
    await postAll();
    for (let i = 0; i < 13; i += 1) await sweep();
    stage.clock.jump(70 * SECOND_MS);
    await sweep({ chunks: 1 });
    const { page } = await openDebug();
    await soon(
      () => readStrip(page),
      (it) =>
        expect(it.slice(0, 4).map((text) => text.replace(/\d\d:\d\d:\d\d/, 'then'))).toEqual([
          'universe 343',
          'polled 343',
          'posted 100 of 343 243 missing since then',
          'accepted 100',
        ]),
    );
    expect(await page.locator('tr[data-request]').count()).toBe(50);
    await page
      .locator('[data-testid="strip"]')
      .getByRole('link', { name: /^posted/ })
      .click();
    await expectSoon(() => new URL(page.url()).searchParams.get('universe')).toBe('missing-posted');
    await page.getByRole('region', { name: '243 symbols of the liquid universe' }).waitFor();
  });

  it('UI29 distinguishes a slow poller from one that is down, and counts its missed heartbeats', async () => {
    await postAll();
    await sweep();
    const { page } = await openDebug();
    expect((await readCollector(page, 'oi-poller'))[1]).toBe('Up');
    for (const [jumpSec, word] of [
      [70, 'Slow'],
      [100, 'Down'],
    ] as const) {
      stage.clock.jump(jumpSec * SECOND_MS);
      await sweep({ beats: false });
      await soon(
        () => readCollector(page, 'oi-poller'),
        (it) => expect(it[1]).toBe(word),
      );
      await page.locator('.panel-collectors').getByRole('link', { name: '1 with problems' }).waitFor();
    }
    const beats = await page.locator('tr[data-collector="oi-poller"] svg.beats').getAttribute('aria-label');
    expect(beats).toMatch(/^1 of \d+ ok, \d+ missed$/);
  });

  it('UI29 keeps its last report and marks unknown values while the server is down, and recovers by itself', async () => {
    await postAll();
    await sweep();
    const { page } = await openDebug({
      allow: [/ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|WebSocket/],
    });
    const health = page.locator('[data-testid="health"]');
    await stage.restart(async () => {
      await expectSoon(() => health.innerText()).toMatch(
        /^Unknown: cannot reach the server \(no connection\), last answer \d\d:\d\d:\d\d$/,
      );
      expect(await page.title()).toBe('OI: Unknown');
      expect((await readStrip(page))[0]).toBe('universe 343');
      expect(await page.locator('[data-testid="socket-pill"]').innerText()).toBe('Socket down');
    });
    await soon(
      () => page.title(),
      (it) => expect(it).not.toBe('OI: Unknown'),
    );
    await expectSoon(() => page.locator('[data-testid="socket-pill"]').innerText()).toBe('Live socket');
  });
});
