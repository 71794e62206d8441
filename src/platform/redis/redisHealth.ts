import { describeError } from '../../kit/errors.ts';
import { readRefusal } from './readRefusal.ts';
import type { Redis } from './redis.ts';

export type RedisHealth = ReturnType<typeof watchRedis>;

/** Rewritten by each look, and expires a minute later. */
const PROBE_KEY = 'oi:probe';
const PROBE_SEC = 60;

/** Checks by a write: a Redis that is full, a replica or without permission answers PING and refuses writes. */
export function watchRedis(redis: Redis) {
  let connectionFault: string | null = null;
  redis.on('error', (error: Error) => (connectionFault = describeError(error)));
  redis.on('ready', () => (connectionFault = null));

  return {
    /** `fault`: the error of Redis, or why there is no connection. */
    async look(): Promise<{ pingMs: number | null; fault: string | null }> {
      const startedAt = performance.now();
      try {
        await redis.set(PROBE_KEY, '1', 'EX', PROBE_SEC);
        return { pingMs: Math.round((performance.now() - startedAt) * 10) / 10, fault: null };
      } catch (thrown) {
        if (redis.status === 'ready')
          return { pingMs: null, fault: connectionFault ?? describeError(thrown) };
        // Without a connection the client itself rejects the command, for a reason that only the connection knows.
        const refusal = await readRefusal(redis.options);
        return { pingMs: null, fault: refusal ?? connectionFault ?? 'the connection was lost' };
      }
    },
  };
}
