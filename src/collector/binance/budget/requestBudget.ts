import { SECOND_MS, type Clock } from '../../../kit/clock.ts';
import type { Logger } from '../../../kit/logger.ts';
import type { BudgetStatus, ExchangeClosure } from '../../collector.types.ts';
import { ExchangeError } from '../exchangeError.ts';
import type { BanState } from './banState.ts';
import { createFuturesDataLane, FUTURES_DATA_WINDOW_MS } from './futuresDataLane.ts';
import { createGate, type Closure, type Pool } from './gate.ts';
import type { Lane } from './lane.ts';
import { createWaitingLine, type Priority } from './waitingLine.ts';
import { createWeightLane } from './weightLane.ts';
import type { WeightLimits } from './weightLimits.ts';

export type BudgetRequest = {
  pool: Pool;
  /** As the exchange weighs it; requests to `/futures/data` count 1 each. */
  weight: number;
  priority: Priority;
  /** Ends the wait. What is under way is the sender's to end. */
  signal?: AbortSignal | undefined;
};

/** What the budget has to know of an answer. */
export type AnswerHead = {
  status: number;
  usedWeight: number | null;
  /** The Date header, epoch ms. */
  exchangeTime: number | null;
  retryAfterMs: number | null;
};

type Waiter = { request: BudgetRequest; grant: () => void; refuse: (error: unknown) => void };

export type RequestBudget = ReturnType<typeof createRequestBudget>;

/**
 * One ledger for all that this process asks of the exchange, and through the exchange's own count for the other programs
 * on the address. `clock` must be steady: see steadyClock.ts. Whoever is told until when nothing is sent looks at the
 * system's clock, which may have been set since, so that moment is told in its time.
 */
export function createRequestBudget(options: {
  limits: WeightLimits;
  clock: Clock;
  systemClock: Pick<Clock, 'now'>;
  banState: BanState;
  logger: Logger;
}) {
  const { limits, clock } = options;
  const gate = createGate({
    windowMs: { weight: limits.windowMs, futuresData: FUTURES_DATA_WINDOW_MS },
    banState: options.banState,
    logger: options.logger,
    now: clock.now(),
  });
  const weightLane = createWeightLane(limits, clock.now());
  const queues: Readonly<Record<Pool, Queue>> = {
    weight: createQueue(weightLane),
    futuresData: createQueue(createFuturesDataLane(clock.now())),
  };
  let closed = false;
  let usedAtRefusal: ReturnType<typeof weightLane.used> | null = null;

  /**
   * Calls `send` when the budget allows, and answers what it answers. Rejects with an ExchangeError without calling it
   * while the exchange has closed. `send` rejects when no answer has come.
   */
  function run<Reply extends { head: AnswerHead }>(
    request: BudgetRequest,
    send: () => Promise<Reply>,
  ): Promise<Reply> {
    const { pool, weight, priority, signal } = request;
    return new Promise<Reply>((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason as Error);
        return;
      }
      const { line, lane } = queues[pool];
      if (closed || weight > lane.largest) {
        reject(closed ? stopped() : tooHeavy(weight, lane.largest));
        return;
      }
      const waiter: Waiter = {
        request,
        grant() {
          signal?.removeEventListener('abort', onAbort);
          sendNow(request, send).then(resolve, reject);
        },
        refuse(error) {
          signal?.removeEventListener('abort', onAbort);
          reject(error as Error);
        },
      };
      const onAbort = () => {
        if (line.leave(waiter)) waiter.refuse(signal?.reason);
        serve(pool);
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      line.join(waiter, priority, clock.now());
      serve(pool);
    });
  }

  async function sendNow<Reply extends { head: AnswerHead }>(
    request: BudgetRequest,
    send: () => Promise<Reply>,
  ): Promise<Reply> {
    const grantedAt = clock.now();
    const end = queues[request.pool].lane.begin(request, grantedAt);
    let reply: Reply | undefined;
    try {
      reply = await send();
      return reply;
    } finally {
      const now = clock.now();
      end(now, reply !== undefined);
      if (reply) note(request.pool, grantedAt, now, reply.head);
      serve('weight');
      serve('futuresData');
    }
  }

  function note(pool: Pool, grantedAt: number, now: number, head: AnswerHead): void {
    const { status, usedWeight, exchangeTime, retryAfterMs } = head;
    if (pool === 'weight') weightLane.observe({ grantedAt, answeredAt: now, usedWeight, exchangeTime });
    if (pool === 'weight' && status === 429) usedAtRefusal = weightLane.used(now);
    if (gate.note({ pool, grantedAt, status, retryAfterMs, exchangeTime }, now)) queues[pool].lane.drain(now);
  }

  /** Lets go whoever may go, in order, and looks again when the next one may. */
  function serve(pool: Pool): void {
    const queue = queues[pool];
    const { lane, line } = queue;
    queue.cancelTimer?.();
    queue.cancelTimer = undefined;
    const closure = gate.closure(pool, clock.now());
    if (closure) {
      for (const waiter of line.leaveAll()) waiter.refuse(refusal(closure, systemTimeOf(closure.until)));
      return;
    }
    for (let next = line.first(); next; next = line.first()) {
      const waitMs = isProbeUnderWay() ? Infinity : lane.msUntil(next.waiter.request, clock.now());
      if (waitMs > 0) {
        // Others' use changes meanwhile, so no wait is longer than a second; an answer to come looks again by itself.
        queue.cancelTimer = clock.after(Math.min(Math.max(1, waitMs), SECOND_MS), () => serve(pool));
        return;
      }
      line.leave(next.waiter);
      next.waiter.grant();
    }
  }

  function systemTimeOf(steadyTime: number): number {
    return options.systemClock.now() + steadyTime - clock.now();
  }

  function describeClosure(pool: Pool, now: number): ExchangeClosure | null {
    const closure = gate.closure(pool, now);
    return closure && { by: closure.by, until: systemTimeOf(closure.until), reason: closure.reason };
  }

  function isProbeUnderWay(): boolean {
    return gate.isProbing() && Object.values(queues).some(({ lane }) => lane.underWay() > 0);
  }

  return {
    run,
    /**
     * Requests of weight 1 that a class can count on in a minute, as things stand: whoever plans with more will wait. Others
     * on the address change it, so ask again for each sweep.
     */
    perMin: (priority: Priority) => weightLane.perMin(priority, clock.now()),
    /** Before which nothing is sent, as the system's clock has it now; `null`: open. */
    closedUntil(pool: Pool): number | null {
      const closure = gate.closure(pool, clock.now());
      return closure && systemTimeOf(closure.until);
    },
    status(): BudgetStatus {
      const now = clock.now();
      const closure = gate.closure('weight', now);
      // What was used when the exchange closed says why, until it opens again.
      const { ours, others } = (closure && usedAtRefusal) ?? weightLane.used(now);
      return {
        usedWeight: ours + (others ?? 0),
        oursWeight: ours,
        othersWeight: others,
        budget: limits.budget,
        limit: limits.limit,
        closures: {
          weight: describeClosure('weight', now),
          futuresData: describeClosure('futuresData', now),
        },
        waitingMs: now - (queues.weight.line.firstSince() ?? now),
        bannedUntil: closure?.kind === 'banned' ? systemTimeOf(closure.until) : null,
        ...gate.counts(),
      };
    },
    /** Refuses whoever waits or comes later. */
    close(): void {
      closed = true;
      for (const queue of Object.values(queues)) {
        queue.cancelTimer?.();
        for (const waiter of queue.line.leaveAll()) waiter.refuse(stopped());
      }
    },
  };
}

type Queue = ReturnType<typeof createQueue>;

function createQueue(lane: Lane) {
  return { lane, line: createWaitingLine<Waiter>(), cancelTimer: undefined as (() => void) | undefined };
}

function refusal({ kind, reason }: Closure, until: number): ExchangeError {
  const message = `nothing is sent to the exchange before ${new Date(until).toISOString()}: ${reason}`;
  return new ExchangeError(kind, message, { until });
}

function stopped(): ExchangeError {
  return new ExchangeError('unavailable', 'the collector is stopping');
}

function tooHeavy(weight: number, budget: number): ExchangeError {
  return new ExchangeError(
    'refused',
    `this weighs ${weight} and the budget is ${budget}: raise OI_MAX_REQ_PER_MIN`,
  );
}
