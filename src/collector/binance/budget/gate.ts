import { MINUTE_MS, SECOND_MS } from '../../../kit/clock.ts';
import type { Logger } from '../../../kit/logger.ts';
import type { BlockedBy } from '../../../openInterest/operator/collectors/heartbeat.types.ts';
import { LONGEST_BAN_MS, type BanState } from './banState.ts';

/** The exchange's two counters that we ask against: request weight, and requests to `/futures/data`. */
export type Pool = 'weight' | 'futuresData';

/** A time in which nothing is sent. `until` is epoch ms of the budget's clock. */
export type Closure = { kind: 'banned' | 'throttled'; by: BlockedBy; until: number; reason: string };

type GateAnswer = {
  pool: Pool;
  grantedAt: number;
  status: number;
  retryAfterMs: number | null;
  /** The answer's Date header, epoch ms. */
  exchangeTime: number | null;
};

/** The shortest that a ban is taken to be, whatever it says; it doubles from ban to ban. */
const FIRST_BAN_MS = 2 * MINUTE_MS;
/** 403 is the exchange's firewall, 451 its lawyers: both refuse the address, whatever it asks for. */
const REFUSED_ADDRESS_MS = MINUTE_MS;
const REFUSED_ADDRESS = {
  403: "the exchange's firewall refuses this address (403); ask from another one, or through a proxy by HTTPS_PROXY",
  451: 'the exchange does not serve the country of this address (451); ask from another one, or through a proxy by HTTPS_PROXY',
} as const;
/** A closure that is longer by no more than this is not news, and is kept with so much to spare. */
const REPEAT_MS = SECOND_MS;

/**
 * Closes on 429, 418, 403 and 451, for as long as the exchange says. All of them concern the whole address, except that a
 * 429 of `/futures/data`, which has a counter of its own, leaves the other pool open.
 */
export function createGate(options: {
  windowMs: Readonly<Record<Pool, number>>;
  banState: BanState;
  logger: Logger;
  now: number;
}) {
  const { windowMs, banState, logger } = options;
  const closures: { address?: Closure; futuresData?: Closure } = {};
  const toldUntil = { address: -Infinity, futuresData: -Infinity };
  let probing = false;
  let offences = 0;
  const counts = { status429: 0, status418: 0 };

  const kept = banState.load();
  if (kept) {
    offences = kept.offences;
    probing = true;
    closures.address = {
      kind: kept.kind,
      by: kept.kind === 'banned' ? 'exchange_ban' : 'exchange_limit',
      until: options.now + kept.remainingMs,
      reason: `it had ${kept.kind} this address before the restart`,
    };
    logger.warn(
      { kind: kept.kind, remainingMs: kept.remainingMs },
      'the exchange had closed before the restart',
    );
  }

  function close(scope: 'address' | 'futuresData', closure: Closure, now: number): void {
    const standing = closures[scope];
    if (scope === 'address') probing = true;
    if (standing && standing.until >= closure.until) return;
    closures[scope] = closure;
    // The answers to what was under way say the same again, give or take.
    const told = toldUntil[scope];
    if (told > now && told + REPEAT_MS >= closure.until) return;
    toldUntil[scope] = closure.until;
    const remainingMs = closure.until - now;
    logger.warn(
      { scope, kind: closure.kind, reason: closure.reason, remainingMs },
      'the exchange has closed',
    );
    if (scope === 'address') {
      banState.save({ kind: closure.kind, remainingMs: remainingMs + REPEAT_MS, offences });
    }
  }

  function noteBan({ grantedAt, retryAfterMs }: GateAnswer, now: number): void {
    counts.status418 += 1;
    const standing = closures.address;
    const isNew = standing?.kind !== 'banned' || grantedAt >= standing.until;
    if (isNew) offences += 1;
    const lengthMs = Math.max(retryAfterMs ?? 0, FIRST_BAN_MS * 2 ** Math.max(0, offences - 1));
    const until = now + Math.min(lengthMs, LONGEST_BAN_MS);
    close(
      'address',
      { kind: 'banned', by: 'exchange_ban', until, reason: 'the exchange has banned this address (418)' },
      now,
    );
  }

  function noteThrottle({ pool, retryAfterMs, exchangeTime }: GateAnswer, now: number): void {
    counts.status429 += 1;
    const lengthMs = retryAfterMs ?? msToNextWindow(windowMs[pool], exchangeTime ?? now);
    const reason = 'the exchange has had too many requests from this address (429)';
    const closure = { kind: 'throttled', by: 'exchange_limit', until: now + lengthMs, reason } as const;
    close(pool === 'weight' ? 'address' : pool, closure, now);
  }

  return {
    closure(pool: Pool, now: number): Closure | null {
      const scopes = pool === 'futuresData' ? [closures.address, closures.futuresData] : [closures.address];
      const standing = scopes.filter((it) => it !== undefined && it.until > now) as Closure[];
      return standing.sort((a, b) => b.until - a.until)[0] ?? null;
    },
    /** Takes note of an answer; true when it closes a pool. */
    note(answer: GateAnswer, now: number): boolean {
      const { status, retryAfterMs, grantedAt } = answer;
      switch (status) {
        case 418:
          noteBan(answer, now);
          return true;
        case 429:
          noteThrottle(answer, now);
          return true;
        case 403:
        case 451: {
          const until = now + (retryAfterMs ?? REFUSED_ADDRESS_MS);
          const reason = REFUSED_ADDRESS[status];
          close('address', { kind: 'throttled', by: 'exchange_address', until, reason }, now);
          return true;
        }
        default:
          if (status < 500 && grantedAt >= (closures.address?.until ?? -Infinity)) {
            probing = false;
            offences = 0;
          }
          return false;
      }
    },
    /** After a closure one request goes ahead alone, for the exchange may not be done with us. */
    isProbing: () => probing,
    counts: () => ({ ...counts }),
  };
}

/** The Date header is cut to whole seconds, so this is never too early. */
function msToNextWindow(windowMs: number, exchangeTime: number): number {
  return windowMs - (exchangeTime % windowMs);
}
