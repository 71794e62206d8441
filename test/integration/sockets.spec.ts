import { describe, expect, it } from '@jest/globals';
import type { BoardBody, BoardRow } from '../../src/openInterest/openInterest.types.ts';
import { anAlert, symbolNames } from '../support/builders.ts';
import { createJumpClock } from '../support/jumpClock.ts';
import { bySymbol, postSweep, settledBoard } from '../support/liveBoard.ts';
import { readBoard } from '../support/openInterestCalls.ts';
import { waitFor } from '../support/waitFor.ts';
import { withSocketServer } from '../support/withServer.ts';

const FIVE_MINUTES_MS = 300_000;

const { server, clock, box } = withSocketServer({
  // Just after a mark, so that no mark is due during the spec.
  clock: createJumpClock(Math.ceil(Date.now() / FIVE_MINUTES_MS) * FIVE_MINUTES_MS + 1_000),
});

describe('a socket with live access', () => {
  it('receives hello with its board, position and pulse interval', async () => {
    const table = [
      { token: await server.token('pro'), tier: 'pro', role: 'user', mode: 'realtime' },
      { token: await server.token('elite'), tier: 'elite', role: 'user', mode: 'realtime' },
      { token: await server.token('free', { role: 'admin' }), tier: 'free', role: 'admin', mode: 'realtime' },
      { token: await server.token('free'), tier: 'free', role: 'user', mode: 'snapshot' },
      { token: 'guest', tier: 'free', role: 'user', mode: 'snapshot' },
      { token: undefined, tier: 'free', role: 'user', mode: 'snapshot' },
      { token: '', tier: 'free', role: 'user', mode: 'snapshot' },
      { token: null, tier: 'free', role: 'user', mode: 'snapshot' },
    ];
    const live = await readBoard(server, 'pro');
    const frozen = await readBoard(server, 'free');
    expect(live.epoch).not.toBe(frozen.epoch);
    for (const { token, ...expected } of table) {
      const before = clock.now();
      const hello = await box.open(server, { token }).hello();
      expect(hello).toEqual({
        ...expected,
        epoch: expected.mode === 'realtime' ? live.epoch : frozen.epoch,
        seq: expected.mode === 'realtime' ? live.seq : frozen.seq,
        serverTime: expect.any(Number),
        pulseSec: 5,
        snapshotEverySec: 300,
      });
      expect(hello.serverTime).toBeGreaterThanOrEqual(before);
      expect(hello.serverTime).toBeLessThanOrEqual(clock.now());
    }
  });

  it('B3 receives the 343 rows of a sweep of eight chunks in few messages, each starting where the last ended', async () => {
    const symbols = symbolNames(343);
    await postSweep(server, symbols, clock.now(), 1_000);
    const start = await settledBoard(server);
    const pro = box.open(server, { token: await server.token('pro') });
    const { epoch, seq } = await pro.hello();

    // A busy machine may spread one sweep over more windows; a window for each chunk would be there each time.
    let fewest = Infinity;
    for (let sweep = 0; sweep < 3 && fewest > 4; sweep += 1) {
      const before = pro.updates.length;
      const ts = clock.now();
      await postSweep(server, symbols, ts, 2_000);
      const rows = () => pro.updates.slice(before).flatMap((it) => it.rows);
      await waitFor(
        'all 343 rows',
        () => rows().filter((row) => 'ts' in row && row.ts === ts).length === 343,
      );
      fewest = Math.min(fewest, pro.updates.length - before);
    }
    expect(fewest).toBeLessThanOrEqual(4);
    let last = seq;
    for (const update of pro.updates) {
      expect(update).toMatchObject({ epoch, from: last, seq: last + 1 });
      last = update.seq;
    }
    const shown = bySymbol(start.rows);
    for (const [symbol, row] of bySymbol(pro.updates.flatMap((it) => it.rows))) shown.set(symbol, row);
    expect(shown).toEqual(bySymbol((await settledBoard(server)).rows));
    expect([...shown.values()].every((row) => (row as BoardRow).openInterest === 2_000)).toBe(true);
  });

  it('receives a pulse every 5 s with the position of its board', async () => {
    await settledBoard(server);
    const pro = box.open(server, { token: await server.token('pro') });
    const free = box.open(server);
    const [live, frozen] = [await pro.hello(), await free.hello()];
    for (const round of [1, 2]) {
      clock.jump(5_000);
      await waitFor('a pulse each', () => pro.pulses.length >= round && free.pulses.length >= round);
    }
    expect(pro.pulses).toHaveLength(2);
    expect(pro.pulses.at(-1)).toEqual({ epoch: live.epoch, seq: live.seq, serverTime: expect.any(Number) });
    expect(free.pulses.at(-1)).toEqual({
      epoch: frozen.epoch,
      seq: frozen.seq,
      serverTime: expect.any(Number),
    });
  });

  it('receives what it missed on sync, or everything when its position is unknown here', async () => {
    const symbols = symbolNames(343);
    await postSweep(server, symbols, clock.now(), 3_000);
    await settledBoard(server);
    const pro = box.open(server, { token: await server.token('pro') });
    await pro.hello();
    const whole = (await pro.sync(null)) as BoardBody;
    expect(whole).toMatchObject({ full: true, tier: 'pro', mode: 'realtime', nextSnapshotAt: null });
    expect(whole.rows).toHaveLength(343);

    const since = { epoch: whole.epoch, seq: whole.seq };
    expect(await pro.sync(since)).toMatchObject({ full: false, from: whole.seq, seq: whole.seq, rows: [] });

    await postSweep(server, symbols.slice(0, 7), clock.now(), 4_000);
    await waitFor('the update', () => pro.updates.some((it) => it.rows.length === 7));
    const missed = (await pro.sync(since)) as BoardBody;
    expect(missed).toMatchObject({ full: false, from: whole.seq, seq: whole.seq + 1 });
    expect(missed.rows.map((it) => it.symbol).toSorted()).toEqual(symbols.slice(0, 7).toSorted());

    const strangers = [
      { epoch: 'another-run', seq: whole.seq },
      { epoch: whole.epoch, seq: whole.seq + 1_000 },
    ];
    for (const position of strangers) {
      const answer = (await pro.sync(position)) as BoardBody;
      expect(answer.full).toBe(true);
      expect(answer.rows).toHaveLength(343);
    }
  });

  it('B8 receives an error with the expected format for an invalid sync, and stays connected', async () => {
    const pro = box.open(server, { token: await server.token('pro') });
    await pro.hello();
    const nonsense = [
      7,
      'epoch',
      [],
      {},
      { epoch: 'x', seq: -1 },
      { epoch: 'x', seq: 1.5 },
      { epoch: 'x'.repeat(65), seq: 1 },
    ];
    for (const position of nonsense) {
      expect(await pro.sync(position)).toEqual({
        error: { code: 'invalid_position', message: expect.stringContaining('{epoch, seq}') },
      });
    }
    // Without an ack callback there is no response.
    pro.socket.emit('open-interest-sync', null, undefined as never);
    expect(await pro.sync(null)).toMatchObject({ full: true });
    expect(pro.disconnects).toEqual([]);
  });
});

describe('polling transport', () => {
  it('carries hello, updates, alerts and sync like a websocket', async () => {
    const pro = box.open(server, { token: await server.token('pro'), transports: ['polling'] });
    const hello = await pro.hello();
    await postSweep(server, symbolNames(5), clock.now(), 77_000);
    await server.post(
      '/api/open-interest-alerts/ingest',
      anAlert({ timestamp: clock.now(), source: 'polled' }),
    );
    await waitFor('update and alert', () => pro.updates.length > 0 && pro.alerts.length > 0);
    expect(pro.updates[0]).toMatchObject({ epoch: hello.epoch, from: hello.seq });
    expect(await pro.sync(null)).toMatchObject({ full: true, epoch: hello.epoch });
    expect(pro.socket.io.engine.transport.name).toBe('polling');
  });

  it('upgrades to a websocket without losing or repeating an update', async () => {
    const pro = box.open(server, { token: await server.token('pro'), transports: ['polling', 'websocket'] });
    const hello = await pro.hello();
    for (let round = 0; round < 10; round += 1)
      await postSweep(server, symbolNames(5), clock.now() + round, 80_000 + round);
    await waitFor('the upgrade', () => pro.socket.io.engine.transport.name === 'websocket');
    await postSweep(server, symbolNames(5), clock.now() + 20, 81_000);
    await waitFor('the last update', () =>
      (pro.updates.at(-1)?.rows as BoardRow[] | undefined)?.some((row) => row.openInterest === 81_000),
    );
    expect(pro.updates.map((it) => it.seq)).toEqual(pro.updates.map((_, i) => hello.seq + 1 + i));
  });
});
