import { beforeAll, describe, expect, it } from '@jest/globals';
import { SECOND_MS } from '../../src/kit/clock.ts';
import type { UpdateFrame } from '../../src/openInterest/board/frames.types.ts';
import { readBoard } from '../support/openInterestCalls.ts';
import { waitFor } from '../support/waitFor.ts';
import { readSeq, untilLabel, untilState } from './support/pageProbe.ts';
import { expectSoon, soon } from './support/soon.ts';
import { withStage } from './support/stage.ts';
import { SYMBOLS, postSweep, postUniverse } from './support/sweep.ts';
import type { Traffic } from './support/traffic.ts';
import { readWholeTable } from './support/wholeTable.ts';

// The defaults: a window in which chunks become one message.
const stage = withStage({ env: { OI_BROADCAST_DEBOUNCE_MS: '250', OI_BROADCAST_MAX_WAIT_MS: '1000' } });
beforeAll(() => postUniverse(stage.server, SYMBOLS));

function untilHello(traffic: Traffic): Promise<{ seq: number }> {
  return waitFor('hello', () => traffic.received('open-interest-hello')[0] as { seq: number });
}

describe('a sweep of four chunks', () => {
  it('UI01 is complete in the table, each symbol with its own figure', async () => {
    const { page } = await stage.visit();
    await untilState(page, 'waiting');
    await postSweep(stage.server, stage.clock.now());
    await untilLabel(page, /^OI updated (?:<1|\d+)s ago · 343\/343 live$/);
    const table = await readWholeTable(page);
    expect(table.get('BTCUSDT')).toMatchObject({ usd: '$8.45B', oi: '90.76K', mark: '$93,041.35' });
    expect(table.get('ETHUSDT')?.['usd']).toBe('$5.98B');
    expect(table.get('SOLUSDT')?.['usd']).toBe('$1.14B');
    expect([...table.keys()].toSorted()).toEqual([...SYMBOLS].toSorted());
    expect([...table.values()].flatMap((cells) => Object.values(cells))).not.toContain('$0.00');
  });

  it('UI03 arrives as one or a few messages, never one a symbol, over one socket', async () => {
    const { page, traffic } = await stage.visit();
    await untilState(page, 'live');
    // The first paint makes the page live, maybe before the socket is open.
    const hello = await untilHello(traffic);
    await postSweep(stage.server, stage.clock.now());
    const readUpdates = () => traffic.received('open-interest-frame') as UpdateFrame[];
    const updates = await soon(readUpdates, (it) =>
      expect(it.reduce((sum, { ids }) => sum + ids.length, 0)).toBe(SYMBOLS.length),
    );
    expect(updates.length).toBeLessThanOrEqual(4);
    expect(updates.map((it) => it.seq)).toEqual(updates.map((_, i) => hello.seq + 1 + i));
    expect(updates.map((it) => it.from)).toEqual(updates.map((_, i) => hello.seq + i));
    expect(traffic.sockets()).toBe(1);
  });
});

describe('the age of the data', () => {
  it('UI02 follows the server’s clock, restarts with new data, and ignores the clock of the computer', async () => {
    await postSweep(stage.server, stage.clock.now());
    const { page, traffic } = await stage.visit();
    await untilLabel(page, /^OI updated 1?\ds ago/);
    // What comes before the socket is open has to be asked for; from here on nothing has.
    await untilHello(traffic);
    await soon(
      async () => [await readSeq(page), (await readBoard(stage.server)).seq],
      ([shown, held]) => expect(shown).toBe(held),
    );
    const asked = traffic.sent('open-interest-sync').length;
    stage.clock.jump(29 * SECOND_MS);
    await untilLabel(page, /^OI updated (29|3\d|4[0-5])s ago · 343\/343 live$/);

    await postSweep(stage.server, stage.clock.now());
    await untilLabel(page, /^OI updated 1?\ds ago/);
    // The first paint asked for the board, and nobody since.
    expect(traffic.boardRequests()).toHaveLength(1);
    expect(traffic.sent('open-interest-sync')).toHaveLength(asked);

    await page.clock.setSystemTime(Date.now() + 600_000);
    // Until the next pulse, ten minutes are missing between the two clocks.
    const pulses = traffic.received('open-interest-pulse').length;
    expect(await page.evaluate(() => Date.now())).toBeGreaterThan(Date.now() + 590_000);
    await expectSoon(() => traffic.received('open-interest-pulse').length).toBeGreaterThan(pulses);
    await untilLabel(page, /^OI updated (?:<1|\d+)s ago · 343\/343 live$/);
  });
});
