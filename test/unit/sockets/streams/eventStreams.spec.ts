import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Express } from 'express';
import { Registry } from 'prom-client';
import type { Viewer } from '../../../../src/access/access.types.ts';
import { createApiKeys } from '../../../../src/access/apiKeys.ts';
import { createGuards } from '../../../../src/access/guards.ts';
import { createBoard, type Board } from '../../../../src/openInterest/board/board.ts';
import { createSnapshotBoards } from '../../../../src/openInterest/board/snapshotBoards.ts';
import {
  boardBodyOf,
  boardTagOf,
  helloOf,
  type ViewContext,
} from '../../../../src/openInterest/board/audience.ts';
import type { BoardUpdate } from '../../../../src/openInterest/openInterest.types.ts';
import { createUniverse } from '../../../../src/openInterest/universe/universe.ts';
import { createSocketServer, type SocketServer } from '../../../../src/sockets/server.ts';
import { aSample } from '../../../support/builders.ts';
import { openEventStream, type TestStream } from '../../../support/eventStream.ts';
import { createFakeClock, type FakeClock } from '../../../support/fakeClock.ts';
import { createRouteApp } from '../../../support/routeApp.ts';
import { silentLogger } from '../../../support/silentLogger.ts';
import { waitFor } from '../../../support/waitFor.ts';

/** Rows of maximum width, so that few windows fill the buffers of the operating system. */
const SYMBOLS = Array.from({ length: 500 }, (_, i) => `VERYLONGSYMBOLNAME${String(i).padStart(9, '0')}USDT`);

let clock: FakeClock;
let registry: Registry;
let board: Board;
let http: Server;
let sockets: SocketServer;
/** In the order of their requests. */
let responses: ServerResponse[];
const streams: TestStream[] = [];

/** Any text is the token of the user of that name. */
async function authenticate(sub: string): Promise<Viewer> {
  const expiresAt = clock.now() + 3_600_000;
  return {
    kind: 'viewer',
    sub,
    tier: 'pro',
    role: 'user',
    name: null,
    issuedAt: 0,
    expiresAt,
    sessionId: sub,
  };
}

/** No socket here asks for columns. */
function refuseColumns(): never {
  throw new Error('event streams have named rows');
}

beforeEach(async () => {
  clock = createFakeClock();
  registry = new Registry();
  board = createBoard({ epoch: 'E' });
  responses = [];
  http = createServer((request, response) => {
    responses.push(response);
    void app(request, response);
  });
  const views: ViewContext = {
    board,
    clock,
    snapshots: createSnapshotBoards(),
    universe: createUniverse(),
    feed: { lastDataAt: null, waitingChunks: 0 },
    settings: { realtimeEnabled: true },
  };
  sockets = createSocketServer({
    httpServer: http,
    settings: { socketsPerUser: 0, socketsPerIp: 0, trustProxyHops: 0, allowedOrigins: [] },
    authenticate,
    endReasonOf: () => null,
    requireOpen: () => undefined,
    boards: () => ({
      hello: (principal) => helloOf(views, principal),
      tag: (principal) => boardTagOf(views, principal),
      body: (principal, position) => boardBodyOf(views, principal, position),
      frame: refuseColumns,
    }),
    clock,
    logger: silentLogger,
    registry,
  });
  const apiKeys = createApiKeys({ ingest: [], operator: [] });
  const guards = createGuards({ apiKeys, authenticate, allowedOrigins: [] });
  const app: Express = createRouteApp({ routes: sockets.routes, guards, clock });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
});

afterEach(async () => {
  for (const it of streams.splice(0)) it.close();
  await sockets.close();
  http.closeAllConnections();
  await new Promise((resolve) => http.close(resolve));
});

async function open(sub: string): Promise<TestStream> {
  const { port } = http.address() as AddressInfo;
  const stream = openEventStream(`http://127.0.0.1:${port}`, { Authorization: `Bearer ${sub}` });
  streams.push(stream);
  await stream.first('hello');
  return stream;
}

/** Changes every symbol and publishes the window: 150 kB a stream. */
function publishAll(): BoardUpdate {
  for (const symbol of SYMBOLS) board.apply(aSample({ symbol, ts: clock.now() + board.seq() }), 'poller');
  const update = { ...board.closeWindow(), asOf: clock.now(), serverTime: clock.now() };
  sockets.publisher.update('realtime', update, refuseColumns);
  return update;
}

async function readMetric(name: string, labels: Record<string, string> = {}): Promise<number> {
  const { values } = await registry.getSingleMetric(name)!.get();
  const isMeant = (it: { labels: object }) =>
    Object.entries(labels).every(([key, value]) => (it.labels as Record<string, unknown>)[key] === value);
  return values.filter(isMeant).reduce((sum, it) => sum + it.value, 0);
}

async function secondPasses(): Promise<void> {
  clock.advance(1_000);
  // The loop of the check starts its next wait once this turn is over.
  await new Promise((resolve) => setImmediate(resolve));
}

const cutForSlowness = () => readMetric('oi_streams_closed_total', { reason: 'slow' });

/** Publishes until that much waits for a client that does not read. */
async function publishUntilBuffered(bytes: number, response: ServerResponse): Promise<void> {
  for (let round = 0; round < 400 && response.writableLength < bytes; round += 1) {
    publishAll();
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(response.writableLength).toBeGreaterThanOrEqual(bytes);
}

const isCut = (stream: TestStream) => waitFor('the stream to be cut', () => stream.ended());

describe('an update', () => {
  it('is encoded once for all streams of its audience', async () => {
    const all = await Promise.all(['a', 'b', 'c'].map(open));
    for (const it of all) await it.first('board');
    let encodings = 0;
    const update = Object.assign(publishAll(), {
      toJSON() {
        encodings += 1;
        return { epoch: 'E', from: 1, seq: 2, asOf: null, serverTime: 0, rows: [] };
      },
    });
    sockets.publisher.update('realtime', update, refuseColumns);
    sockets.publisher.update('snapshot', update, refuseColumns);
    for (const it of all) await waitFor('both updates', () => it.of('update').length === 2);
    expect(encodings).toBe(1);
  });

  it('is sent in slices, and precedes what is sent to a stream alone', async () => {
    const names = Array.from({ length: 12 }, (_, i) => `user${i}`);
    const all: TestStream[] = [];
    for (const name of names) all.push(await open(name));
    for (const it of all) await it.first('board');
    let steadyMs = 0;
    const written = responses.map((it) => jest.spyOn(it, 'write'));
    const steady = jest.spyOn(performance, 'now').mockImplementation(() => (steadyMs += 1));
    const { seq } = publishAll();
    steady.mockRestore();
    const atOnce = written.filter((it) => it.mock.calls.length > 0).length;
    expect(atOnce).toBeGreaterThan(0);
    expect(atOnce).toBeLessThan(names.length);
    sockets.endSubject({ sub: names.at(-1)!, revoked: true } as Parameters<SocketServer['endSubject']>[0]);
    for (const it of all) expect(await it.first('update')).toMatchObject({ seq });
    await all.at(-1)!.first('session');
    expect(all.at(-1)!.events.map((it) => it.event)).toEqual(['hello', 'board', 'update', 'session']);
  });
});

describe('a client that stops reading', () => {
  it('B5 is cut once more than 1 MB waits for it, while another receives everything', async () => {
    const [slow, healthy] = [await open('slow'), await open('healthy')];
    await Promise.all([slow.first('board'), healthy.first('board')]);
    slow.pause();
    await publishUntilBuffered(1_000_001, responses[0]!);
    clock.advance(1_000);
    expect(await cutForSlowness()).toBe(1);
    expect(await readMetric('oi_ws_buffer_max_bytes')).toBeGreaterThan(1_000_000);
    await waitFor('every window', () => healthy.lastId() === `E:${board.seq()}`);
    expect(healthy.ended()).toBe(false);
    slow.resume();
    await isCut(slow);
    await waitFor('its end', async () => (await readMetric('oi_streams_connected')) === 1);
    expect(sockets.publisher.traffic()).toMatchObject({ slowDropped: 1 });
  });

  it('B5 is cut after 10 s, however little waits for it', async () => {
    const stream = await open('stuck');
    await stream.first('board');
    stream.pause();
    await publishUntilBuffered(500_000, responses[0]!);
    for (let second = 1; second < 10; second += 1) await secondPasses();
    expect(await cutForSlowness()).toBe(0);
    for (let second = 10; second < 12; second += 1) await secondPasses();
    expect(await cutForSlowness()).toBe(1);
    stream.resume();
    await isCut(stream);
  });

  it('C5 delays the board of another stream of its user, which then begins with that board', async () => {
    const slow = await open('user');
    await slow.first('board');
    slow.pause();
    await publishUntilBuffered(4_000_001, responses[0]!);
    const second = await open('user');
    const other = await open('other');
    await other.first('board');
    publishAll();
    await waitFor('the window elsewhere', () => other.lastId() === `E:${board.seq()}`);
    expect(second.events.map((it) => it.event)).toEqual(['hello']);
    slow.close();
    await waitFor('its end', async () => (await readMetric('oi_streams_connected')) === 2);
    clock.advance(50);
    expect(await second.first('board')).toMatchObject({ seq: board.seq(), full: true });
    publishAll();
    await second.first('update');
    expect(second.events.map((it) => it.event)).toEqual(['hello', 'board', 'update']);
  });
});
