import { beforeAll, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { formatUsd } from '../../src/kit/format.shared.ts';
import { SECOND_MS } from '../../src/kit/clock.ts';
import { startSlowLine } from '../support/slowLine.ts';
import { withOpened } from '../support/withOpened.ts';
import { itemOf, listMany, postItems, postMarket } from './support/market.ts';
import { expectSoon } from './support/soon.ts';
import { withStage } from './support/stage.ts';

const KBIT = 1_000 / 8;
const SYMBOLS = 600;
/** Each second a twelfth of the symbols changes, as a collector spreads its polls. */
const SWEEP_SECONDS = 12;

const MARKET = listMany(SYMBOLS);

const stage = withStage();
const line = withOpened(
  () => startSlowLine(stage.server.port, { bytesPerSecond: 400 * KBIT, latencyMs: 150 }),
  'close',
);
beforeAll(() => postMarket(stage.server, stage.clock, MARKET));

type Watched = typeof globalThis & { states: string[] };

/** Notes every state that the page shows, from now on. */
async function watchStates(page: Page): Promise<() => Promise<string[]>> {
  await page.evaluate(() => {
    const root = document.documentElement;
    const states = [root.dataset['state'] ?? ''];
    (window as unknown as Watched).states = states;
    new MutationObserver(() => states.push(root.dataset['state'] ?? '')).observe(root, {
      attributeFilter: ['data-state'],
    });
  });
  return () => page.evaluate(() => (window as unknown as Watched).states);
}

it('UI45 a board of 600 symbols stays live on a line of 400 kbit/s with 300 ms there and back', async () => {
  const openedAt = performance.now();
  const { page, traffic } = await stage.visit({ origin: `http://127.0.0.1:${line.port}` });
  await page.locator('html[data-state="live"]').waitFor();
  await page.locator('tr[data-symbol="SYM0USDT"]').waitFor();
  process.stdout.write(
    `      live after ${Math.round(performance.now() - openedAt)} ms and ${line.received()} bytes\n`,
  );

  const readStates = await watchStates(page);
  const startAt = stage.clock.now();
  for (let second = 0; second < SWEEP_SECONDS; second += 1) {
    const ts = startAt + second * SECOND_MS;
    const changed = MARKET.filter((_, i) => i % SWEEP_SECONDS === second);
    await postItems(
      stage.server,
      changed.map((it) => itemOf(it, ts, { openInterest: it.openInterest + 7e6 })),
    );
    await page.waitForTimeout(SECOND_MS);
  }
  await expectSoon(async () => [await readUsd(page, 'SYM0USDT'), await readUsd(page, 'SYM11USDT')]).toEqual([
    formatUsd(1.007e9),
    formatUsd(0.996e9),
  ]);
  expect(new Set(await readStates())).toEqual(new Set(['live']));
  expect(traffic.sent('open-interest-sync')).toHaveLength(0);
});

const readUsd = (page: Page, symbol: string): Promise<string> =>
  page.locator(`tr[data-symbol="${symbol}"] [data-column="usd"]`).innerText();
