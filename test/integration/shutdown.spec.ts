import net from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { symbolNames } from '../support/builders.ts';
import { startUrlProxy } from '../support/faultProxy.ts';
import { TEST_KEYS, createServerBox, readBoardTimes } from '../support/serverProcess.ts';
import { INGEST_KEY } from '../support/testServer.ts';
import { waitFor } from '../support/waitFor.ts';
import { withOpened } from '../support/withOpened.ts';
import { withDatabase, withSockets } from '../support/withServer.ts';
import { postChunk } from '../support/writers.ts';

const database = withDatabase();
const proxy = withOpened(() => startUrlProxy(database.url), 'close');
const box = withOpened(createServerBox, 'remove');
const sockets = withSockets();

afterEach(async () => {
  proxy.set({ mode: 'pass' });
  await box.killAll();
});

/** A poller that sends the headers and never the body. */
function openSlowPost(port: number): net.Socket {
  const socket = net.connect(port, '127.0.0.1').on('error', () => undefined);
  const head = [
    'POST /api/market/open-interest/ingest HTTP/1.1',
    'Host: 127.0.0.1',
    `X-API-Key: ${INGEST_KEY}`,
    'Content-Type: application/json',
    'Content-Length: 1000',
  ];
  socket.write(`${head.join('\r\n')}\r\n\r\n{"data":`);
  return socket;
}

/** Work that may finish while the process ends. */
const BESIDE_THE_END = ['request answered', 'partitions maintained'];

/** Each step once and in order; refusals by the name that answers carry, and no line for a chunk. */
function expectLoggedEnd(output: string): void {
  const lines = output
    .split('\n')
    .filter((it) => it.startsWith('{'))
    .map((it) => JSON.parse(it) as { msg: string; requestId?: string; ms?: number });
  const end = lines.slice(lines.findIndex((it) => it.msg === 'stopping'));
  expect(end.map((it) => it.msg).filter((it) => !BESIDE_THE_END.includes(it))).toEqual([
    'stopping',
    'draining: not ready, new chunks are refused',
    'sockets closed',
    'background tasks and requests ended',
    'stores closed',
    'stopped',
  ]);
  expect(end.at(-1)?.ms).toBeGreaterThan(0);
  const refused = lines.filter((it) => it.msg === 'request answered');
  expect(refused.map((it) => typeof it.requestId)).toContain('string');
  expect(output).not.toMatch(/"reqId"|chunk ingested|chunk refused/);
}

describe('SIGTERM', () => {
  it('D2 ends the process with 0 within 10 s, with any connections open', async () => {
    const server = await box.start({ env: { ...TEST_KEYS, DATABASE_URL: database.url } });
    await server.ready();
    const idle = net.connect(server.port, '127.0.0.1').on('error', () => undefined);
    const slow = openSlowPost(server.port);
    const dashboard = sockets.open(server);
    await dashboard.hello();
    // It does not read, so it never agrees to a close.
    const frozen = sockets.openRaw(server);
    await frozen.introduce();
    frozen.ws.pause();
    const posted = await postChunk(server.url, { ts: Date.now(), symbols: symbolNames(5), openInterest: 1 });
    expect(posted.status).toBe(200);

    expect((await postChunk(server.url, { ts: 1, symbols: ['A'], openInterest: 1 })).status).toBe(400);

    const startedAt = performance.now();
    server.signal('SIGTERM');
    expect(await server.untilEnd(10_000)).toEqual({ code: 0, signal: null });
    expectLoggedEnd(server.output());
    process.stdout.write(`D2 ended after ${Math.round(performance.now() - startedAt)} ms\n`);
    expect(dashboard.disconnects).toEqual(['transport close']);
    for (const socket of [idle, slow]) socket.destroy();
  });

  it('D2 ends the process with 0 within 10 s while the database does not answer', async () => {
    const server = await box.start({ env: { ...TEST_KEYS, DATABASE_URL: proxy.url } });
    await server.ready();
    proxy.set({ mode: 'blackhole' });
    const ts = Date.now();
    const posted = postChunk(server.url, { ts, symbols: ['LASTUSDT'], openInterest: 1 });
    // On the board, so it waits for the database by now.
    await waitFor(
      'the chunk to be under way',
      async () => (await readBoardTimes(server)).get('LASTUSDT') === ts,
    );
    const startedAt = performance.now();
    server.signal('SIGTERM');
    expect(await server.untilEnd(10_000)).toEqual({ code: 0, signal: null });
    process.stdout.write(`D2 without database ended after ${Math.round(performance.now() - startedAt)} ms\n`);
    expect((await posted).status).toBe(503);
  });

  it('D2 ends the process with 0 while it is still starting its database, which starts again afterwards', async () => {
    const cwd = box.newFolder();
    const first = await box.start({ cwd });
    await waitFor('the start to be under way', () => first.output().includes('keys generated'));
    first.signal('SIGTERM');
    expect(await first.untilEnd(15_000)).toEqual({ code: 0, signal: null });
    const second = await box.start({ cwd });
    await second.ready();

    const third = await box.start({ cwd });
    expect(await third.untilEnd(15_000)).toEqual({ code: 1, signal: null });
    expect(third.output()).toMatch(/in use/);
    expect(third.output()).not.toMatch(/^\s+at /m);
  });

  it('D1 D2 turns readiness red first, and keeps serving for DRAIN_SECONDS until the balancer has noticed', async () => {
    const server = await box.start({
      env: { ...TEST_KEYS, DATABASE_URL: database.url, DRAIN_SECONDS: '2' },
    });
    await server.ready();
    const dashboard = sockets.open(server);
    await dashboard.hello();
    const startedAt = performance.now();
    server.signal('SIGTERM');
    await waitFor('readiness to be red', async () => (await fetch(`${server.url}/readyz`)).status === 503);
    expect((await fetch(`${server.url}/api/market/open-interest`)).status).toBe(200);
    expect(dashboard.disconnects).toEqual([]);
    expect(await server.untilEnd(12_000)).toEqual({ code: 0, signal: null });
    expect(performance.now() - startedAt).toBeGreaterThan(1_900);
  });

  it('D2 ends the process immediately when it is sent twice', async () => {
    const server = await box.start({ env: { ...TEST_KEYS, DATABASE_URL: database.url } });
    await server.ready();
    const slow = openSlowPost(server.port);
    await waitFor('the request to be read', async () => {
      const later = await fetch(`${server.url}/livez`);
      return later.ok && slow.bytesWritten > 0;
    });
    server.signal('SIGTERM');
    await waitFor('the first signal to be handled', () => server.output().includes('"msg":"stopping"'));
    server.signal('SIGTERM');
    // After the first signal alone the slow request would have had 5 s.
    expect(await server.untilEnd(4_000)).toEqual({ code: 1, signal: null });
    slow.destroy();
  });
});
