import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { BoardBody, BoardRow } from '../../src/openInterest/openInterest.types.ts';
import { aChunk, anAlert, anItem, symbolNames } from '../support/builders.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { createJumpClock, type JumpClock } from '../support/jumpClock.ts';
import { openSocket, type TestSocket } from '../support/sockets.ts';
import { startTestServer, type TestServer } from '../support/testServer.ts';
import { waitFor } from '../support/waitFor.ts';

const FIVE_MINUTES_MS = 300_000;
const INGEST = '/api/market/open-interest/ingest';

let database: TestDatabase;
let clock: JumpClock;
let server: TestServer;
const opened: TestSocket[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  // Just after a mark, so that no mark comes by itself.
  clock = createJumpClock(Math.ceil(Date.now() / FIVE_MINUTES_MS) * FIVE_MINUTES_MS + 1_000);
  server = await startTestServer({ databaseUrl: database.url, clock });
});

afterEach(() => {
  for (const socket of opened.splice(0)) socket.close();
});

afterAll(async () => {
  await server.close();
  await database.drop();
});

function open(options: Parameters<typeof openSocket>[1] = {}, of: TestServer = server): TestSocket {
  const socket = openSocket(of.url, options);
  opened.push(socket);
  return socket;
}

async function postSweep(symbols: readonly string[], ts: number, openInterest: number): Promise<void> {
  const chunks: string[][] = [];
  for (let i = 0; i < symbols.length; i += 43) chunks.push(symbols.slice(i, i + 43));
  const answers = await Promise.all(
    chunks.map((chunk) =>
      server.post(INGEST, {
        data: chunk.map((symbol) => anItem(symbol, { openInterest, openInterestUsd: openInterest * 2 })),
        timestamp: ts,
        source: 'realtime',
      }),
    ),
  );
  expect(answers.map((it) => it.status)).toEqual(chunks.map(() => 200));
}

async function board(of: TestServer, token: string): Promise<BoardBody> {
  const answer = await of.get('/api/market/open-interest/board', { Authorization: `Bearer ${token}` });
  return (await answer.json()) as BoardBody;
}

/** Until everything that came in has been published. */
async function settled(): Promise<BoardBody> {
  const token = await server.token('pro');
  return waitFor('the last window to be published', async () => {
    const whole = await board(server, token);
    return whole.rows.every((row) => row.seq <= whole.seq) ? whole : null;
  });
}

/** Rows as an update carries them: a whole board also draws each symbol's day. */
function bySymbol(rows: BoardBody['rows']): Map<string, unknown> {
  return new Map(
    rows.map((row) => {
      const { spark: _spark, ...carried } = row as BoardRow & { spark?: unknown };
      return [row.symbol, carried];
    }),
  );
}

describe('a socket that may see live data', () => {
  it('is greeted with the board it follows, how far it is and how often to expect a sign of life', async () => {
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
    const live = await board(server, await server.token('pro'));
    const frozen = await board(server, await server.token('free'));
    expect(live.epoch).not.toBe(frozen.epoch);
    for (const { token, ...expected } of table) {
      const hello = await open({ token }).hello();
      expect(hello).toEqual({
        ...expected,
        epoch: expected.mode === 'realtime' ? live.epoch : frozen.epoch,
        seq: expected.mode === 'realtime' ? live.seq : frozen.seq,
        serverTime: expect.any(Number),
        pulseSec: 5,
        snapshotEverySec: 300,
      });
      expect(Math.abs(hello.serverTime - clock.now())).toBeLessThan(2_000);
    }
  });

  it('B3 gets the 343 rows of a sweep of eight chunks in few messages, each following the one before', async () => {
    const symbols = symbolNames(343);
    await postSweep(symbols, clock.now(), 1_000);
    const start = await settled();
    const pro = open({ token: await server.token('pro') });
    const { epoch, seq } = await pro.hello();

    await postSweep(symbols, clock.now(), 2_000);
    await waitFor(
      'all 343 rows',
      () => new Set(pro.updates.flatMap((it) => it.rows.map((row) => row.symbol))).size === 343,
    );

    expect(pro.updates.length).toBeLessThanOrEqual(4);
    let last = seq;
    for (const update of pro.updates) {
      expect(update).toMatchObject({ epoch, from: last, seq: last + 1 });
      last = update.seq;
    }
    const shown = bySymbol(start.rows);
    for (const row of pro.updates.flatMap((it) => it.rows)) shown.set(row.symbol, row);
    expect(shown).toEqual(bySymbol((await settled()).rows));
    expect([...shown.values()].every((row) => (row as BoardRow).openInterest === 2_000)).toBe(true);
  });

  it('is pulsed every 5 s with the position of its board', async () => {
    await settled();
    const pro = open({ token: await server.token('pro') });
    const free = open();
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

  it('is told by a sync what it missed, or everything when its position says nothing here', async () => {
    const symbols = symbolNames(343);
    await postSweep(symbols, clock.now(), 3_000);
    await settled();
    const pro = open({ token: await server.token('pro') });
    await pro.hello();
    const whole = (await pro.sync(null)) as BoardBody;
    expect(whole).toMatchObject({ full: true, tier: 'pro', mode: 'realtime', nextSnapshotAt: null });
    expect(whole.rows).toHaveLength(343);

    const since = { epoch: whole.epoch, seq: whole.seq };
    expect(await pro.sync(since)).toMatchObject({ full: false, from: whole.seq, seq: whole.seq, rows: [] });

    await postSweep(symbols.slice(0, 7), clock.now(), 4_000);
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

  it('B8 is told what to send when its sync makes no sense, and stays connected', async () => {
    const pro = open({ token: await server.token('pro') });
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
    // Without an acknowledgement there is nobody to answer.
    pro.socket.emit('open-interest-sync', null, undefined as never);
    expect(await pro.sync(null)).toMatchObject({ full: true });
    expect(pro.disconnects).toEqual([]);
  });
});

describe('a socket of tier free', () => {
  it('A1 never receives a realtime frame or an alert, whatever it tries', async () => {
    const pro = await server.token('pro');
    const free = await server.token('free');
    const live = await settled();
    const attempts: TestSocket[] = [
      ...Array.from({ length: 20 }, () => open()),
      open({ token: 'guest' }),
      open({ token: free }),
      open({ token: free, query: { tier: 'pro', token: pro, method: 'id' } }),
      open({ auth: { token: free, tier: 'pro', role: 'admin', room: 'audience:realtime' } }),
      open({ auth: { token: 'guest', sessionId: pro, pid: 'x', offset: '0' } }),
      open({
        extraHeaders: { Authorization: `Bearer ${pro}`, Cookie: `oi_session=${pro}`, 'X-Tier': 'pro' },
      }),
      open({ transports: ['polling'] }),
      open({ transports: ['polling', 'websocket'], query: { tier: 'elite' } }),
    ];
    await Promise.all(attempts.map((it) => it.hello()));
    for (const { socket } of attempts) {
      const say = socket.emit.bind(socket) as (event: string, ...args: unknown[]) => void;
      say('join', 'audience:realtime');
      say('subscribe-symbol', 'BTCUSDT');
      say('open-interest-sync', { epoch: live.epoch, seq: 0, tier: 'pro' }, () => undefined);
    }
    const elsewhere = openSocket(`${server.url}/audience:realtime`, { token: pro });
    opened.push(elsewhere);
    await waitFor('the other namespace to be refused', () => elsewhere.refusals[0]);

    // A paying connection that comes back as nobody.
    const turned = open({ token: pro });
    await turned.hello();
    turned.socket.disconnect();
    turned.socket.auth = { token: 'guest' };
    turned.frames.length = 0;
    turned.socket.connect();
    await waitFor('the second hello', () => turned.hellos.length === 2);
    expect(turned.hellos[1]).toMatchObject({ tier: 'free', mode: 'snapshot' });
    attempts.push(turned);

    const witness = open({ token: pro });
    const { epoch } = await witness.hello();
    for (let round = 0; round < 5; round += 1) {
      await postSweep(symbolNames(100), clock.now(), 10_000 + round);
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

  it('sees the frozen board, and at the 5-minute mark one update that is the next frozen board', async () => {
    const symbols = symbolNames(60);
    await server.post('/api/market/open-interest/liquid-universe/update', {
      symbols: symbols.map((symbol, i) => ({ symbol, quoteVolume24h: 5_000_000 + i })),
      force: true,
    });
    const free = open({ token: await server.token('free') });
    const hello = await free.hello();
    const before = (await free.sync(null)) as BoardBody;
    const mark = before.nextSnapshotAt ?? 0;
    expect(mark % FIVE_MINUTES_MS).toBe(0);
    clock.jumpTo(mark - 30_000);
    free.updates.length = 0;
    await postSweep(symbols, mark - 40_000, 50_000);
    // Younger than the mark: this one belongs to the next picture.
    await postSweep(symbols.slice(59), mark + 10_000, 60_000);
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
    for (const row of free.updates[0]?.rows ?? []) {
      if ('removed' in row) shown.delete(row.symbol);
      else shown.set(row.symbol, row);
    }
    expect(shown).toEqual(bySymbol(after.rows));
    const rows = after.rows as BoardRow[];
    expect(rows.every((row) => row.ts <= mark)).toBe(true);
    expect(rows.map((row) => row.symbol).toSorted()).toEqual(symbols.slice(9, 59).toSorted());
    expect(rows.every((row) => row.openInterest === 50_000)).toBe(true);
  });
});

describe('alerts', () => {
  it('are pushed once to each of Pro, Elite and admin, whatever else they are, and to nobody else', async () => {
    const hearing = await Promise.all(
      [
        server.token('pro'),
        server.token('elite'),
        server.token('free', { role: 'admin', sub: 'operator' }),
        server.token('pro', { role: 'admin', sub: 'operator-who-pays' }),
      ].map(async (token) => open({ token: await token })),
    );
    const deaf = [open(), open({ token: await server.token('free') })];
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

describe('the polling transport', () => {
  it('carries hello, updates, alerts and sync like a websocket', async () => {
    const pro = open({ token: await server.token('pro'), transports: ['polling'] });
    const hello = await pro.hello();
    await postSweep(symbolNames(5), clock.now(), 77_000);
    await server.post(
      '/api/open-interest-alerts/ingest',
      anAlert({ timestamp: clock.now(), source: 'polled' }),
    );
    await waitFor('update and alert', () => pro.updates.length > 0 && pro.alerts.length > 0);
    expect(pro.updates[0]).toMatchObject({ epoch: hello.epoch, from: hello.seq });
    expect(await pro.sync(null)).toMatchObject({ full: true, epoch: hello.epoch });
    expect(pro.socket.io.engine.transport.name).toBe('polling');
  });

  it('is left for a websocket by a client that opens with it, without losing or repeating an update', async () => {
    const pro = open({ token: await server.token('pro'), transports: ['polling', 'websocket'] });
    const hello = await pro.hello();
    for (let round = 0; round < 10; round += 1)
      await postSweep(symbolNames(5), clock.now() + round, 80_000 + round);
    await waitFor('the upgrade', () => pro.socket.io.engine.transport.name === 'websocket');
    await postSweep(symbolNames(5), clock.now() + 20, 81_000);
    await waitFor('the last update', () =>
      (pro.updates.at(-1)?.rows as BoardRow[] | undefined)?.some((row) => row.openInterest === 81_000),
    );
    expect(pro.updates.map((it) => it.seq)).toEqual(pro.updates.map((_, i) => hello.seq + 1 + i));
  });
});

describe('with OPEN_INTEREST_REALTIME_ENABLED=false', () => {
  it('stores everything and pushes nothing but the 5-minute board of all symbols', async () => {
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
        open({ token }, shadow),
        open({ token: await shadow.token('elite') }, shadow),
        open({}, shadow),
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

      const mark = (await board(shadow, token)).nextSnapshotAt ?? 0;
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
