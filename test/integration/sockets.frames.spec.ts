import { describe, expect, it } from '@jest/globals';
import { followSocket } from '../../src/client/sync.socket.ts';
import { symbolNames } from '../support/builders.ts';
import { createJumpClock } from '../support/jumpClock.ts';
import { postSweep, settledBoard } from '../support/liveBoard.ts';
import { readBoard, readMetric } from '../support/openInterestCalls.ts';
import type { TestSocket } from '../support/sockets.ts';
import { waitFor } from '../support/waitFor.ts';
import { withSocketServer } from '../support/withServer.ts';

const FIVE_MINUTES_MS = 300_000;

const { server, clock, box } = withSocketServer({
  // Just after a mark, so that no mark is due during the spec.
  clock: createJumpClock(Math.ceil(Date.now() / FIVE_MINUTES_MS) * FIVE_MINUTES_MS + 1_000),
});

/** A socket and the board that the client makes of what it receives. */
function follow(auth: Record<string, unknown>) {
  const it = box.open(server, { auth });
  const sync = followSocket(it.socket, { onChange: () => undefined });
  return { it, board: () => sync.state().board, asks: () => sync.state().asks };
}

function received({ frames }: TestSocket, event: string): number {
  return frames.filter((frame) => frame.startsWith(`2["${event}"`)).length;
}

const countRealtime = (): Promise<number> => readMetric(server, 'oi_ws_connected{audience="realtime"}');

describe('frames 2', () => {
  it('B1 carry the same board as named rows, to the clients that ask for them alone', async () => {
    const symbols = symbolNames(120);
    await postSweep(server, symbols.slice(0, 100), clock.now(), 1_000);
    await settledBoard(server);
    const token = await server.token('pro');
    const before = await countRealtime();
    const columns = follow({ token, frames: 2 });
    const named = follow({ token });
    expect(await columns.it.hello()).toMatchObject({ frames: 2, mode: 'realtime' });
    expect((await columns.it.hello()).symbols).toHaveLength(100);
    expect(await named.it.hello()).not.toHaveProperty('frames');
    expect(await named.it.hello()).not.toHaveProperty('symbols');
    await waitFor(
      'both boards',
      () => columns.board()?.rows.size === 100 && named.board()?.rows.size === 100,
    );
    expect(await countRealtime()).toBe(before + 2);

    for (let round = 1; round <= 3; round += 1)
      await postSweep(server, symbols.slice(0, 100 + round * 5), clock.now() + round, 1_000 + round / 8);
    const { seq } = await settledBoard(server);
    await waitFor('both in step', () => columns.board()?.seq === seq && named.board()?.seq === seq);
    const { rows } = await readBoard(server);
    const expected = Object.fromEntries(rows.map((row) => [row.symbol, row]));
    expect(Object.fromEntries(columns.board()!.rows)).toEqual(expected);
    expect(Object.fromEntries(named.board()!.rows)).toEqual(expected);

    expect(received(columns.it, 'open-interest-frame')).toBeGreaterThan(0);
    expect(columns.it.updates).toEqual([]);
    expect(named.it.updates.length).toBeGreaterThan(0);
    expect(received(named.it, 'open-interest-frame')).toBe(0);
    clock.jump(5_000);
    await waitFor('a pulse for both', () => columns.it.pulses.length > 0 && named.it.pulses.length > 0);
    expect([columns.asks(), named.asks()]).toEqual([1, 1]);
  });

  it('carry the snapshot board of Free, at each mark and on sync', async () => {
    await postSweep(server, symbolNames(60), clock.now(), 7_000);
    const free = follow({ token: await server.token('free'), frames: 2 });
    expect(await free.it.hello()).toMatchObject({ frames: 2, mode: 'snapshot' });
    const { seq } = await waitFor('its board', () => free.board());
    const { nextSnapshotAt } = await readBoard(server, 'free');
    await settledBoard(server);
    clock.jumpTo(nextSnapshotAt!);
    await waitFor('the next mark', () => free.board()?.seq === seq + 1);
    expect(received(free.it, 'open-interest-frame')).toBe(1);
    const { rows } = await readBoard(server, 'free');
    expect(rows).toHaveLength(50);
    expect(Object.fromEntries(free.board()!.rows)).toEqual(
      Object.fromEntries(rows.map((row) => [row.symbol, row])),
    );
  });

  it.each([1, 3, '2', true, null, [2], {}])('are not sent to a client that asks for %j', async (frames) => {
    const client = follow({ token: await server.token('pro'), frames });
    expect(await client.it.hello()).not.toHaveProperty('frames');
    await waitFor('its board', () => client.board());
    await postSweep(server, symbolNames(5), clock.now() + 1, clock.now() % 1e6);
    await waitFor('an update', () => client.it.updates.length > 0);
    expect(received(client.it, 'open-interest-frame')).toBe(0);
  });
});
