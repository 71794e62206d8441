import { randomUUID } from 'node:crypto';
import type { Backoff } from '../../kit/backoff.shared.ts';
import { MINUTE_MS, SECOND_MS } from '../../kit/clock.ts';
import { coerceError } from '../../kit/errors.ts';
import type { Database } from '../../platform/database/database.ts';
import type { AttemptContext } from './attempt.ts';
import { leaseChannels, type LeasedChannel } from './sending.repository.ts';
import { serveChannel, type ServeContext } from './serveChannel.ts';

/** Longer than an attempt with its record, so that only a node that died or lost its database loses a lease. */
const LEASE_MS = 30 * SECOND_MS;
const TURN_MS = 5 * SECOND_MS;
/** Channels that a node serves at once. Each has one request at a time. */
const MAX_CHANNELS = 16;
const BACKOFF: Backoff = { firstMs: 5 * SECOND_MS, longestMs: 30 * MINUTE_MS };

/**
 * Sends what is in the outbox, at least once: a delivery leaves the outbox only after its receiver has answered, and the
 * same id is sent again if that could not be recorded. Several nodes share the channels. `times`: shorter waits for a spec.
 */
export function createSender(
  deps: AttemptContext & { db: Database; times?: { backoff: Backoff; leaseMs: number; turnMs: number } },
) {
  const serving = new Set<Promise<void>>();
  let leasing: Promise<void> | null = null;
  let stopped = false;
  const ctx: ServeContext = {
    ...deps,
    ...(deps.times ?? { backoff: BACKOFF, leaseMs: LEASE_MS, turnMs: TURN_MS }),
    node: randomUUID(),
    isStopped: () => stopped,
  };

  /** Starts to send what is due and no node is sending. */
  async function sendDue(): Promise<void> {
    if (stopped || leasing !== null || serving.size >= MAX_CHANNELS) return;
    leasing = lease().finally(() => (leasing = null));
    await leasing;
  }

  async function lease(): Promise<void> {
    const limit = MAX_CHANNELS - serving.size;
    for (const channel of await leaseChannels(ctx.db, { node: ctx.node, leaseMs: ctx.leaseMs, limit })) {
      const run = serve(channel).finally(() => serving.delete(run));
      serving.add(run);
    }
  }

  async function serve(channel: LeasedChannel): Promise<void> {
    try {
      await serveChannel(ctx, channel);
      // The next turn of this channel, or another one, without waiting for the next poll.
      setImmediate(() => void sendDue().catch(onError));
    } catch (thrown) {
      // The lease ends by itself, and the delivery is sent again with the same id.
      onError(thrown);
    }
  }

  function onError(thrown: unknown): void {
    ctx.logger.warn({ err: coerceError(thrown) }, 'outbox unavailable, retrying');
  }

  return {
    sendDue,
    /** Leases nothing more; settles when the requests under way are recorded. */
    async stop(): Promise<void> {
      stopped = true;
      await leasing?.catch(() => undefined);
      await Promise.all(serving);
    },
  };
}
