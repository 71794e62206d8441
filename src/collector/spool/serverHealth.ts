import { backoffMs } from '../../kit/backoff.shared.ts';
import { SECOND_MS, type Clock } from '../../kit/clock.ts';
import type { Logger } from '../../kit/logger.ts';
import type { Delivery } from '../server/delivery.ts';
import type { Spool } from './spool.ts';

/** From this many failures in a row on, the server is at fault and not the chunks. */
const OUTAGE_FAILURES = 3;
const RETRY = { firstMs: 0.5 * SECOND_MS, longestMs: 30 * SECOND_MS };
/** Between posts of live chunks to a server that answers 503. */
const LIVE_RETRY_MS = SECOND_MS;
const LONGEST_LIVE_WAIT_MS = 5 * SECOND_MS;

export type ServerHealth = ReturnType<typeof createServerHealth>;

/** Whether the server accepts chunks, and when to post again if it does not. `clock` must be steady. */
export function createServerHealth(options: {
  spool: Pick<Spool, 'status' | 'resetBackoffs'>;
  clock: Clock;
  logger: Logger;
  random?: (() => number) | undefined;
}) {
  const { spool, clock, logger, random = Math.random } = options;
  let failures = 0;
  let failingSince: number | null = null;
  let lastReason: string | null = null;
  let notBefore = 0;
  let liveNotBefore = 0;
  let gathersLive = false;

  return {
    isFailing: () => failures > 0,
    /**
     * The server answers 503: live chunks stay open until the next post, so that few posts carry every symbol. A server
     * without its database has merged what it refuses, so dashboards stay live as long as posts keep arriving.
     */
    gathersLive: () => gathersLive,
    /** As the server asked by Retry-After. */
    notBefore: () => notBefore,
    liveNotBefore: () => liveNotBefore,
    /** How long to wait after a failure. */
    retryMs: () =>
      gathersLive ? LIVE_RETRY_MS * (1 + random() / 2) : backoffMs(RETRY, Math.max(0, failures - 1), random),
    noteFailure({ reason, status, retryAfterMs, needsOperator }: Delivery & { outcome: 'retry' }): void {
      const now = clock.now();
      const askedMs = retryAfterMs ?? 0;
      failures += 1;
      gathersLive = status === 503;
      notBefore = Math.max(notBefore, now + askedMs);
      const liveMs = gathersLive ? Math.min(askedMs, LONGEST_LIVE_WAIT_MS) : askedMs;
      liveNotBefore = Math.max(liveNotBefore, now + liveMs);
      if (reason !== lastReason) {
        logger[needsOperator ? 'error' : 'warn']({ reason }, 'server unavailable, spooling');
      }
      failingSince ??= now;
      lastReason = reason;
    },
    noteSuccess(): void {
      if (failingSince !== null) {
        const { waiting, chunks } = spool.status();
        logger.info({ forMs: clock.now() - failingSince, waiting, chunks }, 'server accepts chunks again');
      }
      if (failures >= OUTAGE_FAILURES) spool.resetBackoffs();
      failures = 0;
      failingSince = null;
      lastReason = null;
      gathersLive = false;
    },
  };
}
