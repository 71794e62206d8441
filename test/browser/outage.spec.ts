import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { formatUsd } from '../../src/kit/format.shared.ts';
import type { BoardPosition } from '../../src/openInterest/openInterest.types.ts';
import { readRows } from '../support/openInterestCalls.ts';
import { readAlerts, readBanners, readPill, readUsd, untilState } from './support/pageProbe.ts';
import { expectSoon, soon } from './support/soon.ts';
import { withStage, type Visit } from './support/stage.ts';
import { SYMBOLS, postAlert, postSweep, postUniverse } from './support/sweep.ts';
import { interceptWire, type Wire } from './support/wire.ts';
import { readWholeTable } from './support/wholeTable.ts';

const stage = withStage();

beforeAll(() => postUniverse(stage.server, SYMBOLS));

/** What the browser cannot be kept from saying of a line that is down. */
const LINE_IS_DOWN = [/WebSocket connection to/, /net::ERR_/];

/** A page on a fresh sweep, with a line that can be made to fail. */
async function visitLive(): Promise<Visit & { wire: Wire }> {
  await postSweep(stage.server, stage.clock.now());
  let wire: Wire | undefined;
  const visit = await stage.visit({
    allow: LINE_IS_DOWN,
    prepare: async (page) => {
      wire = await interceptWire(page);
    },
  });
  await untilState(visit.page, 'live');
  return { ...visit, wire: wire! };
}

async function expectAlerts(page: Page, ids: readonly string[]): Promise<void> {
  await expectSoon(async () => (await readAlerts(page)).toSorted()).toEqual(ids.toSorted());
}

describe('a network that drops packets', () => {
  it('UI07 is noticed within 20 s, the last data stays, and the board catches up afterwards', async () => {
    const { page, wire } = await visitLive();
    wire.mute();
    const missed = await postAlert(stage.server, 'SUIUSDT', stage.clock.now());
    await postSweep(stage.server, stage.clock.now(), ['BTCUSDT'], { openInterestUsd: 1_230_000_000 });
    await soon(
      () => readPill(page),
      (it) => expect(it).not.toBe('Live'),
    );
    expect(await readUsd(page, 'BTCUSDT')).toBe('$8.45B');
    expect(await readAlerts(page)).not.toContain(missed);

    // The page gives the dead line up and opens another.
    await untilState(page, 'live');
    await expectSoon(() => readUsd(page, 'BTCUSDT')).toBe('$1.23B');
    await expectSoon(() => readAlerts(page)).toContain(missed);
  });

  it('UI07 is noticed if only the data is missing', async () => {
    const { page, wire, traffic } = await visitLive();
    wire.decide = ({ direction }) => (direction === 'received' ? 'drop' : 'pass');
    await postSweep(stage.server, stage.clock.now(), ['BTCUSDT'], { openInterestUsd: 1_340_000_000 });
    await untilState(page, 'silent');
    expect(await readPill(page)).toBe('Not receiving');
    expect((await readBanners(page))[0]).toMatch(
      /^Connected, but nothing has arrived for (?:<1|\d+)s\. Retrying…$/,
    );
    expect(await readUsd(page, 'BTCUSDT')).toBe('$8.45B');

    wire.decide = () => 'pass';
    await expectSoon(() => readUsd(page, 'BTCUSDT')).toBe('$1.34B');
    await untilState(page, 'live');
    expect(traffic.sockets()).toBe(1);
  });

  it('UI07 is shown at once if the browser reports it', async () => {
    const { page, context } = await visitLive();
    const known = await readAlerts(page);
    await page.locator('tr[data-symbol="BTCUSDT"] [data-column="usd"]').click();
    await page.locator('.state-word').waitFor();
    await context.setOffline(true);
    await untilState(page, 'offline');
    expect(await readPill(page)).toBe('Offline');
    // Nothing says live: neither header, tile nor details.
    await page.locator('.state-word').getByText('On time').waitFor();
    expect(await page.locator('body').innerText()).not.toMatch(/\blive\b/i);
    expect((await readBanners(page))[0]).toMatch(/^You are offline\. Showing data from \d\d:\d\d:\d\d\.$/);
    const missed = await postAlert(stage.server, 'AIAUSDT', stage.clock.now());
    await postSweep(stage.server, stage.clock.now(), ['BTCUSDT'], { openInterestUsd: 2_340_000_000 });
    expect(await readUsd(page, 'BTCUSDT')).toBe('$8.45B');

    await context.setOffline(false);
    await untilState(page, 'live');
    await expectSoon(() => readUsd(page, 'BTCUSDT')).toBe('$2.34B');
    await expectAlerts(page, [...known, missed]);
  });
});

describe('a server', () => {
  it('UI08 that disconnects the page is reconnected, and the focus in the table stays', async () => {
    const { page, wire, traffic } = await visitLive();
    await page.locator('tr[data-symbol="SYM5USDT"] [data-column="mark"]').click();
    await page.keyboard.press('Escape');
    await page.locator('tr[data-symbol="SYM5USDT"] [data-column="mark"]').focus();
    const from = await readPlace(page);
    for (let i = 0; i < 100; i += 1) await page.keyboard.press('ArrowDown');
    const place = await soon(
      () => readPlace(page),
      (it) => expect(it.row).toBe(from.row + 100),
    );
    expect(place.scrollTop).toBeGreaterThan(1_000);
    expect(place.focused).toMatch(/^SYM\d+USDT mark$/);

    const states = await recordStates(page);
    wire.kick();
    await soon(
      () => states(),
      (it) => expect(it.slice(0, 2)).toEqual(['reconnecting', 'live']),
    );
    expect(traffic.sockets()).toBe(2);
    expect(await readPlace(page)).toEqual(place);
    await postSweep(stage.server, stage.clock.now(), ['BTCUSDT'], { openInterestUsd: 3_450_000_000 });
    await expectSoon(async () => (await readWholeTable(page)).get('BTCUSDT')?.['usd']).toBe('$3.45B');
  });

  it('UI09 that restarts is followed without a reload: one sync, its board, and no alert twice', async () => {
    const { page, traffic } = await visitLive();
    const missed = await postAlert(stage.server, 'PIPPINUSDT', stage.clock.now());
    await expectSoon(() => readAlerts(page)).toContain(missed);
    const known = await readAlerts(page);
    await stage.restart(async () => {
      await untilState(page, 'reconnecting');
      await expectSoon(async () => (await readBanners(page))[0]).toMatch(
        /^Connection lost\. Showing data from \d\d:\d\d:\d\d\. Retry \d+ in (?:<1|\d+)s\. Retry now$/,
      );
      expect(await page.locator('tr[data-symbol]').count()).toBeGreaterThan(10);
    });
    await untilState(page, 'live');
    await expectSoon(() => traffic.received('ack').length).toBe(1);
    // From here on the page follows the new board.
    await postSweep(stage.server, stage.clock.now(), ['BTCUSDT'], { openInterestUsd: 3_560_000_000 });
    const rows = await readRows(stage.server);
    await soon(
      () => readWholeTable(page),
      (table) => {
        expect(table.size).toBe(rows.size);
        for (const [symbol, cells] of table) {
          expect([symbol, cells['usd']]).toEqual([symbol, formatUsd(rows.get(symbol)!.openInterestUsd)]);
        }
      },
    );
    await expectAlerts(page, known);
    // One that came twice would stand there as two.
    expect(await page.locator(`[data-alert="${missed}"]`).innerText()).not.toContain('alerts)');
    const [before, after] = traffic.received('open-interest-hello') as BoardPosition[];
    expect(after?.epoch).not.toBe(before?.epoch);
    expect(traffic.sent('open-interest-sync')).toMatchObject([{ epoch: before?.epoch }]);
    expect(traffic.boardRequests()).toHaveLength(1);
  });
});

/** Where somebody is: the row and column in focus, and how far the table is scrolled. */
function readPlace(page: Page): Promise<{ row: number; focused: string; scrollTop: number }> {
  return page.evaluate(() => {
    const cell = document.activeElement?.closest<HTMLElement>('[data-column]');
    const row = cell?.closest<HTMLElement>('[data-symbol]');
    return {
      row: Number(row?.getAttribute('aria-rowindex')),
      focused: `${row?.dataset['symbol']} ${cell?.dataset['column']}`,
      scrollTop: document.querySelector('#table')!.scrollTop,
    };
  });
}

/** Every state that the page was in from now on, however briefly. */
async function recordStates(page: Page): Promise<() => Promise<string[]>> {
  const states = await page.evaluateHandle(() => {
    const seen: string[] = [];
    const root = document.documentElement;
    new MutationObserver(() => {
      const state = root.dataset['state'] ?? '';
      if (seen.at(-1) !== state) seen.push(state);
    }).observe(root, { attributeFilter: ['data-state'] });
    return seen;
  });
  return () => states.jsonValue();
}
