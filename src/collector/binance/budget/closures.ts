import { MINUTE_MS, SECOND_MS } from '../../../kit/clock.ts';
import type { Logger } from '../../../kit/logger.ts';
import type { BlockedBy } from '../../../openInterest/operator/collectors/heartbeat.types.ts';
import { ADDRESS_REFUSALS } from '../exchangeError.ts';
import { LONGEST_BAN_MS, type BanState } from './banState.ts';

/** The exchange's two counters: request weight, and requests to `/futures/data`. */
export type Pool = 'weight' | 'futuresData';

/** A time in which nothing is sent. `until` is epoch ms of the budget's clock. */
export type Closure = { kind: 'banned' | 'throttled'; by: BlockedBy; until: number; reason: string };

type CountedAnswer = {
  pool: Pool;
  grantedAt: number;
  status: number;
  retryAfterMs: number | null;
  /** The Date header, epoch ms. */
  exchangeTime: number | null;
};

type Scope = 'address' | 'futuresData';

type Context = {
  windowMs: Readonly<Record<Pool, number>>;
  banState: BanState;
  logger: Logger;
  closures: Partial<Record<Scope, Closure>>;
  loggedUntil: Record<Scope, number>;
  isProbing: boolean;
  /** Bans in a row. */
  offences: number;
  counts: { status429: number; status418: number };
};

/** The shortest ban that is assumed, whatever the answer says; doubled with each ban in a row. */
const FIRST_BAN_MS = 2 * MINUTE_MS;
/** 403 is the exchange's firewall, 451 a legal restriction: both refuse the address, whatever is requested. */
const REFUSED_ADDRESS_MS = MINUTE_MS;
/** A closure that lasts at most this much longer is not logged again, and a stored ban has this much to spare. */
const REPEAT_MS = SECOND_MS;

/**
 * Closes on 429, 418, 403 and 451, for as long as the exchange says. All of them affect the whole address, except that a
 * 429 of `/futures/data`, which has a separate counter, leaves request weight open.
 */
export function createClosures(options: Pick<Context, 'windowMs' | 'banState' | 'logger'> & { now: number }) {
  const context: Context = {
    ...options,
    closures: {},
    loggedUntil: { address: -Infinity, futuresData: -Infinity },
    isProbing: false,
    offences: 0,
    counts: { status429: 0, status418: 0 },
  };
  restoreBan(context, options.now);

  return {
    closure(pool: Pool, now: number): Closure | null {
      const { address, futuresData } = context.closures;
      const active = [address, pool === 'futuresData' ? futuresData : undefined].filter(
        (it) => it !== undefined && it.until > now,
      ) as Closure[];
      return active.sort((a, b) => b.until - a.until)[0] ?? null;
    },
    /** True when the answer closes a pool. */
    note(answer: CountedAnswer, now: number): boolean {
      const closing = closureOf(context, answer, now);
      if (closing) close(context, answer.pool, closing, now);
      else if (answer.status < 500 && answer.grantedAt >= (context.closures.address?.until ?? -Infinity)) {
        context.isProbing = false;
        context.offences = 0;
      }
      return closing !== null;
    },
    /** After a closure one request is sent alone, in case the exchange still refuses. */
    isProbing: () => context.isProbing,
    counts: () => ({ ...context.counts }),
  };
}

function restoreBan(context: Context, now: number): void {
  const stored = context.banState.load();
  if (!stored) return;
  const { kind, remainingMs, offences } = stored;
  context.offences = offences;
  context.isProbing = true;
  context.closures.address = {
    kind,
    by: kind === 'banned' ? 'exchange_ban' : 'exchange_limit',
    until: now + remainingMs,
    reason: `it had ${kind} this address before the restart`,
  };
  context.logger.warn({ kind, remainingMs }, 'exchange refused requests before the restart');
}

function closureOf(context: Context, answer: CountedAnswer, now: number): Closure | null {
  const { pool, status, retryAfterMs, exchangeTime } = answer;
  switch (status) {
    case 418: {
      const until = now + banMs(context, answer);
      return { kind: 'banned', by: 'exchange_ban', until, reason: ADDRESS_REFUSALS[status] };
    }
    case 429: {
      context.counts.status429 += 1;
      const until = now + (retryAfterMs ?? msToNextWindow(context.windowMs[pool], exchangeTime ?? now));
      return { kind: 'throttled', by: 'exchange_limit', until, reason: ADDRESS_REFUSALS[status] };
    }
    case 403:
    case 451: {
      const until = now + (retryAfterMs ?? REFUSED_ADDRESS_MS);
      return { kind: 'throttled', by: 'exchange_address', until, reason: ADDRESS_REFUSALS[status] };
    }
    default:
      return null;
  }
}

function banMs(context: Context, { grantedAt, retryAfterMs }: CountedAnswer): number {
  context.counts.status418 += 1;
  const current = context.closures.address;
  if (current?.kind !== 'banned' || grantedAt >= current.until) context.offences += 1;
  const leastMs = FIRST_BAN_MS * 2 ** Math.max(0, context.offences - 1);
  return Math.min(Math.max(retryAfterMs ?? 0, leastMs), LONGEST_BAN_MS);
}

function close(context: Context, pool: Pool, closure: Closure, now: number): void {
  const { closures, loggedUntil, banState, logger, offences } = context;
  const scope = closure.by === 'exchange_limit' && pool === 'futuresData' ? pool : 'address';
  if (scope === 'address') context.isProbing = true;
  if ((closures[scope]?.until ?? -Infinity) >= closure.until) return;
  closures[scope] = closure;
  // Answers to requests that were under way repeat it, give or take a second.
  if (loggedUntil[scope] > now && loggedUntil[scope] + REPEAT_MS >= closure.until) return;
  loggedUntil[scope] = closure.until;
  const { kind, reason } = closure;
  const remainingMs = closure.until - now;
  logger.warn({ scope, kind, reason, remainingMs }, 'exchange refuses requests');
  if (scope === 'address') banState.save({ kind, remainingMs: remainingMs + REPEAT_MS, offences });
}

/** The Date header is cut to whole seconds, so this is never too early. */
function msToNextWindow(windowMs: number, exchangeTime: number): number {
  return windowMs - (exchangeTime % windowMs);
}
