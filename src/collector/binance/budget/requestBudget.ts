import { SECOND_MS, type Clock } from '../../../kit/clock.ts';
import type { Logger } from '../../../kit/logger.ts';
import type { BudgetStatus, ExchangeClosure } from '../../collector.types.ts';
import { ExchangeError } from '../exchangeError.ts';
import type { BanState } from './banState.ts';
import { createClosures, type Closure, type Pool } from './closures.ts';
import {
  createFuturesDataLimiter,
  createWeightLimiter,
  FUTURES_DATA_WINDOW_MS,
  type Limiter,
  type WeightLimiter,
} from './limiters.ts';
import { createRequestQueue, type Priority, type RequestQueue } from './requestQueue.ts';
import type { WeightLimits } from './weightLimits.ts';

export type BudgetRequest = {
  pool: Pool;
  /** As the exchange weighs it; requests to `/futures/data` count 1 each. */
  weight: number;
  priority: Priority;
  /** Ends the wait. The sender ends a request that is under way. */
  signal?: AbortSignal | undefined;
};

/** What the budget reads of an answer. */
export type AnswerHead = {
  status: number;
  usedWeight: number | null;
  /** The Date header, epoch ms. */
  exchangeTime: number | null;
  retryAfterMs: number | null;
};

type BudgetOptions = {
  limits: WeightLimits;
  clock: Clock;
  systemClock: Pick<Clock, 'now'>;
  banState: BanState;
  logger: Logger;
};

type Waiter = { request: BudgetRequest; grant: () => void; refuse: (error: unknown) => void };
type PoolState = { limiter: Limiter; queue: RequestQueue<Waiter>; cancelTimer?: (() => void) | undefined };

type Context = BudgetOptions & {
  closures: ReturnType<typeof createClosures>;
  weight: WeightLimiter;
  pools: Readonly<Record<Pool, PoolState>>;
  isClosed: boolean;
  /** The use at the last 429 of request weight. */
  usedAtRefusal: ReturnType<WeightLimiter['used']> | null;
};

export type RequestBudget = ReturnType<typeof createRequestBudget>;

/**
 * Counts everything that this process requests from the exchange and, by the exchange's own count, what other programs on
 * the address request. `clock` must be steady (steadyClock.ts); times that leave the budget are those of the system clock,
 * which may have been set since.
 */
export function createRequestBudget(options: BudgetOptions) {
  const { limits, clock } = options;
  const now = clock.now();
  const windowMs = { weight: limits.windowMs, futuresData: FUTURES_DATA_WINDOW_MS };
  const weight = createWeightLimiter(limits, now);
  const context: Context = {
    ...options,
    closures: createClosures({ ...options, windowMs, now }),
    weight,
    pools: {
      weight: { limiter: weight, queue: createRequestQueue() },
      futuresData: { limiter: createFuturesDataLimiter(now), queue: createRequestQueue() },
    },
    isClosed: false,
    usedAtRefusal: null,
  };

  return {
    /**
     * Calls `send` when the budget allows it and resolves with its reply. Rejects with an ExchangeError, without calling
     * it, while the exchange refuses requests. `send` rejects when no answer arrives.
     */
    run: <Reply extends { head: AnswerHead }>(request: BudgetRequest, send: () => Promise<Reply>) =>
      run(context, request, send),
    /** Requests of weight 1 that a class can count on in a minute, as long as others' use does not change. */
    perMin: (priority: Priority) => weight.perMin(priority, clock.now()),
    /** Nothing is sent before this (epoch ms of the system clock); `null`: open. */
    closedUntil: (pool: Pool): number | null => describeClosure(context, pool)?.until ?? null,
    status: () => describe(context),
    /** Refuses queued and later requests. */
    close(): void {
      context.isClosed = true;
      for (const { queue, cancelTimer } of Object.values(context.pools)) {
        cancelTimer?.();
        for (const waiter of queue.leaveAll()) waiter.refuse(stopped());
      }
    },
  };
}

function run<Reply extends { head: AnswerHead }>(
  context: Context,
  request: BudgetRequest,
  send: () => Promise<Reply>,
): Promise<Reply> {
  const { pool, weight, priority, signal } = request;
  const { queue, limiter } = context.pools[pool];
  return new Promise<Reply>((resolve, reject) => {
    const refuse = (error: unknown) => {
      signal?.removeEventListener('abort', onAbort);
      reject(error as Error);
    };
    const onAbort = () => {
      if (queue.leave(waiter)) refuse(signal?.reason);
      serve(context, pool);
    };
    const grant = () => {
      signal?.removeEventListener('abort', onAbort);
      sendNow(context, request, send).then(resolve, reject);
    };
    const waiter: Waiter = { request, grant, refuse };
    if (signal?.aborted) refuse(signal.reason);
    else if (context.isClosed) refuse(stopped());
    else if (weight > limiter.largest) refuse(tooHeavy(weight, limiter.largest));
    else {
      signal?.addEventListener('abort', onAbort, { once: true });
      queue.join(waiter, priority, context.clock.now());
      serve(context, pool);
    }
  });
}

/** Sends within the call that grants the request: a closure in between would be missed. */
async function sendNow<Reply extends { head: AnswerHead }>(
  context: Context,
  request: BudgetRequest,
  send: () => Promise<Reply>,
): Promise<Reply> {
  const { clock, pools } = context;
  const grantedAt = clock.now();
  const end = pools[request.pool].limiter.spend(request, grantedAt);
  let reply: Reply | undefined;
  try {
    reply = await send();
    return reply;
  } finally {
    end(clock.now(), reply !== undefined);
    if (reply) note(context, request.pool, grantedAt, reply.head);
    serve(context, 'weight');
    serve(context, 'futuresData');
  }
}

function note(context: Context, pool: Pool, grantedAt: number, head: AnswerHead): void {
  const { weight, closures, clock } = context;
  const now = clock.now();
  const { status, usedWeight, exchangeTime, retryAfterMs } = head;
  if (pool === 'weight') weight.observe({ grantedAt, answeredAt: now, usedWeight, exchangeTime });
  if (pool === 'weight' && status === 429) context.usedAtRefusal = weight.used(now);
  const hasClosed = closures.note({ pool, grantedAt, status, retryAfterMs, exchangeTime }, now);
  if (hasClosed) context.pools[pool].limiter.drain(now);
}

/** Grants queued requests in order and schedules the next check. */
function serve(context: Context, pool: Pool): void {
  const { clock, closures, pools } = context;
  const state = pools[pool];
  const { limiter, queue } = state;
  state.cancelTimer?.();
  state.cancelTimer = undefined;
  const closure = closures.closure(pool, clock.now());
  if (closure) {
    const error = refusal(closure, systemTimeOf(context, closure.until));
    for (const waiter of queue.leaveAll()) waiter.refuse(error);
    return;
  }
  for (let next = queue.first(); next; next = queue.first()) {
    const waitMs = isProbeUnderWay(context) ? Infinity : limiter.msUntil(next.request, clock.now());
    if (waitMs > 0) {
      // Others' use changes meanwhile, so check every second; each answer checks as well.
      state.cancelTimer = clock.after(Math.min(Math.max(1, waitMs), SECOND_MS), () => serve(context, pool));
      return;
    }
    queue.leave(next);
    next.grant();
  }
}

function isProbeUnderWay({ closures, pools }: Context): boolean {
  return closures.isProbing() && Object.values(pools).some(({ limiter }) => limiter.underWay() > 0);
}

function describe(context: Context): BudgetStatus {
  const { limits, clock, closures, weight, pools, usedAtRefusal } = context;
  const now = clock.now();
  const closure = closures.closure('weight', now);
  // While the exchange refuses, the use at the refusal is the explanation.
  const { ours, others } = (closure && usedAtRefusal) ?? weight.used(now);
  return {
    usedWeight: ours + (others ?? 0),
    oursWeight: ours,
    othersWeight: others,
    budget: limits.budget,
    limit: limits.limit,
    closures: {
      weight: describeClosure(context, 'weight'),
      futuresData: describeClosure(context, 'futuresData'),
    },
    waitingMs: now - (pools.weight.queue.firstSince() ?? now),
    bannedUntil: closure?.kind === 'banned' ? systemTimeOf(context, closure.until) : null,
    ...closures.counts(),
  };
}

function describeClosure(context: Context, pool: Pool): ExchangeClosure | null {
  const closure = context.closures.closure(pool, context.clock.now());
  return closure && { by: closure.by, until: systemTimeOf(context, closure.until), reason: closure.reason };
}

function systemTimeOf({ clock, systemClock }: Context, steadyTime: number): number {
  return systemClock.now() + steadyTime - clock.now();
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
