import type { z } from 'zod';
import { SECOND_MS, type Clock } from '../../kit/clock.ts';
import type { Logger } from '../../kit/logger.ts';
import { startLoop, type Loop } from '../../kit/loop.ts';
import type { CollectorHeartbeat } from '../../openInterest/operator/collectors/heartbeat.types.ts';
import type { JobStatus } from '../job.types.ts';
import type { BudgetStatus } from '../collector.types.ts';
import type { ServerClient, ServerStatus } from '../server/client.ts';
import type { SpoolStatus } from '../spool/spool.types.ts';

const EVERY_MS = 10 * SECOND_MS;
const SEND_LAST_MS = 2 * SECOND_MS;

export type CollectorFacts = {
  name: string;
  version: string;
  startedAt: number;
  jobs: readonly JobStatus[];
  /** `null`: this process makes no requests to the exchange. */
  budget: BudgetStatus | null;
  /** `null`: this process posts no samples. */
  spool: SpoolStatus | null;
  clocks: { exchangeAheadMs: number | null; serverAheadMs: number | null };
  /** `null`: this process posts nothing. */
  server: ServerStatus | null;
  /** `null`: this process detects no alerts. `threshold` is a fraction. */
  alertRules: readonly { timeframe: string; threshold: number }[] | null;
};

/** Reports the collector's state every ten seconds, so that the server shows the whole chain. */
export function createHeartbeat(options: {
  server: Pick<ServerClient, 'heartbeat'>;
  gather: () => CollectorFacts;
  clock: Clock;
  logger: Logger;
}) {
  const { server, gather, clock, logger } = options;
  const stopping = new AbortController();
  let loop: Loop | null = null;
  let isFailing = false;

  async function beat(): Promise<void> {
    const delivery = await server.heartbeat(describe(gather(), clock.now()), stopping.signal);
    if (stopping.signal.aborted) return;
    if (delivery.outcome !== 'accepted' && !isFailing) {
      logger.warn({ reason: delivery.reason }, 'server refuses heartbeats');
    }
    isFailing = delivery.outcome !== 'accepted';
  }

  return {
    start(): void {
      loop = startLoop({
        clock,
        everyMs: EVERY_MS,
        task: beat,
        onError: (err) => logger.warn({ err }, 'heartbeat failed'),
        immediately: true,
      });
    },
    async stop(): Promise<void> {
      stopping.abort(new Error('the heartbeat is stopping'));
      await loop?.stop();
    },
    /** The last heartbeat, after everything else has stopped; settles within two seconds in any case. */
    async sendLast(): Promise<void> {
      if (!loop) return;
      const end = new AbortController();
      const cancel = clock.after(SEND_LAST_MS, () => end.abort(new Error('the last heartbeat timed out')));
      // Jobs that have stopped have nothing to report.
      const last = describe({ ...gather(), jobs: [] }, clock.now());
      const delivery = await server.heartbeat({ ...last, stopping: true }, end.signal);
      cancel();
      if (delivery.outcome !== 'accepted') {
        logger.warn({ reason: delivery.reason }, 'cannot report the stop to the server');
      }
    },
  };
}

/** Younger chunks are being sent; only older ones wait. */
const UNDER_WAY_MS = 5 * SECOND_MS;

export function describe(facts: CollectorFacts, now: number): z.input<typeof CollectorHeartbeat> {
  const { budget, spool, alertRules } = facts;
  const oldestAgeMs = spool?.oldestAt == null ? 0 : Math.max(0, now - spool.oldestAt);
  return {
    collector: facts.name,
    everySec: EVERY_MS / SECOND_MS,
    version: facts.version,
    startedAt: facts.startedAt,
    sentAt: now,
    jobs: [...facts.jobs],
    weight: budget && {
      used: budget.usedWeight,
      budget: budget.budget,
      limit: budget.limit,
      ours: budget.oursWeight,
      others: budget.othersWeight,
      status429: budget.status429,
      status418: budget.status418,
    },
    bannedUntil: budget?.bannedUntil ?? null,
    clocks: facts.clocks,
    spool: spool && {
      chunks: oldestAgeMs > UNDER_WAY_MS ? spool.chunks : 0,
      bytes: spool.bytes,
      oldestAgeSec: spool.oldestAt === null ? null : oldestAgeMs / SECOND_MS,
      dropped: spool.dropped,
      lastDroppedAt: spool.lastDroppedAt,
      deadLetters: spool.dead,
      lastDeadLetterAt: spool.lastDeadLetterAt,
      waitingForTime: spool.waitingForTime,
    },
    ...(facts.server && {
      server: { failingSince: facts.server.failingSince, lastError: facts.server.lastError },
    }),
    ...(alertRules && {
      alertRules: alertRules.map(({ timeframe, threshold }) => ({ timeframe, pctChange: threshold })),
    }),
  };
}
