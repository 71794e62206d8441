import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { findFreePort } from '../../src/platform/embedded/freePort.ts';
import { startSimulator } from '../../src/simulator/server.ts';
import { startCollectorProcess, type CollectorProcess } from '../support/collectorProcess.ts';
import { countOpenConnections, readMemory, resetPeakMemory } from '../support/processMemory.ts';
import { openRawConnection } from '../support/rawHttp.ts';
import { createServerBox, TEST_KEYS } from '../support/serverProcess.ts';
import { collectorEnv } from '../support/testCollector.ts';
import { waitFor } from '../support/waitFor.ts';
import { withOpened } from '../support/withOpened.ts';
import { withDatabase } from '../support/withServer.ts';

const CONNECTIONS = 15;
/** As many short requests as fit one read of Node, which parses all of them before anything else. */
const PIPELINED = 1_680;
/** A burst that is permitted for a client that reads the responses. */
const PATIENT = 16;
const MOST_ADDED_MB = 50;

type Target = { pid: number; port: number; path: string };

let collector: CollectorProcess;
afterAll(() => collector.end());
const database = withDatabase();
const simulator = withOpened(startSimulator, 'close');
const box = withOpened(createServerBox, 'remove');
const targets = new Map<string, Target>();
const sockets: Socket[] = [];

beforeAll(async () => {
  const server = await box.start({
    env: { ...TEST_KEYS, DATABASE_URL: database.url, READ_RATE_LIMIT_PER_MIN: '0' },
  });
  await server.ready();
  const [proxyPort, fundingPort] = [await findFreePort(), await findFreePort()];
  collector = startCollectorProcess(['proxy', 'mark-prices', 'funding-api'], {
    ...collectorEnv({ simulator, serverUrl: server.url, stateDir: box.newFolder() }),
    PROXY_PORT: String(proxyPort),
    FUNDING_API_PORT: String(fundingPort),
  });
  targets.set('server', { pid: server.pid, port: server.port, path: '/openapi.json' });
  targets.set('proxy', { pid: collector.pid, port: proxyPort, path: '/api/binance/futures/info' });
  targets.set('funding API', {
    pid: collector.pid,
    port: fundingPort,
    path: '/funding/batch?symbols=BTCUSDT',
  });
  for (const { port, path } of targets.values()) {
    await waitFor(`${path} to be answered`, async () => (await fetch(`http://127.0.0.1:${port}${path}`)).ok);
  }
});

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

/** Opens connections, pipelines `count` requests on each, and reads no response. */
async function askWithoutReading({ port, path }: Target, count: number): Promise<ReadonlySet<number>> {
  const requests = `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`.repeat(count);
  const ports = Array.from({ length: CONNECTIONS }, async () => {
    const socket = connect(port, '127.0.0.1');
    sockets.push(socket);
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    socket.write(requests);
    return socket.localPort!;
  });
  return new Set(await Promise.all(ports));
}

/** What the attack adds to the memory of the process at most, until it has closed all its connections. */
async function measureAttack(target: Target, count: number, closedWithinMs: number): Promise<number> {
  const { nowMb } = readMemory(target.pid);
  resetPeakMemory(target.pid);
  const ports = await askWithoutReading(target, count);
  await waitFor('its connections to be closed', () => countOpenConnections(target.port, ports) === 0, {
    timeoutMs: closedWithinMs,
    everyMs: 250,
  });
  const addedMb = readMemory(target.pid).peakMb - nowMb;
  process.stdout.write(`${target.path}, ${CONNECTIONS} × ${count}: +${addedMb.toFixed(1)} MB\n`);
  expect((await fetch(`http://127.0.0.1:${target.port}${target.path}`)).status).toBe(200);
  return addedMb;
}

/** Excludes memory that any use of the program allocates once. */
async function warmUp({ port, path }: Target): Promise<void> {
  for (let round = 0; round < 20; round += 1) {
    const asked = Array.from({ length: 20 }, () => fetch(`http://127.0.0.1:${port}${path}`));
    for (const answer of await Promise.all(asked)) await answer.arrayBuffer();
  }
}

describe('a client that sends requests and never reads', () => {
  it.each(['server', 'proxy', 'funding API'])(
    'C5 B5 is closed immediately when it pipelines without end, at limited cost: %s',
    async (name) => {
      await warmUp(targets.get(name)!);
      const addedMb = await measureAttack(targets.get(name)!, PIPELINED, 20_000);
      expect(addedMb).toBeLessThan(MOST_ADDED_MB);
    },
    60_000,
  );

  it('C5 B5 is closed within a minute at a normal request rate', async () => {
    // Large enough for the operating system to refuse the rest.
    const path = '/docs/assets/swagger-ui-bundle.js';
    const addedMb = await measureAttack({ ...targets.get('server')!, path }, PATIENT, 60_000);
    expect(addedMb).toBeLessThan(MOST_ADDED_MB);
  });
});

describe('a client that pipelines a few requests and reads', () => {
  it('is answered in order', async () => {
    const connection = await openRawConnection(targets.get('server')!.port);
    const paths = Array.from({ length: PATIENT }, (_, i) => (i % 2 ? `/nowhere/${i}` : '/health'));
    connection.write(paths.map((path) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`).join(''));
    const statuses = (text: string) => Array.from(text.matchAll(/HTTP\/1\.1 (\d+)/g), ([, it]) => it);
    const answered = await connection.read((text) => statuses(text).length === PATIENT);
    connection.end();
    expect(statuses(answered)).toEqual(paths.map((path) => (path === '/health' ? '200' : '404')));
  });
});
