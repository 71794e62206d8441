import { describeError } from '../../kit/errors.ts';
import { readRefusal } from './readRefusal.ts';
import type { Redis } from './redis.ts';

/** Whether Redis does what it is there for. `fault`: its own complaint, or why there is no connection. */
export type RedisHealth = { look(): Promise<{ pingMs: number | null; fault: string | null }> };

/** Rewritten at each look and gone a minute later. */
const PROBE_KEY = 'oi:probe';
const PROBE_SEC = 60;

/**
 * Looks by writing: a Redis that is full, a replica or short of rights answers every PING and takes nothing.
 */
export function watchRedis(redis: Redis): RedisHealth {
  let connectionFault: string | null = null;
  redis.on('error', (error: Error) => (connectionFault = describeError(error)));
  redis.on('ready', () => (connectionFault = null));

  return {
    async look() {
      const startedAt = performance.now();
      try {
        await redis.set(PROBE_KEY, '1', 'EX', PROBE_SEC);
        return { pingMs: Math.round((performance.now() - startedAt) * 10) / 10, fault: null };
      } catch (thrown) {
        if (redis.status === 'ready')
          return { pingMs: null, fault: connectionFault ?? describeError(thrown) };
        // Without a connection the client refuses the command itself; the connection's own fault says why there is none.
        const refusal = await readRefusal(redis.options);
        return { pingMs: null, fault: refusal ?? connectionFault ?? 'the connection was lost' };
      }
    },
  };
}
