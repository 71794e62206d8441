import { MINUTE_MS, SECOND_MS, type Clock } from '../../kit/clock.ts';
import type { Logger } from '../../kit/logger.ts';
import type { BudgetStatus } from '../collector.types.ts';
import { ExchangeError } from '../exchangeError.ts';
import type { BanState } from './banState.ts';
import { createGate, type Closure, type Pool } from './gate.ts';
import { createOthersUse } from './othersUse.ts';
import { createOwnUse, type OwnUse } from './ownUse.ts';
import { createPace, type Pace } from './pace.ts';
import { capOf, computeShare, createShare } from './share.ts';
import { createWaitingLine, type Priority, type WaitingLine } from './waitingLine.ts';
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

export type RequestBudget = {
  /**
   * Calls `send` when the budget allows, and answers what it answers. Rejects with an ExchangeError without calling it
   * while the exchange has closed. `send` rejects when no answer has come.
   */
  run<Reply extends { head: AnswerHead }>(request: BudgetRequest, send: () => Promise<Reply>): Promise<Reply>;
  /**
   * Requests of weight 1 that a class can count on in a minute, as things stand: whoever plans with more will wait. Others
   * on the address change it, so ask again for each sweep.
   */
  perMin(priority: Priority): number;
  /** Epoch ms before which nothing is sent; `null`: open. */
  closedUntil(pool: Pool): number | null;
  status(): BudgetStatus;
  /** Refuses whoever waits or comes later. */
  close(): void;
};

type Waiter = { request: BudgetRequest; grant: () => void; refuse: (error: unknown) => void };
type Lane = { own: OwnUse; pace: Pace; line: WaitingLine<Waiter>; cancelTimer: (() => void) | undefined };

/** `/futures/data`: of the exchange's 1,000 in 5 minutes, for it does not say what others on the address have used. */
const FUTURES_DATA = { windowMs: 5 * MINUTE_MS, budget: 600, inFlight: 10, burst: 10 };
/** What it costs that a request counts until a whole minute after its answer. */
const USABLE_SHARE = 0.98;

/**
 * One ledger for all that this process asks of the exchange, and through the exchange's own count for the other programs
 * on the address. `clock` must be steady: see steadyClock.ts.
 */
export function createRequestBudget(options: {
  limits: WeightLimits;
  clock: Clock;
  banState: BanState;
  logger: Logger;
}): RequestBudget {
  const { limits, clock } = options;
  const gate = createGate({
    windowMs: { weight: limits.windowMs, futuresData: FUTURES_DATA.windowMs },
    banState: options.banState,
    logger: options.logger,
    now: clock.now(),
  });
  const own = createOwnUse(limits.windowMs);
  const others = createOthersUse({ windowMs: limits.windowMs, own });
  const share = createShare(limits, others);
  const lanes: Readonly<Record<Pool, Lane>> = {
    weight: createLane(own, limits.burst, (now) => share(now) / limits.windowMs, clock.now()),
    futuresData: createLane(
      createOwnUse(FUTURES_DATA.windowMs),
      FUTURES_DATA.burst,
      () => FUTURES_DATA.budget / FUTURES_DATA.windowMs,
      clock.now(),
    ),
  };
  let closed = false;

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
      const largest = pool === 'weight' ? limits.budget : FUTURES_DATA.budget;
      if (closed || weight > largest) {
        reject(closed ? stopped() : tooHeavy(weight, largest));
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
        if (lanes[pool].line.leave(waiter)) waiter.refuse(signal?.reason);
        serve(pool);
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      lanes[pool].line.join(waiter, priority, clock.now());
      serve(pool);
    });
  }

  async function sendNow<Reply extends { head: AnswerHead }>(
    { pool, weight, priority }: BudgetRequest,
    send: () => Promise<Reply>,
  ): Promise<Reply> {
    const lane = lanes[pool];
    const grantedAt = clock.now();
    if (priority !== 'reserved') lane.pace.take(weight, grantedAt);
    const use = lane.own.begin(weight);
    let reply: Reply | undefined;
    try {
      reply = await send();
      return reply;
    } finally {
      const now = clock.now();
      lane.own.end(use, now, reply !== undefined);
      if (reply) note(pool, grantedAt, now, reply.head);
      serve('weight');
      serve('futuresData');
    }
  }

  function note(pool: Pool, grantedAt: number, now: number, head: AnswerHead): void {
    const { status, usedWeight, exchangeTime, retryAfterMs } = head;
    if (pool === 'weight') others.observe({ grantedAt, answeredAt: now, usedWeight, exchangeTime });
    if (gate.note({ pool, grantedAt, status, retryAfterMs, exchangeTime }, now)) lanes[pool].pace.drain(now);
  }

  /** Lets go whoever may go, in order, and looks again when the next one may. */
  function serve(pool: Pool): void {
    const lane = lanes[pool];
    lane.cancelTimer?.();
    lane.cancelTimer = undefined;
    const closure = gate.closure(pool, clock.now());
    if (closure) {
      for (const waiter of lane.line.leaveAll()) waiter.refuse(refusal(closure));
      return;
    }
    for (let next = lane.line.first(); next; next = lane.line.first()) {
      const now = clock.now();
      const { request } = next.waiter;
      const waitMs =
        pool === 'weight' ? msUntilWeight(request, now) : msUntilFuturesData(request.weight, now);
      if (waitMs > 0) {
        // Others' use changes meanwhile, so no wait is longer than a second; an answer to come looks again by itself.
        lane.cancelTimer = clock.after(Math.min(Math.max(1, waitMs), SECOND_MS), () => serve(pool));
        return;
      }
      lane.line.leave(next.waiter);
      next.waiter.grant();
    }
  }

  function msUntilWeight({ weight, priority }: BudgetRequest, now: number): number {
    if (isProbeUnderWay()) return Infinity;
    const underWay = own.underWay();
    if (underWay > 0 && underWay + weight > limits.inFlight) return Infinity;
    const counted = others.running(now);
    if (counted.usedWeight + underWay + weight > limits.line) return counted.msLeft;
    const cap = capOf(limits, share(now), priority);
    if (weight > cap) return Infinity;
    const waitMs = own.msUntil(cap - weight, now);
    // What reserved work takes has been kept free for it.
    return priority === 'reserved' ? waitMs : Math.max(waitMs, lanes.weight.pace.msUntil(weight, now));
  }

  function msUntilFuturesData(weight: number, now: number): number {
    const lane = lanes.futuresData;
    if (isProbeUnderWay() || lane.own.underWay() >= FUTURES_DATA.inFlight) return Infinity;
    return Math.max(lane.own.msUntil(FUTURES_DATA.budget - weight, now), lane.pace.msUntil(weight, now));
  }

  function isProbeUnderWay(): boolean {
    return gate.isProbing() && Object.values(lanes).some((lane) => lane.own.underWay() > 0);
  }

  return {
    run,
    perMin(priority) {
      const known = others.perWindow(clock.now()) ?? 0;
      const cap = capOf(limits, computeShare(limits, known), priority);
      return (cap * USABLE_SHARE * MINUTE_MS) / limits.windowMs;
    },
    closedUntil: (pool) => gate.closure(pool, clock.now())?.until ?? null,
    status() {
      const now = clock.now();
      const closure = gate.closure('weight', now);
      return {
        usedWeight: Math.round(own.total(now) + (others.perWindow(now) ?? 0)),
        budget: limits.budget,
        limit: limits.limit,
        bannedUntil: closure?.kind === 'banned' ? closure.until : null,
        ...gate.counts(),
      };
    },
    close() {
      closed = true;
      for (const lane of Object.values(lanes)) {
        lane.cancelTimer?.();
        for (const waiter of lane.line.leaveAll()) waiter.refuse(stopped());
      }
    },
  };
}

function createLane(own: OwnUse, burst: number, perMs: (now: number) => number, now: number): Lane {
  return { own, pace: createPace({ burst, perMs, now }), line: createWaitingLine(), cancelTimer: undefined };
}

function refusal({ kind, until, reason }: Closure): ExchangeError {
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
