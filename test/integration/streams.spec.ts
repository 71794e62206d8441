import { isDeepStrictEqual } from 'node:util';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { BoardRow } from '../../src/openInterest/openInterest.types.ts';
import { aChunk, anAlert, symbolNames } from '../support/builders.ts';
import { applyStream, openEventStream, STREAM_PATH, type TestStream } from '../support/eventStream.ts';
import {
  bearer,
  postChunk,
  readBoard,
  readMetric,
  readRefusal,
  readRows,
} from '../support/openInterestCalls.ts';
import { createSeededRandom } from '../support/seededRandom.ts';
import { INGEST_KEY, OPERATOR_KEY, startTestServer } from '../support/testServer.ts';
import { waitFor } from '../support/waitFor.ts';
import { withSocketServer } from '../support/withServer.ts';

const PER_USER = 3;
const PER_ADDRESS = 6;

const { server, database, clock, box } = withSocketServer({
  env: {
    SOCKETS_PER_USER: String(PER_USER),
    SOCKETS_PER_IP: String(PER_ADDRESS),
    OI_BROADCAST_DEBOUNCE_MS: '1',
    OI_BROADCAST_MAX_WAIT_MS: '20',
  },
});
const opened: TestStream[] = [];

afterEach(async () => {
  for (const stream of opened.splice(0)) stream.close();
  await waitFor('the streams to be closed', async () => (await connected()) === 0);
});

function open(headers: Record<string, string> = {}): TestStream {
  const stream = openEventStream(server.url, headers);
  opened.push(stream);
  return stream;
}

async function openPro(headers: Record<string, string> = {}, options?: Parameters<typeof bearer>[2]) {
  const stream = open({ ...(await bearer(server, 'pro', options)), ...headers });
  await stream.first('board');
  return stream;
}

const connected = () => readMetric(server, 'oi_streams_connected');

async function expectRefused(headers: Record<string, string>, status: number, code: string): Promise<void> {
  expect(await readRefusal(await server.get(STREAM_PATH, headers))).toMatchObject({ status, code });
}

let ts = Date.now() - 600_000;

function postRows(symbols: readonly string[], openInterest: number) {
  ts += 1_000;
  return postChunk(server, aChunk(symbols, { ts, item: { openInterest } }));
}

describe('an event stream', () => {
  it('begins with hello and the whole board, then carries each window and pulse, as it happens', async () => {
    await postRows(['BTCUSDT', 'ETHUSDT'], 1);
    const stream = await openPro({ 'Accept-Encoding': 'gzip' });
    expect(stream.headers()).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
    });
    expect(stream.headers()).not.toHaveProperty('content-encoding');
    expect(stream.events.map((it) => it.event).slice(0, 2)).toEqual(['hello', 'board']);
    const [hello] = stream.of('hello');
    expect(hello).toMatchObject({ tier: 'pro', mode: 'realtime', pulseSec: 5 });
    expect(stream.of('board')[0]).toMatchObject({ full: true, epoch: hello?.epoch });

    await postRows(['BTCUSDT'], 2);
    const update = await stream.first('update');
    expect(update.rows).toEqual([expect.objectContaining({ symbol: 'BTCUSDT', openInterest: 2 })]);
    expect(stream.lastId()).toBe(`${update.epoch}:${update.seq}`);
    clock.jump(5_000);
    expect(await stream.first('pulse')).toMatchObject({ epoch: update.epoch, seq: update.seq });
    expect(stream.lastId()).toBe(`${update.epoch}:${update.seq}`);
  });

  it('B1 resumes after a cut with the rows changed since Last-Event-ID, and with no others', async () => {
    await postRows(['BTCUSDT', 'ETHUSDT'], 3);
    const first = await openPro();
    await waitFor('all rows', async () => first.lastId()?.endsWith(`:${(await readBoard(server)).seq}`));
    const before = applyStream(first);
    first.close();
    await postRows(['ETHUSDT'], 4);
    await waitFor('the window', async () => (await readRows(server)).get('ETHUSDT')?.openInterest === 4);

    const second = await openPro({ 'Last-Event-ID': first.lastId()! });
    const [board] = second.of('board');
    expect(board).toMatchObject({ full: false, rows: [{ symbol: 'ETHUSDT', openInterest: 4 }] });
    expect(`${board!.epoch}:${board!.from}`).toBe(first.lastId());
    expect(applyStream(second, before)).toEqual(await readRows(server));
  });

  it.each(['anotherEpoch:1', 'anotherEpoch:0'])('B1 receives the whole board for %s', async (id) => {
    expect((await openPro({ 'Last-Event-ID': id })).of('board')[0]).toMatchObject({ full: true });
  });

  it.each(['nonsense', '', 'epoch:-1', ':1'])('X1 refuses the Last-Event-ID "%s"', async (id) => {
    await expectRefused({ 'Last-Event-ID': id }, 400, 'invalid_header');
  });

  it.each([1, 2, 3])('B1 B2 rows equal the board, whenever the stream is cut (seed %i)', async (seed) => {
    const random = createSeededRandom(seed);
    const symbols = symbolNames(12, seed * 100);
    let stream = await openPro();
    let rows: Map<string, BoardRow> = new Map();
    for (let step = 0; step < 30; step += 1) {
      const some = symbols.filter(() => random() < 0.3);
      if (some.length > 0) await postRows(some, random() * 1e6);
      if (random() < 0.3) {
        rows = applyStream(stream, rows);
        const id = stream.lastId()!;
        stream.close();
        stream = await openPro({ 'Last-Event-ID': id });
        expect(stream.of('board')[0]).toMatchObject({ full: false });
      }
    }
    await waitFor('the rows of the board', async () =>
      isDeepStrictEqual(applyStream(stream, rows), await readRows(server)),
    );
    expect([...applyStream(stream, rows).keys()]).toEqual(expect.arrayContaining(symbols));
    const seqs = [...stream.of('board'), ...stream.of('update')].map((it) => it.seq);
    expect(new Set(seqs).size).toBe(seqs.length);
  });

  it('answers HEAD with the head alone', async () => {
    const response = await fetch(server.url + STREAM_PATH, { method: 'HEAD' });
    expect([response.status, await response.text()]).toEqual([200, '']);
    expect(response.headers.get('content-type')).toBe('text/event-stream');
  });
});

describe('the tier of an event stream', () => {
  it('A1 decides: Free, guests and keys receive the top 50 at the marks and no alert, Pro everything', async () => {
    const free = open(await bearer(server, 'free'));
    const [guest, key, pro] = [open(), open({ 'X-API-Key': INGEST_KEY }), await openPro()];
    const limited = [free, guest, key];
    for (const it of limited) expect(await it.first('hello')).toMatchObject({ mode: 'snapshot' });
    // A board that is sent later has what an update would bring.
    for (const it of [...limited, pro]) await it.first('board');
    expect(await readMetric(server, 'oi_streams_connected{audience="snapshot"}')).toBe(3);
    expect(await readMetric(server, 'oi_streams_connected{audience="realtime"}')).toBe(1);

    await postRows(symbolNames(60), 5);
    await server.post('/api/open-interest-alerts/ingest', anAlert({ timestamp: clock.now() }));
    expect((await pro.first('update')).rows).toHaveLength(60);
    expect(await pro.first('alert')).toMatchObject({ symbol: 'SUIUSDT', pctChange: 0.0421 });
    clock.jumpTo((await readBoard(server, 'free')).nextSnapshotAt!);
    for (const it of limited) expect((await it.first('update')).rows).toHaveLength(50);
    for (const it of limited) expect(it.of('alert')).toEqual([]);
  });
});

describe('the limits of connections', () => {
  it('A5 count streams and sockets of a user together, and closed ones no more', async () => {
    const token = await server.token('pro', { sub: 'busy' });
    const headers = { Authorization: `Bearer ${token}` };
    const socket = box.open(server, { token });
    await socket.hello();
    const streams = [open(headers), open(headers)];
    for (const it of streams) await it.first('hello');

    await expectRefused(headers, 429, 'too_many_sockets');
    const refused = box.open(server, { token });
    await waitFor('the refusal', () => refused.refusals[0]);
    expect(refused.refusals).toEqual(['too_many_sockets']);
    streams[0]!.close();
    const next = await waitFor('a free connection', async () => {
      const stream = open(headers);
      return (await stream.status()) === 200 ? stream : undefined;
    });
    await next.first('hello');
  });

  it('A5 count streams of an address', async () => {
    const streams = Array.from({ length: PER_ADDRESS }, () => open());
    for (const it of streams) await it.first('hello');
    await expectRefused({}, 429, 'too_many_sockets');
  });
});

describe('the end of a session', () => {
  it('A2 ends its streams with the reason; an expired token or cookie opens none', async () => {
    const token = await server.token('pro', { sub: 'short', expiresInMs: 5_000 });
    const byToken = open({ Authorization: `Bearer ${token}` });
    const byCookie = open({ Cookie: `oi_session=${token}` });
    const other = await openPro({}, { sub: 'long', expiresInMs: 3_600_000 });
    expect(await byToken.first('hello')).toMatchObject({ tier: 'pro' });
    expect(await byCookie.first('hello')).toMatchObject({ tier: 'pro' });
    clock.jump(5_000);
    for (const it of [byToken, byCookie]) {
      await waitFor('the end', () => it.ended());
      expect(it.of('session')).toEqual([{ reason: 'expired' }]);
      expect(it.events.at(-1)?.event).toBe('session');
    }
    expect(other.ended()).toBe(false);
    await expectRefused({ Authorization: `Bearer ${token}` }, 401, 'token_expired');
    await expectRefused({ Cookie: `oi_session=${token}` }, 401, 'token_expired');
  });

  it('A3 ends the streams of a subject whose access changes, and of a session that signs out', async () => {
    const issuedAt = clock.now() - 60_000;
    const downgraded = await openPro({}, { sub: 'downgraded', issuedAt });
    const cookie = { Cookie: `oi_session=${await server.token('pro', { sub: 'leaving' })}` };
    const leaving = open(cookie);
    await leaving.first('hello');
    const change = { sub: 'downgraded', tier: 'free' };
    await server.post('/api/access/changes', change, { 'X-API-Key': OPERATOR_KEY });
    await fetch(`${server.url}/api/session`, {
      method: 'DELETE',
      headers: { ...cookie, Origin: server.url },
    });
    await waitFor('both to end', () => downgraded.ended() && leaving.ended());
    expect(downgraded.of('session')).toEqual([{ reason: 'tier_changed' }]);
    expect(leaving.of('session')).toEqual([{ reason: 'revoked' }]);
    expect(await readMetric(server, 'oi_streams_closed_total{reason="tier_changed"}')).toBe(1);
  });
});

describe('a server that ends', () => {
  it('D1 D2 ends its streams with a time to retry after, even one that is not read', async () => {
    const own = await startTestServer({ databaseUrl: database.url });
    const [stream, unread] = [openEventStream(own.url), openEventStream(own.url)];
    await Promise.all([stream.first('board'), unread.first('board')]);
    unread.pause();
    await own.close();
    await waitFor('the end', () => stream.ended());
    const retryMs = Number(/\n\nretry: (\d+)\n\n$/.exec(stream.text())?.[1]);
    expect(retryMs).toBeGreaterThanOrEqual(1_000);
    expect(retryMs).toBeLessThanOrEqual(5_000);
    unread.close();
  });
});
