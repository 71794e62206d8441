import { describeError } from '../../kit/errors.ts';
import { readRefusal } from './readRefusal.ts';
import type { Redis } from './redis.ts';

export type RedisHealth = ReturnType<typeof watchRedis>;

/** Rewritten by each look, and expires a minute later. */
const PROBE_KEY = 'oi:probe';
const PROBE_SEC = 60;
/** Reading a refusal occupies a connection, which at the connection limit is the one that the client needs to reconnect. */
const READ_REFUSAL_EVERY_MS = 2_000;

/** Of the client, for a command that it cannot send: it says nothing of why. */
const NOT_SENT = /^Stream isn't writeable/;

/** Checks by a write: a Redis that is full, a replica or without permission answers PING and refuses writes. */
export function watchRedis(redis: Redis) {
  let connectionFault: string | null = null;
  // The client reconnects after a refusal by a replica, and meanwhile has no fault of its own.
  let lastRefusal: string | null = null;
  let connectRefusal: string | null = null;
  let refusalReadAt = -Infinity;
  redis.on('error', (error: Error) => (connectionFault = describeError(error)));
  redis.on('ready', () => (connectionFault = null));

  async function explain(thrown: unknown): Promise<string> {
    const fault = describeError(thrown);
    if (thrown instanceof Error && thrown.name === 'ReplyError') return (lastRefusal = fault);
    if (redis.status === 'ready' && !NOT_SENT.test(fault)) return connectionFault ?? fault;
    if (performance.now() - refusalReadAt >= READ_REFUSAL_EVERY_MS) {
      connectRefusal = await readRefusal(redis.options);
      refusalReadAt = performance.now();
    }
    return connectRefusal ?? connectionFault ?? lastRefusal ?? 'the connection was lost';
  }

  return {
    /** `fault`: the error of Redis, or why there is no connection. */
    async look(): Promise<{ pingMs: number | null; fault: string | null }> {
      const startedAt = performance.now();
      try {
        await redis.set(PROBE_KEY, '1', 'EX', PROBE_SEC);
        lastRefusal = null;
        refusalReadAt = -Infinity;
        return { pingMs: Math.round((performance.now() - startedAt) * 10) / 10, fault: null };
      } catch (thrown) {
        return { pingMs: null, fault: await explain(thrown) };
      }
    },
  };
}
