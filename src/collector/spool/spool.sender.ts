import { MINUTE_MS, SECOND_MS, type Clock } from '../../kit/clock.ts';
import { coerceError } from '../../kit/errors.ts';
import type { Logger } from '../../kit/logger.ts';
import { endProcess } from '../endProcess.ts';
import type { ServerClient } from '../server.client.ts';
import { retry, type Delivery } from '../server.delivery.ts';
import type { IngestAnswer } from '../server.types.ts';
import { isStorageFault } from '../store/store.faults.ts';
import { computeBackoffMs } from './spool.backoff.ts';
import type { DeadLetters } from './spool.deadLetters.ts';
import { createLine } from './spool.line.ts';
import type { Spool } from './spool.ts';
import type { Chunk } from './spool.types.ts';

/**
 * Sends what the spool holds. Two lines, each with one request under way:
 *
 * - front: alerts, then live chunks, newest first
 * - back: what has become history, oldest first, and only while the front goes well: at most five chunks a second and a
 *   fifth of the time, so that catching up never delays what screens wait for.
 *
 * What the server does not take waits in the spool and is sent again, the same bytes, after a backoff.
 */
export type Sender = {
  /** Something can be sent. */
  wake(): void;
  /** Settles when everything that screens wait for is sent, or at the first attempt that fails. */
  drain(): Promise<void>;
  /** Gives up the requests under way; what they carry stays in the spool. */
  stop(): Promise<void>;
  /** The last attempt was in vain. */
  isFailing(): boolean;
};

/** A quarter of what the server lets one key post. */
const BACK_PACE_MS = 200;
/** After a chunk of the backlog the server has so many times as long to itself. */
const BACK_REST = 4;
/** So many failures in a row were the server's, not the chunks'. */
const OUTAGE_FAILURES = 3;
const LOOK_EVERY_MS = SECOND_MS;
const TELL_EVERY_MS = MINUTE_MS;
/** When nothing live has come for so long, nobody but the back line can find out that the server is there again. */
const IDLE_AFTER_MS = 10 * SECOND_MS;

export function createSender(options: {
  spool: Spool;
  server: Pick<ServerClient, 'ingest' | 'alert'>;
  deadLetters: DeadLetters;
  /** Must be steady: see steadyClock.ts. A clock that is set back must not lengthen a wait. */
  clock: Clock;
  logger: Logger;
  random?: () => number;
}): Sender {
  const { spool, server, deadLetters, clock, logger, random = Math.random } = options;
  const stopping = new AbortController();
  let failures = 0;
  let failingSince: number | null = null;
  let lastFault: string | null = null;
  let lastLiveAt = clock.now();
  let rejectedUntold = 0;
  let toldRejectedAt = -Infinity;
  /** As the server has asked; holds for both lines. */
  let notBefore = 0;

  const front = createLine({
    clock,
    notBefore: () => notBefore,
    take: spool.takeForScreen,
    async run(chunk) {
      const delivery = await send(chunk);
      if (delivery.outcome === 'retry') return backoffMs();
      if (chunk.lane === 'live') lastLiveAt = clock.now();
      return 0;
    },
  });
  const back = createLine({
    clock,
    notBefore: () => notBefore,
    take: takeOfBacklog,
    async run(chunk) {
      const startedAt = clock.now();
      const delivery = await send(chunk);
      if (delivery.outcome === 'retry') return backoffMs();
      return Math.max(BACK_PACE_MS, BACK_REST * (clock.now() - startedAt));
    },
  });
  let cancelLook = clock.after(LOOK_EVERY_MS, look);

  /** Chunks become history by growing old, too, and nobody announces that. */
  function look(): void {
    cancelLook = clock.after(LOOK_EVERY_MS, look);
    wake();
  }

  function wake(): void {
    front.wake();
    back.wake();
  }

  function isIdle(): boolean {
    return clock.now() - lastLiveAt > IDLE_AFTER_MS && !spool.hasLive();
  }

  function takeOfBacklog(): Chunk | null {
    // While the server fails, one line knocking at its door is enough.
    return failures > 0 && !isIdle() ? null : spool.takeOfBacklog();
  }

  function backoffMs(): number {
    return computeBackoffMs(failures - 1, null, random);
  }

  async function send(chunk: Chunk): Promise<Delivery> {
    try {
      const items = spool.itemsOf(chunk);
      const isAlert = chunk.lane === 'alert';
      const body = isAlert ? items[0]! : `{"data":[${items.join(',')}],"totalSymbols":${items.length}}`;
      const delivery = isAlert
        ? await server.alert(body, stopping.signal)
        : await server.ingest(body, stopping.signal);
      settle(chunk, body, delivery);
      return delivery;
    } catch (thrown) {
      if (!isStorageFault(thrown)) endProcess(clock, thrown);
      logger.error({ err: coerceError(thrown) }, 'a spooled chunk cannot be handled, will be tried again');
      const delivery = retry('the spool cannot be read') as Delivery & { outcome: 'retry' };
      noteFailure(chunk, delivery);
      return delivery;
    }
  }

  function settle(chunk: Chunk, body: string, delivery: Delivery): void {
    if (delivery.outcome === 'retry') {
      // Given up by us: that says nothing of the server.
      if (!stopping.signal.aborted) noteFailure(chunk, delivery);
      return;
    }
    noteSuccess();
    if (delivery.outcome === 'refused') {
      const what = chunk.lane === 'alert' ? 'alert' : 'chunk';
      deadLetters.write({ what, status: delivery.status, reason: delivery.reason, body });
      spool.buried(chunk);
      return;
    }
    const rejected = chunk.lane === 'alert' ? [] : (delivery.body as IngestAnswer).rejected;
    tellRejected(rejected);
    spool.delivered(chunk, rejected.length);
  }

  /** What is refused once is mostly refused in every chunk. */
  function tellRejected(rejected: IngestAnswer['rejected']): void {
    rejectedUntold += rejected.length;
    if (rejected.length === 0 || clock.now() - toldRejectedAt < TELL_EVERY_MS) return;
    const { symbol, code } = rejected[0]!;
    logger.warn({ rejected: rejectedUntold, symbol, code }, 'the server refuses samples');
    toldRejectedAt = clock.now();
    rejectedUntold = 0;
  }

  function noteFailure(chunk: Chunk, delivery: Delivery & { outcome: 'retry' }): void {
    spool.putBack(chunk);
    failures += 1;
    notBefore = Math.max(notBefore, clock.now() + (delivery.retryAfterMs ?? 0));
    if (failingSince === null || delivery.reason !== lastFault) {
      const level = delivery.needsOperator ? 'error' : 'warn';
      logger[level]({ reason: delivery.reason }, 'the server takes nothing, keeping it in the spool');
    }
    failingSince ??= clock.now();
    lastFault = delivery.reason;
  }

  function noteSuccess(): void {
    if (failingSince !== null) {
      const { waiting, chunks } = spool.status();
      logger.info({ forMs: clock.now() - failingSince, waiting, chunks }, 'the server takes chunks again');
    }
    if (failures >= OUTAGE_FAILURES) spool.recall();
    failures = 0;
    failingSince = null;
  }

  return {
    wake,
    async drain() {
      for (front.wake(); front.underWay(); front.wake()) await front.underWay();
    },
    async stop() {
      cancelLook();
      stopping.abort(new Error('the sender is stopping'));
      await Promise.all([front.stop(), back.stop()]);
    },
    isFailing: () => failingSince !== null,
  };
}
