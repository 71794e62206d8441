import { afterEach, describe, expect, it } from '@jest/globals';
import { connectRedis, createRedis, type Redis } from '../../src/platform/redis/redis.ts';
import { watchRedis } from '../../src/platform/redis/redisHealth.ts';
import { openRedisClient, startRedisServer, type RedisServer } from '../support/redis.ts';
import { silentLogger } from '../support/silentLogger.ts';
import { waitFor } from '../support/waitFor.ts';

let server: RedisServer | undefined;
const clients: Redis[] = [];

afterEach(async () => {
  for (const client of clients.splice(0)) client.disconnect();
  await server?.stop();
});

describe('health of Redis', () => {
  it('reports the refusal of a Redis at its connection limit, however the client lost its connection', async () => {
    server = await startRedisServer(['--maxclients', '1']);
    const first = openRedisClient(server.url);
    clients.push(first);
    await first.ping();
    const redis = createRedis({ url: server.url, logger: silentLogger, role: 'test' });
    clients.push(redis);
    const health = watchRedis(redis);
    connectRedis(redis);
    for (let look = 0; look < 10; look += 1) {
      expect(await health.look()).toEqual({ pingMs: null, fault: 'ERR max number of clients reached' });
    }
    first.disconnect();
    await waitFor('a write to Redis', async () => (await health.look()).fault === null);
  });

  it('reports a replica at each look, also while the client reconnects after a refused write', async () => {
    server = await startRedisServer();
    const operator = openRedisClient(server.url);
    const redis = createRedis({ url: server.url, logger: silentLogger, role: 'test' });
    clients.push(operator, redis);
    const health = watchRedis(redis);
    connectRedis(redis);
    await waitFor('a write to Redis', async () => (await health.look()).fault === null);
    await operator.replicaof('127.0.0.1', 1);
    const faults: (string | null)[] = [];
    for (let look = 0; look < 20; look += 1) faults.push((await health.look()).fault);
    expect(faults).toEqual(Array.from(faults, () => expect.stringContaining('READONLY')));
    await operator.replicaof('NO', 'ONE');
    await waitFor('a write to Redis', async () => (await health.look()).fault === null);
  });

  it('reports the refused connection of a closed port', async () => {
    server = await startRedisServer();
    const redis = createRedis({ url: server.url, logger: silentLogger, role: 'test' });
    clients.push(redis);
    const health = watchRedis(redis);
    connectRedis(redis);
    await waitFor('a write to Redis', async () => (await health.look()).fault === null);
    await server.kill();
    await waitFor('the refused connection', async () =>
      /ECONNREFUSED/.test((await health.look()).fault ?? ''),
    );
  });
});
