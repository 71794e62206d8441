import { describe, expect, it } from '@jest/globals';
import type { BoardBody, BoardRow } from '../../src/openInterest/openInterest.types.ts';
import { aChunk, anAlert, symbolNames } from '../support/builders.ts';
import { createTestDatabase } from '../support/database.ts';
import { createJumpClock } from '../support/jumpClock.ts';
import { bySymbol, postSweep, settledBoard } from '../support/liveBoard.ts';
import { readBoard } from '../support/openInterestCalls.ts';
import type { TestSocket } from '../support/sockets.ts';
import { startTestServer } from '../support/testServer.ts';
import { waitFor } from '../support/waitFor.ts';
import { withSocketServer } from '../support/withServer.ts';

const FIVE_MINUTES_MS = 300_000;
const INGEST = '/api/market/open-interest/ingest';

const { server, clock, box } = withSocketServer({
  // Just after a mark, so that no mark is due during the spec.
  clock: createJumpClock(Math.ceil(Date.now() / FIVE_MINUTES_MS) * FIVE_MINUTES_MS + 1_000),
});

describe('a socket of tier free', () => {
  it('A1 never receives a realtime frame or an alert, for any messages it sends', async () => {
    const pro = await server.token('pro');
    const free = await server.token('free');
    const live = await settledBoard(server);
    const attempts: TestSocket[] = [
      ...Array.from({ length: 20 }, () => box.open(server)),
      box.open(server, { token: 'guest' }),
      box.open(server, { token: free }),
      box.open(server, { token: free, query: { tier: 'pro', token: pro, method: 'id' } }),
      box.open(server, {
        auth: { token: free, tier: 'pro', role: 'admin', room: 'audience:realtime:named' },
      }),
      box.open(server, { auth: { token: 'guest', sessionId: pro, pid: 'x', offset: '0' } }),
      box.open(server, { auth: { token: free, frames: 2, room: 'audience:realtime:columns' } }),
      box.open(server, {
        extraHeaders: { Authorization: `Bearer ${pro}`, Cookie: `oi_session=${pro}`, 'X-Tier': 'pro' },
      }),
      box.open(server, { transports: ['polling'] }),
      box.open(server, { transports: ['polling', 'websocket'], query: { tier: 'elite' } }),
    ];
    await Promise.all(attempts.map((it) => it.hello()));
    for (const { socket } of attempts) {
      const say = socket.emit.bind(socket) as (event: string, ...args: unknown[]) => void;
      say('join', 'audience:realtime:named');
      say('subscribe-symbol', 'BTCUSDT');
      say('open-interest-sync', { epoch: live.epoch, seq: 0, tier: 'pro' }, () => undefined);
    }
    const elsewhere = box.open({ url: `${server.url}/audience:realtime` }, { token: pro });
    await waitFor('the other namespace to be refused', () => elsewhere.refusals[0]);

    // A paying connection that reconnects as a guest.
    const turned = box.open(server, { token: pro });
    await turned.hello();
    turned.socket.disconnect();
    turned.socket.auth = { token: 'guest' };
    turned.frames.length = 0;
    turned.socket.connect();
    await waitFor('the second hello', () => turned.hellos.length === 2);
    expect(turned.hellos[1]).toMatchObject({ tier: 'free', mode: 'snapshot' });
    attempts.push(turned);

    const witness = box.open(server, { token: pro });
    const { epoch } = await witness.hello();
    for (let round = 0; round < 5; round += 1) {
      await postSweep(server, symbolNames(100), clock.now(), 10_000 + round);
      const seen = round + 1;
      await waitFor('the witness to be updated', () => witness.updates.length >= seen);
    }
    await server.post('/api/open-interest-alerts/ingest', anAlert({ timestamp: clock.now(), source: 'a1' }));
    await waitFor('the witness to be alerted', () => witness.alerts.length === 1);
    clock.jump(5_000);
    await waitFor('a pulse everywhere', () => attempts.every((it) => it.pulses.length > 0));

    for (const { updates, alerts, frames } of attempts) {
      expect(updates).toEqual([]);
      expect(alerts).toEqual([]);
      expect(frames.filter((it) => it.includes(epoch) || it.includes('open-interest-update'))).toEqual([]);
    }
    expect(elsewhere.frames.filter((it) => it.includes(epoch))).toEqual([]);
  });

  it('receives the snapshot board, and one update at each 5-minute mark to the next one', async () => {
    const symbols = symbolNames(60);
    await server.post('/api/market/open-interest/liquid-universe/update', {
      symbols: symbols.map((symbol, i) => ({ symbol, quoteVolume24h: 5_000_000 + i })),
      force: true,
    });
    const free = box.open(server, { token: await server.token('free') });
    const hello = await free.hello();
    const before = (await free.sync(null)) as BoardBody;
    const mark = before.nextSnapshotAt ?? 0;
    expect(mark % FIVE_MINUTES_MS).toBe(0);
    clock.jumpTo(mark - 30_000);
    free.updates.length = 0;
    await postSweep(server, symbols, mark - 40_000, 50_000);
    // Younger than the mark: this one belongs to the next picture.
    await postSweep(server, symbols.slice(59), mark + 10_000, 60_000);
    expect(((await free.sync(null)) as BoardBody).rows).toEqual(before.rows);

    clock.jumpTo(mark);
    await waitFor('the update of the mark', () => free.updates.length > 0);
    clock.jump(5_000);
    await waitFor('the pulse after it', () => free.pulses.at(-1)?.seq === hello.seq + 1);
    expect(free.updates).toHaveLength(1);
    expect(free.updates[0]).toMatchObject({
      epoch: hello.epoch,
      from: hello.seq,
      seq: hello.seq + 1,
      asOf: mark,
    });

    const after = (await free.sync(null)) as BoardBody;
    expect(after.rows).toHaveLength(50);
    expect(after).toMatchObject({
      full: true,
      tier: 'free',
      mode: 'snapshot',
      asOf: mark,
      nextSnapshotAt: mark + FIVE_MINUTES_MS,
    });
    const shown = bySymbol(before.rows);
    for (const [symbol, row] of bySymbol(free.updates[0]?.rows ?? [])) {
      if ('removed' in row) shown.delete(symbol);
      else shown.set(symbol, row);
    }
    expect(shown).toEqual(bySymbol(after.rows));
    const rows = after.rows as BoardRow[];
    expect(rows.every((row) => row.ts <= mark)).toBe(true);
    expect(rows.map((row) => row.symbol).toSorted()).toEqual(symbols.slice(9, 59).toSorted());
    expect(rows.every((row) => row.openInterest === 50_000)).toBe(true);
  });
});

describe('alerts', () => {
  it('are pushed once to each of Pro, Elite and admin sockets, and to no others', async () => {
    const hearing = await Promise.all(
      [
        server.token('pro'),
        server.token('elite'),
        server.token('free', { role: 'admin', sub: 'operator' }),
        server.token('pro', { role: 'admin', sub: 'operator-who-pays' }),
      ].map(async (token) => box.open(server, { token: await token })),
    );
    const deaf = [box.open(server), box.open(server, { token: await server.token('free') })];
    await Promise.all([...hearing, ...deaf].map((it) => it.hello()));

    const alert = anAlert({ timestamp: clock.now(), source: 'once' });
    const first = (await (await server.post('/api/open-interest-alerts/ingest', alert)).json()) as {
      id: string;
    };
    const again = (await (await server.post('/api/open-interest-alerts/ingest', alert)).json()) as {
      id: string;
    };
    expect(again.id).toBe(first.id);
    await waitFor('the alert everywhere', () => hearing.every((it) => it.alerts.length > 0));
    // Repair reads stored alerts every 10 s; what was pushed is not news to it.
    clock.jump(11_000);
    await waitFor('two pulses', () => hearing.every((it) => it.pulses.length > 0));
    clock.jump(11_000);
    for (const { socket } of hearing) await socket.timeout(5_000).emitWithAck('open-interest-sync', null);

    for (const it of hearing) expect(it.alerts.map((one) => one.id)).toEqual([first.id]);
    expect(hearing[0]?.alerts[0]).toMatchObject({
      symbol: 'SUIUSDT',
      pctChange: 0.0421,
      source: 'once',
      ts: expect.stringMatching(/Z$/),
    });
    for (const it of deaf) expect(it.alerts).toEqual([]);
  });
});

describe('with OPEN_INTEREST_REALTIME_ENABLED=false', () => {
  it('stores everything and pushes only the 5-minute board of all symbols', async () => {
    const own = await createTestDatabase();
    const shadowClock = createJumpClock(Math.ceil(Date.now() / FIVE_MINUTES_MS) * FIVE_MINUTES_MS + 1_000);
    const shadow = await startTestServer({
      databaseUrl: own.url,
      clock: shadowClock,
      env: { OPEN_INTEREST_REALTIME_ENABLED: 'false' },
    });
    try {
      const token = await shadow.token('pro');
      const [pro, elite, free] = [
        box.open(shadow, { token }),
        box.open(shadow, { token: await shadow.token('elite') }),
        box.open(shadow),
      ];
      const hello = await pro.hello();
      expect(hello).toMatchObject({ tier: 'pro', mode: 'snapshot' });
      expect((await elite.hello()).epoch).toBe(hello.epoch);
      expect((await free.hello()).epoch).not.toBe(hello.epoch);

      const { status } = await shadow.post(INGEST, aChunk(symbolNames(100), { ts: shadowClock.now() }));
      expect(status).toBe(200);
      await shadow.post('/api/open-interest-alerts/ingest', anAlert({ timestamp: shadowClock.now() }));
      shadowClock.jump(11_000);
      await waitFor('a pulse', () => pro.pulses.length > 0);
      expect(pro.updates).toEqual([]);

      const mark = (await readBoard(shadow)).nextSnapshotAt ?? 0;
      shadowClock.jumpTo(mark);
      await waitFor(
        'the mark',
        () => pro.updates.length > 0 && elite.updates.length > 0 && free.updates.length > 0,
      );
      expect(pro.updates.map((it) => it.rows.length)).toEqual([100]);
      expect(free.updates.map((it) => it.rows.length)).toEqual([50]);
      expect([pro, elite, free].flatMap((it) => it.alerts)).toEqual([]);

      const stored = await shadow.get('/api/open-interest-alerts', { Authorization: `Bearer ${token}` });
      expect(await stored.json()).toMatchObject({ count: 1 });
      expect(await own.pool.query('select from open_interest_snapshots')).toMatchObject({ rowCount: 100 });
    } finally {
      await shadow.close();
      await own.drop();
    }
  });
});
