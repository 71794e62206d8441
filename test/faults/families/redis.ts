import { Redis } from 'ioredis';
import { openRedisClient } from '../../support/redis.ts';
import type { Family, Fault, Undo } from '../faults.types.ts';
import { part, type Rig } from '../rig.ts';
import { WHOLE } from './plans.ts';

type Command = readonly [string, ...string[]];

/** Runs commands, ends the server's connections, and can take the commands back on the connection that it keeps. */
function commands(now: readonly Command[], back: readonly Command[]): (rig: Rig) => Promise<Undo> {
  return async ({ redis: given }) => {
    const client = openRedisClient(part(given).url);
    for (const [name, ...args] of now) await client.call(name, ...args);
    for (const type of ['normal', 'pubsub'])
      await client.call('CLIENT', 'KILL', 'TYPE', type, 'SKIPME', 'yes');
    return async () => {
      for (const [name, ...args] of back) await client.call(name, ...args);
      client.disconnect();
    };
  };
}

/** What a client of its own is answered when it writes, as the nodes do. */
async function writeIsRefused({ redis: given }: Rig): Promise<string | null> {
  const client = openRedisClient(part(given).url);
  try {
    await client.set('probe', 'x'.repeat(64));
    return null;
  } catch (thrown) {
    return `a write answers ${String(thrown).slice(0, 80)}`;
  } finally {
    client.disconnect();
  }
}

/** What a new client learns when it asks whether Redis is there. */
async function pingFails({ redis: given }: Rig): Promise<string | null> {
  const client = new Redis(part(given).url, {
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
    commandTimeout: 2_000,
  });
  let reason = '';
  client.on('error', (error: Error) => (reason ||= error.message));
  try {
    await client.ping();
    return null;
  } catch (thrown) {
    return `a new client gets ${(reason || String(thrown)).slice(0, 80)}`;
  } finally {
    client.disconnect();
  }
}

function refusing(fault: Pick<Fault, 'name' | 'inject' | 'expect'>): Fault {
  return { ...fault, bites: writeIsRefused };
}

export const redis: Family = {
  name: 'redis',
  plan: WHOLE,
  faults: [
    {
      name: 'Redis is killed',
      inject: ({ redis: given }) => part(given).kill(),
      bites: pingFails,
      expect: { stage: 'redis', cause: /does not answer|refused/i, remedy: /start redis/i, withinSec: 15 },
      repair: ({ redis: given }) => part(given).start(),
    },
    {
      name: 'Redis hangs',
      inject({ redis: given }) {
        part(given).pause();
        return () => part(given).resume();
      },
      bites: pingFails,
      expect: { stage: 'redis', cause: /does not answer|no answer|timed? ?out/i, withinSec: 15 },
    },
    refusing({
      name: 'the password is changed',
      inject: commands([['CONFIG', 'SET', 'requirepass', 'another']], [['CONFIG', 'SET', 'requirepass', '']]),
      expect: { stage: 'redis', cause: /password/i, remedy: /REDIS_URL|password/i, withinSec: 15 },
    }),
    refusing({
      name: 'Redis becomes a replica',
      inject: commands([['REPLICAOF', '127.0.0.1', '1']], [['REPLICAOF', 'NO', 'ONE']]),
      expect: { stage: 'redis', cause: /replica|read-?only/i, remedy: /primary|REDIS_URL/i, withinSec: 30 },
    }),
    refusing({
      name: 'the memory of Redis is used up',
      inject: commands([['CONFIG', 'SET', 'maxmemory', '1mb']], [['CONFIG', 'SET', 'maxmemory', '0']]),
      expect: { stage: 'redis', cause: /memory/i, remedy: /maxmemory/, withinSec: 30 },
    }),
    refusing({
      name: 'Redis cannot save and takes no writes',
      inject: commands(
        [
          ['CONFIG', 'SET', 'save', '1 1'],
          ['SET', 'probe', '1'],
          ['CONFIG', 'SET', 'dir', '/proc'],
        ],
        [
          ['CONFIG', 'SET', 'save', ''],
          ['CONFIG', 'SET', 'stop-writes-on-bgsave-error', 'no'],
        ],
      ),
      expect: { stage: 'redis', cause: /save|disk/i, remedy: /disk|log/i, withinSec: 45 },
    }),
    {
      name: 'Redis takes no more clients',
      inject: commands([['CONFIG', 'SET', 'maxclients', '1']], [['CONFIG', 'SET', 'maxclients', '10000']]),
      bites: pingFails,
      expect: { stage: 'redis', cause: /clients/i, remedy: /maxclients/i, withinSec: 15 },
    },
  ],
};
