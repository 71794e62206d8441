import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import type { UpdateFrame } from '../../src/openInterest/board/frames.types.ts';
import { readBoard } from '../support/openInterestCalls.ts';
import { readBanners, readPill, readSeq, readUsd, untilState } from './support/pageProbe.ts';
import { expectSoon, soon } from './support/soon.ts';
import { withStage, type Visit } from './support/stage.ts';
import { SYMBOLS, postSweep, postUniverse } from './support/sweep.ts';
import { interceptWire, type Wire } from './support/wire.ts';

const stage = withStage();

beforeAll(() => postUniverse(stage.server, SYMBOLS));

async function visitLive(): Promise<Visit & { wire: Wire }> {
  await postSweep(stage.server, stage.clock.now());
  let wire: Wire | undefined;
  const visit = await stage.visit({
    prepare: async (page) => {
      wire = await interceptWire(page);
    },
  });
  await untilState(visit.page, 'live');
  return { ...visit, wire: wire! };
}

/** One window that says of BTC what it is worth, and of others the same. */
async function postBtc(openInterestUsd: number, others: readonly string[] = []): Promise<void> {
  const { seq } = await readBoard(stage.server);
  await postSweep(stage.server, stage.clock.now(), ['BTCUSDT', ...others], { openInterestUsd });
  await expectSoon(async () => (await readBoard(stage.server)).seq).toBeGreaterThan(seq);
}

function readBtc(page: Page): Promise<string> {
  return readUsd(page, 'BTCUSDT');
}

async function expectServersSeq(page: Page): Promise<void> {
  await soon(
    async () => [await readSeq(page), (await readBoard(stage.server)).seq],
    ([page, server]) => expect(page).toBe(server),
  );
}

const isUpdate = ({ name }: { name: string }): boolean => name === 'open-interest-frame';

describe('an update that is lost', () => {
  it('UI10 is noticed with the next one, shown, and repaired by one sync', async () => {
    const { page, wire, traffic } = await visitLive();
    // One update is lost, and the answer takes long enough to be spoken of.
    wire.decide = (frame) => {
      if (isUpdate(frame) && wire.dropped.length === 0) return 'drop';
      return frame.name === 'ack' ? 'hold' : 'pass';
    };
    await postBtc(1_010_000_000);
    await expectSoon(() => wire.dropped.length).toBe(1);
    await postBtc(1_020_000_000);
    await untilState(page, 'resync');
    expect(await readPill(page)).toBe('Resyncing');
    expect(await readBanners(page)).toEqual(['Missed 2 updates. Reloading the table…']);
    expect(await readBtc(page)).toBe('$8.45B');

    wire.release();
    await untilState(page, 'live');
    await expectSoon(() => readBtc(page)).toBe('$1.02B');
    await expectServersSeq(page);
    expect(traffic.sent('open-interest-sync')).toHaveLength(1);
    expect(traffic.boardRequests()).toHaveLength(1);
  });
});

describe('updates that come twice or out of order', () => {
  it('UI11 never replace a newer figure', async () => {
    const { page, wire, traffic } = await visitLive();
    const shown = await recordBtc(page);
    await postBtc(9_010_000_000);
    await expectSoon(() => readBtc(page)).toBe('$9.01B');
    const repeated = (traffic.received('open-interest-frame') as UpdateFrame[]).at(-1)!;

    wire.decide = (frame) => (isUpdate(frame) ? 'hold' : 'pass');
    await postBtc(9_020_000_000, ['ETHUSDT']);
    await postBtc(9_030_000_000);
    wire.decide = () => 'pass';
    wire.release('reversed');
    wire.tell(`42${JSON.stringify(['open-interest-frame', repeated])}`);
    await expectServersSeq(page);
    // The second is told by the one that was overtaken, and by no other.
    await expectSoon(async () => [await readBtc(page), await readUsd(page, 'ETHUSDT')]).toEqual([
      '$9.03B',
      '$9.02B',
    ]);
    wire.tell(`42${JSON.stringify(['open-interest-frame', repeated])}`);
    await postBtc(9_040_000_000);
    await expectSoon(() => readBtc(page)).toBe('$9.04B');
    const figures = await shown();
    expect(figures.length).toBeGreaterThan(2);
    expect(figures).toEqual(figures.toSorted());
    expect(traffic.sockets()).toBe(1);
  });
});

describe('a server that refuses the board', () => {
  it('UI13 is reported after three refusals, the rows stay, and a button tries again', async () => {
    const { page, wire, traffic } = await visitLive();
    wire.decide = (frame) => {
      if (isUpdate(frame)) return 'drop';
      if (frame.name !== 'open-interest-sync') return 'pass';
      wire.refuse(frame, { code: 'unavailable', message: 'the store is away' });
      return 'drop';
    };
    await postBtc(3_010_000_000);
    await untilState(page, 'cant-sync');
    expect(await readPill(page)).toBe('Can’t sync');
    expect((await readBanners(page))[0]).toMatch(
      /^The table could not be reloaded \(the store is away\)\. Showing data from \d\d:\d\d:\d\d\. Try again$/,
    );
    expect(await readBtc(page)).toBe('$8.45B');
    expect(await page.locator('tr[data-symbol]').count()).toBeGreaterThan(10);

    // By now the next try is seconds away.
    await expectSoon(() => wire.dropped.filter((it) => it.name === 'open-interest-sync').length).toBe(5);
    wire.decide = () => 'pass';
    const asked = traffic.sent('open-interest-sync').length;
    await page.getByRole('button', { name: 'Try again' }).click();
    // At once, not when the next try would be due: after ten seconds, give or take half of it.
    await soon(
      () => traffic.sent('open-interest-sync').length,
      (it) => expect(it).toBe(asked + 1),
      { timeoutMs: 4_000 },
    );
    await untilState(page, 'live');
    await expectSoon(() => readBtc(page)).toBe('$3.01B');
    await expectServersSeq(page);
  });
});

/** What the table said of BTC from now on, in order. */
async function recordBtc(page: Page): Promise<() => Promise<string[]>> {
  const figures = await page.evaluateHandle(() => {
    const seen: string[] = [];
    new MutationObserver(() => {
      const cell = document.querySelector<HTMLElement>('tr[data-symbol="BTCUSDT"] [data-column="usd"]');
      if (cell && seen.at(-1) !== cell.innerText) seen.push(cell.innerText);
    }).observe(document.querySelector('#table')!, { subtree: true, childList: true, characterData: true });
    return seen;
  });
  return () => figures.jsonValue();
}
