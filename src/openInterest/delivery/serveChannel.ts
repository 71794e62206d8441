import { backoffMs, type Backoff } from '../../kit/backoff.shared.ts';
import { DAY_MS } from '../../kit/clock.ts';
import type { Database } from '../../platform/database/database.ts';
import { attemptLetter, type AttemptContext } from './attempt.ts';
import { switchOff } from './channels.repository.ts';
import type { Outcome } from './outcome.ts';
import type { ReceiverResponse } from './post.ts';
import {
  endLease,
  recordDelivered,
  recordFailure,
  selectDue,
  type DueDelivery,
  type LeasedChannel,
} from './sending.repository.ts';

/** Deliveries that a channel gets before other channels have their turn. */
const TURN = 50;
/** From this number on, the waiting alerts of a chat become a digest; those that waited for the end of quiet hours from two. */
const DIGEST_FROM = 6;
const QUIET_DIGEST_FROM = 2;
const FAILING_UNTIL_OFF_MS = 5 * DAY_MS;

export type ServeContext = AttemptContext & {
  db: Database;
  /** The holder of the leases of this process. */
  node: string;
  leaseMs: number;
  /** A channel whose receiver is slow is served as long before other channels have their turn. */
  turnMs: number;
  /** Of the waits after failures. */
  backoff: Backoff;
  isStopped: () => boolean;
};

/** Sends what is due of a leased channel, one request after the other, and ends the lease. */
export async function serveChannel(ctx: ServeContext, channel: LeasedChannel): Promise<void> {
  const { digestOf } = ctx.kinds[channel.kind];
  const due = await selectDue(ctx.db, channel.id, Math.max(TURN, digestOf));
  const held = due.filter((it) => it.firing.quiet === true);
  const endsAt = ctx.clock.now() + ctx.turnMs;
  const isDigest = digestOf > 1 && (due.length >= DIGEST_FROM || held.length >= QUIET_DIGEST_FROM);
  for (const deliveries of isDigest ? [due] : due.slice(0, TURN).map((it) => [it])) {
    if (ctx.isStopped() || ctx.clock.now() >= endsAt || !(await send(ctx, channel, deliveries))) break;
  }
  await endLease(ctx.db, channel.id, ctx.node);
}

/** Sends deliveries as one letter. False: the channel has to wait. */
async function send(
  ctx: ServeContext,
  channel: LeasedChannel,
  deliveries: readonly DueDelivery[],
): Promise<boolean> {
  const { outcome, response } = await attemptLetter(ctx, channel, {
    id: deliveries[0]!.id,
    test: false,
    firings: deliveries.map((it) => it.firing),
  });
  if (outcome.result !== 'delivered') {
    await recordFailed(ctx, channel, deliveries, outcome, response);
    return false;
  }
  const { paceMs } = ctx.kinds[channel.kind];
  const isOurs = await recordDelivered(ctx.db, {
    ids: deliveries.map((it) => it.id),
    channelId: channel.id,
    node: ctx.node,
    leaseMs: ctx.leaseMs,
    pauseMs: paceMs ?? 0,
    response,
  });
  return isOurs && paceMs === null;
}

/** The channel waits as well as the delivery: a receiver that is down gets one request per wait, not one per delivery. */
async function recordFailed(
  { db, backoff, logger }: ServeContext,
  channel: LeasedChannel,
  deliveries: readonly DueDelivery[],
  outcome: Exclude<Outcome, { result: 'delivered' }>,
  response: ReceiverResponse | null,
): Promise<void> {
  const { error } = outcome;
  const leastMs = outcome.result === 'retry' ? (outcome.retryAfterMs ?? 0) : 0;
  const facts = { channel: channel.id, kind: channel.kind, status: response?.status ?? null };
  logger.debug(facts, 'delivery failed');
  await db.transaction(async (transaction) => {
    const failingMs = await recordFailure(transaction, {
      ids: deliveries.map((it) => it.id),
      delayMs: Math.max(leastMs, backoffMs(backoff, Math.max(...deliveries.map((it) => it.attempts)))),
      channel,
      pauseMs: Math.max(leastMs, backoffMs(backoff, channel.failures)),
      error,
      response,
    });
    if (failingMs === null) return;
    const isLost = outcome.result === 'retry' && failingMs > FAILING_UNTIL_OFF_MS;
    if (outcome.result !== 'gone' && !isLost) return;
    const days = FAILING_UNTIL_OFF_MS / DAY_MS;
    await switchOff(
      transaction,
      channel.id,
      isLost ? `no success for ${days} days; last error: ${error}` : error,
    );
    logger.warn(facts, 'channel switched off');
  });
}
