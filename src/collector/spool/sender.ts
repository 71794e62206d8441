import { createAllowance } from '../../kit/allowance.ts';
import { MINUTE_MS, SECOND_MS, type Clock } from '../../kit/clock.ts';
import { coerceError } from '../../kit/errors.ts';
import type { Logger } from '../../kit/logger.ts';
import { endProcess } from '../process/endProcess.ts';
import type { ServerClient } from '../server/client.ts';
import { retry, type Delivery } from '../server/delivery.ts';
import type { IngestAnswer } from '../server/server.types.ts';
import { isStorageFault } from '../store/faults.ts';
import type { DeadLetters } from './deadLetters.ts';
import { createServerHealth, type ServerHealth } from './serverHealth.ts';
import type { Spool } from './spool.ts';
import type { Chunk } from './spool.types.ts';
import { createWorker } from './worker.ts';

/** A quarter of what the server accepts from one key. */
const BACKLOG_PACE_MS = 200;
/** After a chunk of the backlog the server is left alone for this many times as long as it took. */
const BACKLOG_REST = 4;
/** Between attempts to send samples that are ahead of the server's clock. */
const EARLY_MS = 10 * SECOND_MS;
const EARLY_CODE = 'ts_in_future';
/** Chunks become history just by growing old. */
const WAKE_EVERY_MS = SECOND_MS;
/** Without a live chunk for this long, only the backlog can find out that the server is back. */
const IDLE_AFTER_MS = 10 * SECOND_MS;

type SenderOptions = {
  spool: Spool;
  server: Pick<ServerClient, 'ingest' | 'alert'>;
  deadLetters: DeadLetters;
  /** Must be steady (steadyClock.ts): setting the system clock back must not lengthen a wait. */
  clock: Clock;
  logger: Logger;
  random?: () => number;
};

type Context = SenderOptions & {
  health: ServerHealth;
  signal: AbortSignal;
  mayWarnOfEarly: () => boolean;
  mayWarnOfRejected: () => boolean;
  unloggedRejected: number;
};

/** `early`: the server accepts it once its clock has caught up. */
type Outcome = 'sent' | 'early' | 'failed';

export type Sender = ReturnType<typeof createSender>;

/**
 * Sends spooled chunks, in two workers with one request each:
 *
 * - front: alerts, then live chunks, newest first
 * - back: history, oldest first, only while the front succeeds, and at most five chunks a second and a fifth of the time,
 *   so that catching up never delays what dashboards wait for
 *
 * A chunk that the server does not accept stays in the spool and is retried with the same bytes after a backoff.
 */
export function createSender(options: SenderOptions) {
  const { spool, clock } = options;
  const stopping = new AbortController();
  const health = createServerHealth(options);
  const context = createContext(options, health, stopping.signal);
  let lastLiveAt = clock.now();

  const front = createWorker<Chunk>({
    clock,
    notBefore: health.liveNotBefore,
    next() {
      if (health.gathersLive()) spool.seal('live');
      return spool.claimForDashboards();
    },
    async run(chunk) {
      if ((await send(context, chunk)) === 'failed') return health.retryMs();
      if (chunk.lane === 'live') lastLiveAt = clock.now();
      return 0;
    },
  });
  const back = createWorker<Chunk>({
    clock,
    notBefore: health.notBefore,
    next() {
      const isIdle = clock.now() - lastLiveAt > IDLE_AFTER_MS && !spool.hasLive();
      // While the server fails, one worker that retries is enough.
      return health.isFailing() && !isIdle ? null : spool.claimOfBacklog();
    },
    async run(chunk) {
      const startedAt = clock.now();
      const outcome = await send(context, chunk);
      if (outcome === 'failed') return health.retryMs();
      // The chunks after it are further ahead.
      if (outcome === 'early') return EARLY_MS;
      return Math.max(BACKLOG_PACE_MS, BACKLOG_REST * (clock.now() - startedAt));
    },
  });
  let cancelTimer = clock.after(WAKE_EVERY_MS, wakeAgain);

  function wakeAgain(): void {
    cancelTimer = clock.after(WAKE_EVERY_MS, wakeAgain);
    wake();
  }

  /** There may be something to send. */
  function wake(): void {
    front.wake();
    back.wake();
  }

  return {
    wake,
    /** Settles when everything that dashboards wait for is sent, or at the first failure. */
    async drain(): Promise<void> {
      for (front.wake(); front.running(); front.wake()) await front.running();
    },
    /** Aborts the running requests; their chunks stay in the spool. */
    async stop(): Promise<void> {
      cancelTimer();
      stopping.abort(new Error('the sender is stopping'));
      await Promise.all([front.stop(), back.stop()]);
    },
    isFailing: health.isFailing,
    gathersLive: health.gathersLive,
  };
}

function createContext(options: SenderOptions, health: ServerHealth, signal: AbortSignal): Context {
  const oncePerMinute = { most: 1, windowMs: MINUTE_MS, now: options.clock.now };
  return {
    ...options,
    health,
    signal,
    mayWarnOfEarly: createAllowance(oncePerMinute),
    mayWarnOfRejected: createAllowance(oncePerMinute),
    unloggedRejected: 0,
  };
}

async function send(context: Context, chunk: Chunk): Promise<Outcome> {
  const { spool, server, signal, clock, logger } = context;
  try {
    const items = spool.itemsOf(chunk);
    const isAlert = chunk.lane === 'alert';
    const body = isAlert ? items[0]! : `{"data":[${items.join(',')}],"totalSymbols":${items.length}}`;
    const delivery = isAlert ? await server.alert(body, signal) : await server.ingest(body, signal);
    return settle(context, chunk, body, delivery);
  } catch (thrown) {
    if (!isStorageFault(thrown)) endProcess(clock, thrown);
    logger.error({ err: coerceError(thrown) }, 'cannot read spooled chunk, retrying');
    return fail(context, chunk, retry('the spool cannot be read'));
  }
}

function settle(context: Context, chunk: Chunk, body: string, delivery: Delivery): Outcome {
  const { spool, health, deadLetters } = context;
  if (delivery.outcome === 'retry') {
    return delivery.waitsForTime
      ? waitForServerClock(context, chunk, delivery.reason)
      : fail(context, chunk, delivery);
  }
  health.noteSuccess();
  if (delivery.outcome === 'refused') {
    const what = chunk.lane === 'alert' ? 'alert' : 'chunk';
    deadLetters.write({ what, status: delivery.status, reason: delivery.reason, body });
    spool.deadLettered(chunk);
    return 'sent';
  }
  const rejected = chunk.lane === 'alert' ? [] : (delivery.body as IngestAnswer).rejected;
  const early = rejected.find((it) => it.code === EARLY_CODE);
  // The whole chunk again: the server counts what it has already as duplicates.
  if (early) return waitForServerClock(context, chunk, `${early.code}: ${early.message}`);
  logRejected(context, rejected);
  spool.delivered(chunk, rejected.length);
  return 'sent';
}

function fail(
  { spool, health, signal }: Context,
  chunk: Chunk,
  delivery: Delivery & { outcome: 'retry' },
): Outcome {
  spool.retryLater(chunk);
  // Our own abort says nothing about the server.
  if (!signal.aborted) health.noteFailure(delivery);
  return 'failed';
}

/** The server's clock is behind the samples: they are kept until it has caught up. */
function waitForServerClock(context: Context, chunk: Chunk, reason: string): Outcome {
  context.health.noteSuccess();
  chunk.waitsForTime = true;
  context.spool.retryLater(chunk);
  if (context.mayWarnOfEarly())
    context.logger.warn({ reason }, 'server clock is behind, samples wait for it');
  return 'early';
}

/** The server mostly rejects the same samples in every chunk. */
function logRejected(context: Context, rejected: IngestAnswer['rejected']): void {
  context.unloggedRejected += rejected.length;
  if (rejected.length === 0 || !context.mayWarnOfRejected()) return;
  const { symbol, code } = rejected[0]!;
  context.logger.warn({ rejected: context.unloggedRejected, symbol, code }, 'server rejected samples');
  context.unloggedRejected = 0;
}
