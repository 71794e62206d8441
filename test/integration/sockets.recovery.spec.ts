import { afterEach, describe, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import { Socket as ServerSocket } from 'socket.io';
import { followSocket, type OpenInterestSocket } from '../../src/client/sync.socket.ts';
import type { SyncState } from '../../src/client/sync.types.ts';
import { symbolNames } from '../support/builders.ts';
import { startFaultProxy } from '../support/faultProxy.ts';
import { createJumpClock, type JumpClock } from '../support/jumpClock.ts';
import { postSweep } from '../support/liveBoard.ts';
import { readBoard } from '../support/openInterestCalls.ts';
import { waitFor } from '../support/waitFor.ts';
import { withOpened } from '../support/withOpened.ts';
import { withSocketServer } from '../support/withServer.ts';

/** As long as a dashboard waits for a sign of life, and the time over which questions are spread. */
const SILENCE_MS = 11_000;
const SPREAD_MS = 1_500;

const { server, clock, box } = withSocketServer({ env: { SOCKETS_PER_USER: '0', SOCKETS_PER_IP: '0' } });
const proxy = withOpened(() => startFaultProxy(server.port), 'close');
afterEach(() => void jest.restoreAllMocks());

/** A dashboard with the product's own rule of staying in step. */
async function openDashboard(url: string): Promise<{ state: () => SyncState; clock: JumpClock }> {
  const own = createJumpClock();
  const { socket } = box.open(
    { url },
    {
      token: await server.token('pro'),
      reconnection: true,
      reconnectionDelay: 200,
      reconnectionDelayMax: 1_000,
    },
  );
  const sync = followSocket(socket as OpenInterestSocket, { clock: own, onChange: () => undefined });
  return { state: sync.state, clock: own };
}

describe('a reconnect storm', () => {
  it('B6 ends with every client back in sync within 10 s, without a database query', async () => {
    const symbols = symbolNames(343);
    await postSweep(server, symbols, clock.now() - 20_000, 1);
    const dashboards = await Promise.all(
      Array.from({ length: 100 }, () => openDashboard(`http://127.0.0.1:${proxy.port}`)),
    );
    const inStep = async () => {
      const { epoch, seq } = await readBoard(server);
      return dashboards.every(({ state }) => {
        const { board, connected } = state();
        return connected && board?.epoch === epoch && board.seq === seq && board.rows.size === symbols.length;
      });
    };
    await waitFor('all to be in step', inStep);

    proxy.set({ mode: 'refuse' });
    await waitFor('all to be cut off', () => dashboards.every(({ state }) => !state().connected));
    // They must sync what they miss meanwhile.
    await postSweep(server, symbols, clock.now() - 10_000, 2);
    const seen: string[] = [];
    const query = pg.Client.prototype.query as (...given: unknown[]) => unknown;
    jest.spyOn(pg.Client.prototype, 'query').mockImplementation(function (
      this: pg.Client,
      ...given: unknown[]
    ) {
      seen.push(JSON.stringify(given[0]));
      return query.apply(this, given) as never;
    });
    proxy.set({ mode: 'pass' });
    const startedAt = performance.now();
    await waitFor('all to be back and in step', inStep);
    process.stdout.write(`B6 100 back and in step after ${Math.round(performance.now() - startedAt)} ms\n`);
    // The node's periodic queries continue, independent of clients.
    const ownWork =
      /clock_timestamp|select now|updated_at|open_interest_liquid|alert_|alerts|collector_heartbeats/;
    // Each statement has its transaction around it.
    const statements = seen.filter((it) => !/^"(begin |commit")/.test(it));
    expect(statements.filter((it) => !ownWork.test(it))).toEqual([]);
    expect(statements.length).toBeLessThan(dashboards.length);
  });
});

describe('a socket that the server has lost', () => {
  it('B7 is in sync again within 13 s, although its connection is alive', async () => {
    const join = jest.spyOn(ServerSocket.prototype, 'join').mockReturnValue(undefined);
    const forgotten = await openDashboard(server.url);
    await waitFor('its first board', () => forgotten.state().board);
    expect(join).toHaveBeenCalled();
    join.mockRestore();

    const before = forgotten.state().board!.seq;
    await postSweep(server, symbolNames(5), clock.now() - 1_000, 3);
    const { seq } = await waitFor('the window to be published', async () => {
      const board = await readBoard(server);
      return board.seq > before && board.rows.every((row) => row.seq <= board.seq) ? board : null;
    });
    expect(forgotten.state()).toMatchObject({ connected: true, board: { seq: before } });

    forgotten.clock.jump(SILENCE_MS);
    forgotten.clock.jump(SPREAD_MS);
    await waitFor('it to be in step', () => forgotten.state().board!.seq === seq);
  });
});
