import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SignJWT, jwtVerify } from 'jose';
import { fetch } from 'undici';
import { WebSocket } from 'ws';
import { systemClock } from '../../src/kit/clock.ts';
import { createLogger, type Logger } from '../../src/kit/logger.ts';
import { createPoster } from '../../src/openInterest/delivery/post.ts';
import { createRedis } from '../../src/platform/redis/redis.ts';
import { createPool } from '../support/pool.ts';
import { startRedisServer } from '../support/redis.ts';
import { withOpened } from '../support/withOpened.ts';

const CANARY = 'canary-7f3a9c';

const redis = withOpened(startRedisServer, 'stop');
let refusing: net.Server;

beforeAll(async () => {
  refusing = net.createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', (first) =>
      socket.write(first.includes('HTTP/1.1') ? UNAUTHORIZED : ASKS_FOR_PASSWORD),
    );
    socket.on('data', (bytes) => {
      if (bytes[0] === 'p'.charCodeAt(0)) socket.end(refusePassword());
    });
  });
  refusing.listen(0, '127.0.0.1');
  await once(refusing, 'listening');
});

afterAll(() => void refusing.close());

/** What Postgres answers to a start, and to a password that is wrong. */
const ASKS_FOR_PASSWORD = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 3]);
const UNAUTHORIZED = 'HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\n\r\n';

function refusePassword(): Buffer {
  const fields = Buffer.from('SFATAL\0C28P01\0Mpassword authentication failed for user "ada"\0\0');
  const head = Buffer.alloc(5, 'E');
  head.writeUInt32BE(fields.length + 4, 1);
  return Buffer.concat([head, fields]);
}

const port = () => (refusing.address() as AddressInfo).port;

/** Each makes its client fail with the secret in the request; settles when the failure has been logged. */
const FAILURES: readonly [string, RegExp, (logger: Logger) => Promise<void>][] = [
  [
    'ioredis',
    /WRONGPASS/,
    async (logger) => {
      const client = createRedis({
        url: `redis://ada:${CANARY}@127.0.0.1:${redis.port}`,
        logger,
        role: 'bus',
      });
      await client.connect().catch((err: unknown) => logger.error({ err }, 'connect failed'));
      await client.set('key', CANARY).catch((err: unknown) => logger.error({ err }, 'command failed'));
      client.disconnect();
    },
  ],
  [
    'pg',
    /password authentication failed/,
    async (logger) => {
      const pool = createPool({ url: `postgres://ada:${CANARY}@127.0.0.1:${port()}/x`, max: 1 });
      await pool.query('select $1', [CANARY]).catch((err: unknown) => logger.error({ err }, 'query failed'));
      await pool.end();
    },
  ],
  [
    'undici',
    /ECONNREFUSED|fetch failed/,
    async (logger) => {
      const headers = { 'X-API-Key': CANARY };
      await fetch(`http://127.0.0.1:9/?key=${CANARY}`, { headers, method: 'POST', body: CANARY }).catch(
        (err: unknown) => logger.error({ err }, 'fetch failed'),
      );
      await fetch(`http://ada:${CANARY}@`).catch((err: unknown) => logger.error({ err }, 'address failed'));
    },
  ],
  [
    'the sender of alerts',
    /ECONNREFUSED/,
    async (logger) => {
      const poster = createPoster({ clock: systemClock, policy: { allowHttp: true, allowPrivate: true } });
      const url = `http://127.0.0.1:9/bot${CANARY}/sendMessage`;
      await poster
        .post({ url, headers: { 'webhook-signature': CANARY }, body: CANARY, trusted: true })
        .catch((err: unknown) => logger.error({ err }, 'delivery failed'));
      await poster.close();
    },
  ],
  [
    'ws',
    /401/,
    async (logger) => {
      const headers = { Authorization: `Bearer ${CANARY}` };
      const socket = new WebSocket(`ws://127.0.0.1:${port()}/?key=${CANARY}`, { headers });
      const [err] = (await once(socket, 'error')) as [Error];
      logger.error({ err }, 'socket failed');
    },
  ],
  [
    'jose',
    /exp/,
    async (logger) => {
      const key = Buffer.alloc(32, CANARY);
      const signed = new SignJWT({ note: CANARY }).setProtectedHeader({ alg: 'HS256' }).setExpirationTime(1);
      await jwtVerify(await signed.sign(key), key).catch((err: unknown) =>
        logger.error({ err }, 'token failed'),
      );
    },
  ],
];

describe('log of a failing client', () => {
  it.each(FAILURES)('A10 names the fault without contents of the request: %s', async (_, fault, fail) => {
    let log = '';
    const logger = createLogger({
      level: 'trace',
      name: 'spec',
      destination: { write: (line) => void (log += line) },
    });
    await fail(logger);
    expect(log).toMatch(fault);
    expect(log).not.toContain(CANARY);
  });
});
