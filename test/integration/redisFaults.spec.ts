import net from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createRedis } from '../../src/platform/redis/redis.ts';
import { aChunk, symbolNames } from '../support/builders.ts';
import { createJumpClock } from '../support/jumpClock.ts';
import { startFaultProxy } from '../support/faultProxy.ts';
import { openRedisClient, startRedisServer } from '../support/redis.ts';
import { silentLogger } from '../support/silentLogger.ts';
import { startTestServer, type TestServer } from '../support/testServer.ts';
import { waitFor } from '../support/waitFor.ts';
import { withOpened } from '../support/withOpened.ts';
import { withDatabase } from '../support/withServer.ts';
import { quantile, startWriters, type WriterHistory } from '../support/writers.ts';

const INGEST = '/api/market/open-interest/ingest';

const database = withDatabase();
const redis = withOpened(startRedisServer, 'stop');
/** Our own way to Redis, which waits for it. */
const admin = withOpened(() => openRedisClient(redis.url), 'disconnect');
const server = withOpened(() => startTestServer({ databaseUrl: database.url, redisUrl: redis.url }), 'close');
const unhandled: unknown[] = [];
const onUnhandled = (thrown: unknown): void => void unhandled.push(thrown);

beforeAll(() => void process.on('unhandledRejection', onUnhandled));
afterAll(() => void process.off('unhandledRejection', onUnhandled));

async function writeFor(chunks: number): Promise<WriterHistory> {
  const writers = startWriters({
    url: () => server.url,
    count: 2,
    symbols: (writer) => symbolNames(20, writer * 20),
  });
  await waitFor(`${chunks} chunks`, () => writers.acknowledged() >= chunks);
  return writers.stop();
}

/** Waits until new samples are in Redis again. */
async function waitUntilMirrored(of: TestServer = server): Promise<void> {
  await waitFor('Redis to be written again', async () => {
    const ts = Math.floor(Date.now() / 1_000) * 1_000;
    await of.post(INGEST, aChunk(['MIRRORUSDT'], { ts }));
    return (await admin.hget('oi:latest', 'MIRRORUSDT'))?.startsWith(`${ts}:3:`);
  });
}

describe('faults of Redis', () => {
  const faults: [string, () => Promise<unknown>, () => Promise<unknown>][] = [
    ['killed', () => redis.kill(), () => redis.start()],
    ['stopped without an end', async () => redis.pause(), async () => redis.resume()],
    ['a read-only replica', () => admin.replicaof('127.0.0.1', 1), () => admin.replicaof('NO', 'ONE')],
    [
      'out of memory',
      () => admin.config('SET', 'maxmemory', '1'),
      () => admin.config('SET', 'maxmemory', '0'),
    ],
    [
      'full of something else',
      () =>
        admin.multi().del('oi:latest', 'oi:universe').set('oi:latest', 'x').lpush('oi:universe', 'y').exec(),
      () => admin.del('oi:latest', 'oi:universe'),
    ],
    ['flushed', () => admin.flushall(), async () => undefined],
  ];

  it.each(faults)(
    'I11 C2 (%s) change no response to a poller, and delay none by more than 100 ms',
    async (name, hurt, heal) => {
      const usual = await writeFor(60);
      await hurt();
      try {
        let suffered = await writeFor(60);
        // A busy machine is slow now and then; waiting for Redis would be slow each time.
        for (let again = 0; again < 3 && slowness(suffered) > slowness(usual) + 100; again += 1) {
          suffered = await writeFor(60);
        }
        process.stdout.write(
          `I11 ${name}: p99 ${Math.round(slowness(usual))} -> ${Math.round(slowness(suffered))} ms\n`,
        );
        expect([...suffered.answers.keys()]).toEqual([200]);
        expect(slowness(suffered)).toBeLessThan(slowness(usual) + 100);
        expect((await server.get('/readyz')).status).toBe(200);
        expect((await server.get('/livez')).status).toBe(200);
      } finally {
        await heal();
      }
      await waitUntilMirrored();
      expect(unhandled).toEqual([]);
    },
    60_000,
  );

  function slowness(history: WriterHistory): number {
    return quantile(history.latenciesMs, 0.99);
  }

  it('C2 a Redis that is absent at the start is used when it appears', async () => {
    const late = await startRedisServer();
    await late.stop();
    const node = await startTestServer({ databaseUrl: database.url, redisUrl: late.url });
    const client = openRedisClient(late.url);
    try {
      expect((await node.post(INGEST, aChunk(symbolNames(3)))).status).toBe(200);
      await late.start();
      await waitFor('it to be used', async () => {
        await node.post(INGEST, aChunk(symbolNames(3), { ts: Date.now() }));
        return (await client.hlen('oi:latest')) >= 3;
      });
    } finally {
      client.disconnect();
      await node.close();
      await late.stop();
    }
  });

  it('C5 a Redis that does not answer is disconnected, so that nothing queues up, and reconnected later', async () => {
    const client = createRedis({ url: redis.url, logger: silentLogger, role: 'test' });
    await client.connect();
    redis.pause();
    try {
      await expect(client.set('x', 'y')).rejects.toThrow('Command timed out');
      await waitFor('the connection to be given up', () => client.status !== 'ready');
      // Immediately, instead of after the timeout of another command.
      await expect(client.set('x', 'y')).rejects.toThrow("Stream isn't writeable");
    } finally {
      redis.resume();
    }
    await waitFor('the connection', () => client.status === 'ready');
    await client.set('x', 'y');
    client.disconnect();
  });

  it('C2 a subscriber detects its dead connection, though it only receives', async () => {
    const proxy = await startFaultProxy(redis.port);
    const clock = createJumpClock();
    const node = await startTestServer({
      databaseUrl: database.url,
      redisUrl: `redis://127.0.0.1:${proxy.port}`,
      clock,
    });
    try {
      await waitFor('both connections', () => proxy.accepted() === 2);
      proxy.set({ mode: 'blackhole' });
      clock.jump(10_000);
      // There are no posts, so the other connection cannot notice the fault.
      await waitFor('a new connection', () => proxy.accepted() > 2);
    } finally {
      await node.close();
      await proxy.close();
    }
  });

  it('C2 a server that is no Redis is harmless too', async () => {
    const babble = net.createServer((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', () => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n*-7\r\n$x\r\n'));
    });
    await new Promise<void>((resolve) => babble.listen(0, '127.0.0.1', resolve));
    const { port } = babble.address() as net.AddressInfo;
    const node = await startTestServer({ databaseUrl: database.url, redisUrl: `redis://127.0.0.1:${port}` });
    for (let i = 0; i < 20; i += 1)
      expect((await node.post(INGEST, aChunk(symbolNames(3)))).status).toBe(200);
    await node.close();
    babble.close();
    expect(unhandled).toEqual([]);
  });
});
