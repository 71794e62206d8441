import { MINUTE_MS, SECOND_MS, type Clock } from '../../kit/clock.ts';
import { coerceError } from '../../kit/errors.ts';
import type { Logger } from '../../kit/logger.ts';
import { endProcess } from '../process/endProcess.ts';
import type { ServerClient } from '../server/client.ts';
import { retry, type Delivery } from '../server/delivery.ts';
import type { IngestAnswer } from '../server/server.types.ts';
import { isStorageFault } from '../store/faults.ts';
import { computeBackoffMs } from './backoff.ts';
import type { DeadLetters } from './deadLetters.ts';
import { createLine } from './line.ts';
import type { Spool } from './spool.ts';
import type { Chunk } from './spool.types.ts';

/** A quarter of what the server lets one key post. */
const BACK_PACE_MS = 200;
/** After a chunk of the backlog the server has so many times as long to itself. */
const BACK_REST = 4;
/** So many failures in a row were the server's, not the chunks'. */
const OUTAGE_FAILURES = 3;
/** Between posts of what is live to a server that answers 503. */
const LIVE_RETRY_MS = SECOND_MS;
const LONGEST_LIVE_WAIT_MS = 5 * SECOND_MS;
/** Between looks whether the server's clock has caught up. */
const EARLY_MS = 10 * SECOND_MS;
const EARLY_CODE = 'ts_in_future';
const LOOK_EVERY_MS = SECOND_MS;
const TELL_EVERY_MS = MINUTE_MS;
/** When nothing live has come for so long, nobody but the back line can find out that the server is there again. */
const IDLE_AFTER_MS = 10 * SECOND_MS;

/** `early`: the server will take it when its clock has caught up. */
type Sent = { outcome: 'sent' | 'early' | 'failed'; pauseMs: number };

export type Sender = ReturnType<typeof createSender>;

/**
 * Sends what the spool holds. Two lines, each with one request under way:
 *
 * - front: alerts, then live chunks, newest first
 * - back: what has become history, oldest first, and only while the front goes well: at most five chunks a second and a
 *   fifth of the time, so that catching up never delays what screens wait for.
 *
 * What the server does not take waits in the spool and is sent again, the same bytes, after a backoff.
 */
export function createSender(options: {
  spool: Spool;
  server: Pick<ServerClient, 'ingest' | 'alert'>;
  deadLetters: DeadLetters;
  /** Must be steady: see steadyClock.ts. A clock that is set back must not lengthen a wait. */
  clock: Clock;
  logger: Logger;
  random?: () => number;
}) {
  const { spool, server, deadLetters, clock, logger, random = Math.random } = options;
  const stopping = new AbortController();
  let failures = 0;
  let failingSince: number | null = null;
  let lastFault: string | null = null;
  let lastLiveAt = clock.now();
  let rejectedUntold = 0;
  let toldRejectedAt = -Infinity;
  let toldEarlyAt = -Infinity;
  /** As the server has asked; holds for both lines. */
  let notBefore = 0;
  let liveNotBefore = 0;
  let gathersLive = false;

  const front = createLine({
    clock,
    notBefore: () => liveNotBefore,
    take() {
      if (gathersLive) spool.seal('live');
      return spool.takeForScreen();
    },
    async run(chunk) {
      const { outcome, pauseMs } = await send(chunk);
      if (outcome === 'failed') return pauseMs;
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
      const { outcome, pauseMs } = await send(chunk);
      if (outcome === 'failed') return pauseMs;
      // What comes after it lies further ahead.
      if (outcome === 'early') return EARLY_MS;
      return Math.max(BACK_PACE_MS, BACK_REST * (clock.now() - startedAt));
    },
  });
  let cancelLook = clock.after(LOOK_EVERY_MS, look);

  /** Chunks become history by growing old, too, and nobody announces that. */
  function look(): void {
    cancelLook = clock.after(LOOK_EVERY_MS, look);
    wake();
  }

  /** Something can be sent. */
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

  /**
   * A server without its database has merged what it answers 503: screens stay live as long as a sender keeps posting. What
   * gets no answer, or another one, is sent again after a wait that grows.
   */
  function pauseAfterFailure(): number {
    if (gathersLive) return LIVE_RETRY_MS * (1 + random() / 2);
    return computeBackoffMs(failures - 1, null, random);
  }

  async function send(chunk: Chunk): Promise<Sent> {
    try {
      const items = spool.itemsOf(chunk);
      const isAlert = chunk.lane === 'alert';
      const body = isAlert ? items[0]! : `{"data":[${items.join(',')}],"totalSymbols":${items.length}}`;
      const delivery = isAlert
        ? await server.alert(body, stopping.signal)
        : await server.ingest(body, stopping.signal);
      const outcome = settle(chunk, body, delivery);
      return { outcome, pauseMs: outcome === 'failed' ? pauseAfterFailure() : 0 };
    } catch (thrown) {
      if (!isStorageFault(thrown)) endProcess(clock, thrown);
      logger.error({ err: coerceError(thrown) }, 'a spooled chunk cannot be handled, will be tried again');
      const delivery = retry('the spool cannot be read');
      noteFailure(chunk, delivery);
      return { outcome: 'failed', pauseMs: pauseAfterFailure() };
    }
  }

  function settle(chunk: Chunk, body: string, delivery: Delivery): Sent['outcome'] {
    if (delivery.outcome === 'retry') {
      if (delivery.waitsForTime) return wait(chunk, delivery.reason);
      // Given up by us: that says nothing of the server.
      if (!stopping.signal.aborted) noteFailure(chunk, delivery);
      return 'failed';
    }
    noteSuccess();
    if (delivery.outcome === 'refused') {
      const what = chunk.lane === 'alert' ? 'alert' : 'chunk';
      deadLetters.write({ what, status: delivery.status, reason: delivery.reason, body });
      spool.buried(chunk);
      return 'sent';
    }
    const rejected = chunk.lane === 'alert' ? [] : (delivery.body as IngestAnswer).rejected;
    const early = rejected.find((it) => it.code === EARLY_CODE);
    // As a whole: what the server has of it already it counts as duplicates.
    if (early) return wait(chunk, `${early.code}: ${early.message}`);
    tellRejected(rejected);
    spool.delivered(chunk, rejected.length);
    return 'sent';
  }

  /** The server's clock will get there: what lies ahead of it now is kept. */
  function wait(chunk: Chunk, reason: string): Sent['outcome'] {
    noteSuccess();
    chunk.waitsForTime = true;
    spool.putBack(chunk);
    if (clock.now() - toldEarlyAt >= TELL_EVERY_MS) {
      toldEarlyAt = clock.now();
      logger.warn({ reason }, 'samples wait for the clock of the server, which is behind their time');
    }
    return 'early';
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
    const askedMs = delivery.retryAfterMs ?? 0;
    notBefore = Math.max(notBefore, clock.now() + askedMs);
    gathersLive = delivery.status === 503;
    const liveMs = gathersLive ? Math.min(askedMs, LONGEST_LIVE_WAIT_MS) : askedMs;
    liveNotBefore = Math.max(liveNotBefore, clock.now() + liveMs);
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
    gathersLive = false;
  }

  return {
    wake,
    /** Settles when everything that screens wait for is sent, or at the first attempt that fails. */
    async drain(): Promise<void> {
      for (front.wake(); front.underWay(); front.wake()) await front.underWay();
    },
    /** Gives up the requests under way; what they carry stays in the spool. */
    async stop(): Promise<void> {
      cancelLook();
      stopping.abort(new Error('the sender is stopping'));
      await Promise.all([front.stop(), back.stop()]);
    },
    /** The last attempt was in vain. */
    isFailing: () => failingSince !== null,
    /** The server answers 503: live chunks stay open until the next post, so that few posts reach every symbol. */
    gathersLive: () => gathersLive,
  };
}
