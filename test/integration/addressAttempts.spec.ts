import { spawn, type ChildProcess } from 'node:child_process';
import dns from 'node:dns';
import { once } from 'node:events';
import net from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { createTokenKey } from '../../src/access/tokenKey.ts';
import { createHttpGet } from '../../src/collector/binance/http.ts';
import { openPriceLink } from '../../src/collector/markPrices/priceLink.ts';
import { createOutbound } from '../../src/collector/outbound/outbound.ts';
import { createServerClient } from '../../src/collector/server/client.ts';
import {
  DATABASE_ATTEMPT_MS,
  EXCHANGE_ATTEMPT_MS,
  setAddressAttemptTimeout,
} from '../../src/kit/addressAttempts.ts';
import { systemClock } from '../../src/kit/clock.ts';
import { createDatabase } from '../../src/platform/database/database.ts';
import { createRedis } from '../../src/platform/redis/redis.ts';
import { silentLogger } from '../support/silentLogger.ts';

/**
 * Real sockets on loopback. A listener that does not accept answers no SYN once its queue is full: the kernel sends the
 * SYN again after a second. That is an address that is dead for as long as the listener sleeps, and one whose handshake
 * takes a second when it wakes up in between.
 */
const SLEEPER = `
  const server = require('node:net').createServer((socket) => socket.on('error', () => undefined));
  server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
    require('node:fs').writeSync(1, server.address().port + '\\n');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Number(process.argv[1]));
  });`;

const HOST = 'two-addresses.test';
const NODES_DEFAULT_MS = net.getDefaultAutoSelectFamilyAttemptTimeout();
const outbound = createOutbound({});
const realLookup = dns.lookup;
let addresses: { address: string; family: 4 | 6 }[] = [];
let sleeper: ChildProcess | undefined;
const fillers: net.Socket[] = [];
const opened: { close: () => unknown }[] = [];

beforeAll(() => {
  // The lookup of every client without its own.
  const lookup = (host: string, options: dns.LookupOptions, found: (...given: unknown[]) => void) =>
    host === HOST
      ? process.nextTick(found, null, options.all ? addresses : addresses[0]!.address, addresses[0]!.family)
      : realLookup(host, options, found as never);
  dns.lookup = lookup as typeof dns.lookup;
});
afterAll(async () => {
  dns.lookup = realLookup;
  setAddressAttemptTimeout(NODES_DEFAULT_MS);
  await outbound.close();
});
afterEach(async () => {
  for (const it of opened.splice(0)) await it.close();
  for (const it of fillers.splice(0)) it.destroy();
  sleeper?.kill('SIGKILL');
  sleeper = undefined;
});

/** Returns the port of a listener on 127.0.0.1 that accepts no connection for `sleepMs`. */
async function startSleeper(sleepMs: number): Promise<number> {
  sleeper = spawn(process.execPath, ['-e', SLEEPER, String(sleepMs)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(sleeper.stdout!, 'data')) as [Buffer];
  const port = Number(line.toString());
  // A backlog of 1 has room for two.
  for (let i = 0; i < 2; i += 1) {
    const filler = net.connect({ port, host: '127.0.0.1' });
    filler.on('error', () => undefined);
    fillers.push(filler);
    await once(filler, 'connect');
  }
  return port;
}

type Attempt = (port: number) => void;

const CLIENTS: readonly [string, number, Attempt][] = [
  [
    'the exchange client',
    EXCHANGE_ATTEMPT_MS,
    (port) =>
      void createHttpGet({ clock: systemClock, outbound })
        .get(`http://${HOST}:${port}/`, { timeoutMs: 8_000 })
        .catch(() => undefined),
  ],
  [
    'the price stream',
    EXCHANGE_ATTEMPT_MS,
    (port) => {
      const link = openPriceLink({
        url: `ws://${HOST}:${port}/`,
        clock: systemClock,
        outbound,
        onRows: () => undefined,
        onEnd: () => undefined,
      });
      opened.push(link);
    },
  ],
  [
    'the client of our server',
    EXCHANGE_ATTEMPT_MS,
    (port) =>
      void createServerClient({
        url: `http://${HOST}:${port}`,
        apiKey: 'k',
        outbound,
        clock: systemClock,
      }).ingest('{}'),
  ],
  [
    'the pool of Postgres',
    DATABASE_ATTEMPT_MS,
    (port) => {
      const pool = createDatabase({ url: `postgres://u:p@${HOST}:${port}/d`, logger: silentLogger });
      opened.push({ close: () => pool.end() });
      pool.query('select 1').catch(() => undefined);
    },
  ],
  [
    'the client of migrations',
    DATABASE_ATTEMPT_MS,
    (port) => {
      const client = new pg.Client({ connectionString: `postgres://u:p@${HOST}:${port}/d` });
      client.on('error', () => undefined);
      client.connect().catch(() => undefined);
    },
  ],
  [
    'Redis',
    DATABASE_ATTEMPT_MS,
    (port) => {
      const redis = createRedis({ url: `redis://${HOST}:${port}`, logger: silentLogger, role: 'test' });
      opened.push({ close: () => redis.disconnect() });
      redis.connect().catch(() => undefined);
    },
  ],
  [
    'the keys of the token issuer',
    DATABASE_ATTEMPT_MS,
    // Plain http is permitted for loopback only, which this name resolves to.
    (port) =>
      void Promise.resolve(
        createTokenKey({ jwksUrl: `https://${HOST}:${port}/keys`, clock: systemClock }).getKey(
          { alg: 'RS256', kid: '1' },
          {
            payload: '',
            signature: '',
          },
        ),
      ).catch(() => undefined),
  ],
];

describe('connecting to a name with two addresses', () => {
  it.each(CLIENTS)(
    '%s waits %d ms for the first before it tries the second',
    async (_client, limitMs, attempt) => {
      setAddressAttemptTimeout(limitMs);
      const port = await startSleeper(20_000);
      const second = net.createServer((socket) => socket.destroy());
      second.listen({ port, host: '127.0.0.2' });
      await once(second, 'listening');
      opened.push({ close: () => new Promise((resolve) => second.close(resolve)) });
      addresses = [
        { address: '127.0.0.1', family: 4 },
        { address: '127.0.0.2', family: 4 },
      ];
      const startedAt = performance.now();
      const connected = once(second, 'connection');
      attempt(port);
      await connected;
      expect(performance.now() - startedAt).toBeGreaterThan(limitMs * 0.95);
    },
  );

  it('succeeds when the handshake takes a second and the other address is unreachable', async () => {
    setAddressAttemptTimeout(EXCHANGE_ATTEMPT_MS);
    const port = await startSleeper(300);
    // Node's result for an address without a route or a listener.
    addresses = [
      { address: '127.0.0.1', family: 4 },
      { address: '127.0.0.3', family: 4 },
    ];
    const socket = net.connect({ port, host: HOST });
    await once(socket, 'connect');
    expect(socket.remoteAddress).toBe('127.0.0.1');
    socket.destroy();
  });
});
