import net from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { createMirror } from '../../src/openInterest/openInterest.mirror.ts';
import { compareMoments } from '../../src/openInterest/openInterest.merge.ts';
import type { BoardBody, BoardRow, Sample } from '../../src/openInterest/openInterest.types.ts';
import { systemClock } from '../../src/kit/clock.ts';
import { createRedis } from '../../src/platform/redis.ts';
import { aChunk, aSample, symbolNames } from '../support/builders.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { createJumpClock } from '../support/jumpClock.ts';
import { startFaultProxy } from '../support/faultProxy.ts';
import { startRedisServer, type RedisServer } from '../support/redis.ts';
import { silentLogger } from '../support/silentLogger.ts';
import { startTestServer, type TestServer } from '../support/testServer.ts';
import { waitFor } from '../support/waitFor.ts';
import { quantile, startWriters, type WriterHistory } from '../support/writers.ts';

const INGEST = '/api/market/open-interest/ingest';
const MINUTE_MS = 60_000;

let database: TestDatabase;
let redis: RedisServer;
let server: TestServer;
/** Our own way to Redis, which waits for it. */
let admin: Redis;
const unhandled: unknown[] = [];
const onUnhandled = (thrown: unknown): void => void unhandled.push(thrown);

beforeAll(async () => {
  process.on('unhandledRejection', onUnhandled);
  [database, redis] = await Promise.all([createTestDatabase(), startRedisServer()]);
  admin = openAdmin(redis.url);
  server = await startTestServer({ databaseUrl: database.url, redisUrl: redis.url });
});

afterAll(async () => {
  await server.close();
  admin.disconnect();
  await Promise.all([redis.stop(), database.drop()]);
  process.off('unhandledRejection', onUnhandled);
});

function openAdmin(url: string): Redis {
  const client = new Redis(url, { retryStrategy: () => 50, maxRetriesPerRequest: null });
  client.on('error', () => undefined);
  return client;
}

async function boardOf(of: TestServer): Promise<Map<string, BoardRow>> {
  const answer = await of.get('/api/market/open-interest/board', {
    Authorization: `Bearer ${await of.token('pro')}`,
  });
  const { rows } = (await answer.json()) as BoardBody;
  return new Map((rows as BoardRow[]).map((row) => [row.symbol, row]));
}

async function writeFor(chunks: number): Promise<WriterHistory> {
  const writers = startWriters({
    url: () => server.url,
    count: 2,
    symbols: (writer) => symbolNames(50, writer * 50),
  });
  await waitFor(`${chunks} chunks`, () => writers.acknowledged() >= chunks, { timeoutMs: 15_000 });
  return writers.stop();
}

/** Until a sample that comes in now stands in Redis again. */
async function waitUntilMirrored(of: TestServer = server): Promise<void> {
  await waitFor('Redis to be written again', async () => {
    const ts = Math.floor(Date.now() / 1_000) * 1_000;
    await of.post(INGEST, aChunk(['MIRRORUSDT'], { ts }));
    return (await admin.hget('oi:latest', 'MIRRORUSDT'))?.startsWith(`${ts}:3:`);
  });
}

describe('whatever happens to Redis', () => {
  const faults: [string, () => Promise<unknown>, () => Promise<unknown>][] = [
    ['killed', () => redis.kill(), () => redis.start()],
    ['stopped without an end', async () => redis.pause(), async () => redis.resume()],
    [
      'a replica that takes no writes',
      () => admin.replicaof('127.0.0.1', 1),
      () => admin.replicaof('NO', 'ONE'),
    ],
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
    'I11 C2 (%s) no answer to a poller changes, and none is slower by more than 100 ms',
    async (name, hurt, heal) => {
      const usual = await writeFor(60);
      await hurt();
      try {
        let suffered = await writeFor(60);
        // A busy machine is slow once; waiting for Redis would be slow each time.
        if (slowness(suffered) > slowness(usual) + 100) suffered = await writeFor(60);
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
  );

  function slowness(history: WriterHistory): number {
    return quantile(history.latenciesMs, 0.99);
  }

  it('C2 a Redis that is absent at the start is used when it comes', async () => {
    const late = await startRedisServer();
    await late.stop();
    const node = await startTestServer({ databaseUrl: database.url, redisUrl: late.url });
    const client = openAdmin(late.url);
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

  it('C5 a Redis that answers nothing is let go of, so that nothing piles up, and is found again', async () => {
    const client = createRedis({ url: redis.url, logger: silentLogger, role: 'test' });
    await client.connect();
    redis.pause();
    try {
      await expect(client.set('x', 'y')).rejects.toThrow('Command timed out');
      await waitFor('the connection to be given up', () => client.status !== 'ready', { timeoutMs: 4_000 });
      const startedAt = performance.now();
      await expect(client.set('x', 'y')).rejects.toThrow();
      expect(performance.now() - startedAt).toBeLessThan(100);
    } finally {
      redis.resume();
    }
    await waitFor('the connection', () => client.status === 'ready');
    await client.set('x', 'y');
    client.disconnect();
  });

  it('C2 a subscriber whose line is dead notices, though it only listens', async () => {
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
      // Nobody posts, so the other connection has nothing to notice by.
      await waitFor('a new connection', () => proxy.accepted() > 2, { timeoutMs: 4_000 });
    } finally {
      await node.close();
      await proxy.close();
    }
  });

  it('C2 something that is no Redis at all does no harm either', async () => {
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

describe('the copy in Redis', () => {
  it('I3 keeps the newest sample of each symbol, in whatever order chunks arrive', async () => {
    await admin.del('oi:latest');
    const client = createRedis({ url: redis.url, logger: silentLogger, role: 'test' });
    await client.connect();
    const failures: string[] = [];
    const mirror = createMirror({
      redis: client,
      clock: systemClock,
      logger: silentLogger,
      onFailure: () => failures.push('failed'),
    });
    const sources = ['realtime', 'snapshot', 'snapshot_legacy'] as const;
    const now = Date.now();
    let seed = 7;
    const random = (below: number): number => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return seed % below;
    };
    const newest = new Map<string, Sample>();
    for (let chunk = 0; chunk < 60; chunk += 1) {
      const samples = Array.from({ length: 100 }, (): Sample => {
        const source = sources[random(3)] ?? 'realtime';
        const ts = now - random(20) * 1_000;
        const symbol = `SYM${random(120)}USDT`;
        return aSample({ symbol, ts, source, openInterest: ts % 100_000 });
      }).toSorted(compareMoments);
      for (const sample of samples) {
        const held = newest.get(sample.symbol);
        if (!held || compareMoments(sample, held) > 0) newest.set(sample.symbol, sample);
      }
      mirror.putSamples(samples);
    }
    await waitFor('the last chunk', async () => {
      const held = new Map((await mirror.selectSamples()).map((it) => [it.symbol, [it.ts, it.source]]));
      return [...newest.values()].every((it) => String(held.get(it.symbol)) === String([it.ts, it.source]));
    });
    expect(failures).toEqual([]);
    expect(await admin.hlen('oi:latest')).toBe(newest.size);
    expect(await admin.ttl('oi:latest')).toBeGreaterThan(86_000);
    client.disconnect();
  });

  it('replaces what does not look like ours, whatever it pretends to be', async () => {
    const garbage = {
      AUSDT: 'nonsense',
      BUSDT: '99999999999999999:9:{}',
      CUSDT: `${Date.now() + 365 * 24 * 60 * MINUTE_MS}:3:{"symbol":"CUSDT"}`,
      DUSDT: `${Date.now()}:9:not json`,
    };
    await admin.hset('oi:latest', garbage);
    const ts = Math.floor(Date.now() / 1_000) * 1_000;
    await server.post(INGEST, aChunk(Object.keys(garbage), { ts }));
    await waitFor('all to be ours', async () => {
      const held = await admin.hmget('oi:latest', ...Object.keys(garbage));
      return held.every((value) => value?.startsWith(`${ts}:3:{`));
    });
  });

  it('names the liquid universe as the last update left it', async () => {
    const update = (symbols: { symbol: string; quoteVolume24h: number }[]) =>
      server.post('/api/market/open-interest/liquid-universe/update', { symbols, force: true });
    await update([
      { symbol: 'AUSDT', quoteVolume24h: 5_000_000 },
      { symbol: 'BUSDT', quoteVolume24h: 6_000_000 },
    ]);
    await waitFor('both', async () => (await admin.scard('oi:universe')) === 2);
    await update([
      { symbol: 'BUSDT', quoteVolume24h: 7_000_000 },
      { symbol: '币安人生USDT', quoteVolume24h: 8_000_000 },
    ]);
    await waitFor('the second set', async () => !(await admin.sismember('oi:universe', 'AUSDT')));
    expect((await admin.smembers('oi:universe')).toSorted()).toEqual(['BUSDT', '币安人生USDT']);
    const meta = await admin.hgetall('oi:universe:meta');
    expect(Object.keys(meta).toSorted()).toEqual(['BUSDT', '币安人生USDT']);
    expect(JSON.parse(meta['BUSDT'] ?? '')).toEqual({
      quoteVolume24h: 7_000_000,
      enteredAt: expect.stringMatching(/Z$/),
    });
  });
});

describe('a node that starts', () => {
  it('C3 C6 takes from Redis what is newer and nothing else, whatever stands there', async () => {
    const own = await createTestDatabase();
    const now = Math.floor(Date.now() / 1_000) * 1_000;
    const first = await startTestServer({ databaseUrl: own.url });
    await first.post(INGEST, aChunk(symbolNames(20), { ts: now - MINUTE_MS }));
    const expected = await boardOf(first);
    await first.close();

    await admin.flushall();
    const entry = (given: Partial<Sample>, prefix?: string): [string, string] => {
      const sample = aSample({ source: 'realtime', ...given });
      return [
        sample.symbol,
        `${prefix ?? `${String(sample.ts).padStart(13, '0')}:3`}:${JSON.stringify(sample)}`,
      ];
    };
    await admin.hset(
      'oi:latest',
      new Map([
        // An old dump.
        entry({ symbol: 'SYM0USDT', ts: now - 10 * MINUTE_MS, openInterest: 1 }),
        entry({ symbol: 'GONEUSDT', ts: now - 24 * 60 * MINUTE_MS }),
        // Newer than what Postgres holds.
        entry({ symbol: 'SYM1USDT', ts: now - MINUTE_MS / 2, openInterest: 4_242 }),
        // Of the same moment: what the database keeps, counts.
        entry({ symbol: 'SYM2USDT', ts: now - MINUTE_MS, openInterest: 9 }),
        // Never true.
        entry({ symbol: 'SYM3USDT', ts: now + 60 * MINUTE_MS, openInterest: 9 }),
        entry({ symbol: 'SYM4USDT', ts: now, openInterest: -1 }),
        entry({ symbol: '__proto__', ts: now }),
        entry({ symbol: ' x\n', ts: now }),
        ['SYM5USDT', `${now}:3:{"symbol":"SYM5USDT","openInterest":1e999,"ts":${now},"source":"realtime"}`],
        ['SYM6USDT', `${now}:3:{`],
        ['SYM7USDT', 'nonsense'],
        ['SYM8USDT', ''],
        entry({ symbol: 'SYM9USDT', ts: now, source: 'backfill' }),
        ['SYM10USDT', entry({ symbol: 'SYM11USDT', ts: now, openInterest: 9 })[1]],
      ]),
    );
    const node = await startTestServer({ databaseUrl: own.url, redisUrl: redis.url });
    try {
      const shown = await boardOf(node);
      expect(shown.get('SYM1USDT')).toMatchObject({ openInterest: 4_242, ts: now - MINUTE_MS / 2 });
      const values = (rows: Map<string, BoardRow>) =>
        [...rows.values()]
          .filter((it) => it.symbol !== 'SYM1USDT')
          .map((it) => `${it.symbol} ${it.ts} ${it.openInterest}`)
          .toSorted();
      expect(values(shown)).toEqual(values(expected));
      expect(({} as Record<string, unknown>)['ts']).toBeUndefined();
    } finally {
      await node.close();
      await own.drop();
    }
  });

  it('C3 an old dump that is restored while it runs moves nothing back, and is overwritten by what comes in', async () => {
    const ts = Math.floor(Date.now() / 1_000) * 1_000;
    await server.post(INGEST, aChunk(symbolNames(10), { ts, item: { openInterest: 2 } }));
    const old = aSample({ symbol: 'SYM1USDT', ts: ts - MINUTE_MS, openInterest: 1 });
    await admin.hset('oi:latest', 'SYM1USDT', `${old.ts}:3:${JSON.stringify(old)}`);
    expect((await boardOf(server)).get('SYM1USDT')).toMatchObject({ openInterest: 2, ts });
    await server.post(INGEST, aChunk(symbolNames(10), { ts: ts + 1_000 }));
    await waitFor('the newer one', async () =>
      (await admin.hget('oi:latest', 'SYM1USDT'))?.startsWith(`${ts + 1_000}:`),
    );
  });
});
