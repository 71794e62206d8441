import { describe, expect, it } from '@jest/globals';
import { systemClock } from '../../src/kit/clock.ts';
import { compareMoments } from '../../src/openInterest/board/merge.ts';
import { createRedisCopy } from '../../src/openInterest/cluster/redisCopy.ts';
import type { BoardRow, Sample } from '../../src/openInterest/openInterest.types.ts';
import { createRedis } from '../../src/platform/redis/redis.ts';
import { aChunk, aSample, symbolNames } from '../support/builders.ts';
import { createTestDatabase } from '../support/database.ts';
import { readBoard } from '../support/openInterestCalls.ts';
import { createJumpClock } from '../support/jumpClock.ts';
import { openRedisClient, startRedisServer } from '../support/redis.ts';
import { silentLogger } from '../support/silentLogger.ts';
import { startTestServer, type TestServer } from '../support/testServer.ts';
import { waitFor } from '../support/waitFor.ts';
import { withOpened } from '../support/withOpened.ts';
import { withDatabase } from '../support/withServer.ts';

const INGEST = '/api/market/open-interest/ingest';
const MINUTE_MS = 60_000;

const database = withDatabase();
const redis = withOpened(startRedisServer, 'stop');
/** Our own way to Redis. */
const admin = withOpened(() => openRedisClient(redis.url), 'disconnect');
const server = withOpened(() => startTestServer({ databaseUrl: database.url, redisUrl: redis.url }), 'close');

async function rowsOf(of: TestServer): Promise<Map<string, BoardRow>> {
  const { rows } = await readBoard(of);
  return new Map((rows as BoardRow[]).map((row) => [row.symbol, row]));
}

describe('copy in Redis', () => {
  it('I3 keeps the newest sample of each symbol, for any order of chunks', async () => {
    await admin.del('oi:latest');
    const client = createRedis({ url: redis.url, logger: silentLogger, role: 'test' });
    await client.connect();
    const failures: string[] = [];
    const copy = createRedisCopy({
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
      copy.putSamples(samples);
    }
    await waitFor('the last chunk', async () => {
      const held = new Map((await copy.selectSamples()).map((it) => [it.symbol, [it.ts, it.source]]));
      return [...newest.values()].every((it) => String(held.get(it.symbol)) === String([it.ts, it.source]));
    });
    expect(failures).toEqual([]);
    expect(await admin.hlen('oi:latest')).toBe(newest.size);
    expect(await admin.ttl('oi:latest')).toBeGreaterThan(86_000);
    client.disconnect();
  });

  it('replaces malformed entries of any type', async () => {
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

  it('C5 contains no symbol that the board would not show, and none that has left it', async () => {
    await admin.del('oi:latest');
    const clock = createJumpClock();
    const own = await createTestDatabase();
    const node = await startTestServer({ databaseUrl: own.url, redisUrl: redis.url, clock });
    const post = async (symbols: readonly string[], ageMs = 0) =>
      expect((await node.post(INGEST, aChunk(symbols, { ts: clock.now() - ageMs }))).status).toBe(200);
    const held = async () => (await admin.hkeys('oi:latest')).toSorted();
    try {
      await post(['LEAVESUSDT', 'STAYSUSDT']);
      await post(symbolNames(50), 120 * MINUTE_MS);
      await post(['LASTUSDT']);
      await waitFor('the last chunk', async () => (await held()).includes('LASTUSDT'));
      expect(await held()).toEqual(['LASTUSDT', 'LEAVESUSDT', 'STAYSUSDT']);
      for (let min = 0; min < 72; min += 9) {
        clock.jump(9 * MINUTE_MS);
        await post(['LASTUSDT', 'STAYSUSDT']);
      }
      await waitFor('the symbol to leave', async () => {
        clock.jump(10_000);
        return !(await held()).includes('LEAVESUSDT');
      });
      expect(await held()).toEqual(['LASTUSDT', 'STAYSUSDT']);
    } finally {
      await node.close();
      await own.drop();
    }
  });

  it('contains the liquid universe of the last update', async () => {
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

describe('a starting node', () => {
  it('C3 C6 reads only newer samples from Redis, whatever its contents', async () => {
    const own = await createTestDatabase();
    const now = Math.floor(Date.now() / 1_000) * 1_000;
    const first = await startTestServer({ databaseUrl: own.url });
    await first.post(INGEST, aChunk(symbolNames(20), { ts: now - MINUTE_MS }));
    const expected = await rowsOf(first);
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
        // Newer than the row in Postgres.
        entry({ symbol: 'SYM1USDT', ts: now - MINUTE_MS / 2, openInterest: 4_242 }),
        // Of the same time: the database's value counts.
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
      const shown = await rowsOf(node);
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

  it('C3 an old dump restored at runtime moves nothing back, and is overwritten by new samples', async () => {
    const ts = Math.floor(Date.now() / 1_000) * 1_000;
    await server.post(INGEST, aChunk(symbolNames(10), { ts, item: { openInterest: 2 } }));
    const old = aSample({ symbol: 'SYM1USDT', ts: ts - MINUTE_MS, openInterest: 1 });
    await admin.hset('oi:latest', 'SYM1USDT', `${old.ts}:3:${JSON.stringify(old)}`);
    expect((await rowsOf(server)).get('SYM1USDT')).toMatchObject({ openInterest: 2, ts });
    await server.post(INGEST, aChunk(symbolNames(10), { ts: ts + 1_000 }));
    await waitFor('the newer one', async () =>
      (await admin.hget('oi:latest', 'SYM1USDT'))?.startsWith(`${ts + 1_000}:`),
    );
  });
});
