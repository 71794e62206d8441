import type { Request, RequestHandler, Response } from 'express';
import { ipKeyGenerator, rateLimit } from 'express-rate-limit';
import type { Principal } from '../../access/access.types.ts';
import { MINUTE_MS } from '../../kit/clock.ts';
import { TooManyRequestsError } from '../../kit/errors.ts';
import { createSteadyWindows } from './steadyWindows.ts';

/**
 * Limits per minute and node. They are not shared over Redis, because a slow Redis would then slow down every request
 * (docs/decisions/0003-limits-per-node.md). `null` is off.
 */
export type RateLimits = {
  /** Per ingest key. */
  ingest: RequestHandler | null;
  /** Per user, key or anonymous address. */
  read: RequestHandler | null;
  /** Per address. Not configurable, because a low limit would get healthy nodes restarted. */
  probe: RequestHandler | null;
  /** Per address. Counts failed authentications only, so a valid key is never refused because of invalid ones. */
  authFailures: RequestHandler | null;
};

type RateLimitSettings = {
  ingestPerMin: number;
  readPerMin: number;
  authFailuresPerMin: number;
};

/** The key of `response.locals` under which `mountRoutes` stores the principal for the limits. */
export const PRINCIPAL = 'principal';

/** A hundred a second; balancers probe once a second at most. */
const PROBES_PER_MIN = 6_000;

export function createRateLimits(settings: RateLimitSettings): RateLimits {
  return {
    ingest: perMinute(settings.ingestPerMin, keyOfPrincipal, 'Too many posts with this key'),
    read: perMinute(settings.readPerMin, keyOfPrincipal, 'Too many requests'),
    probe: perMinute(PROBES_PER_MIN, keyOfAddress, 'Too many requests'),
    authFailures: perMinute(
      settings.authFailuresPerMin,
      keyOfAddress,
      'Too many failed authentications from this address',
    ),
  };
}

function perMinute(
  limit: number,
  keyGenerator: (request: Request) => string,
  complaint: string,
): RequestHandler | null {
  if (limit === 0) return null;
  return rateLimit({
    windowMs: MINUTE_MS,
    store: createSteadyWindows(),
    limit,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    keyGenerator,
    handler: (_request, _response, next) => {
      next(new TooManyRequestsError(`${complaint}: at most ${limit} a minute`));
    },
  });
}

/** The id of the request's API key; `null` without a key or with an unknown one. */
export function keyIdOf(response: Response): string | null {
  const principal = response.locals[PRINCIPAL] as Principal | undefined;
  return principal?.kind === 'key' ? principal.keyId : null;
}

function keyOfPrincipal(request: Request): string {
  const principal = request.res?.locals[PRINCIPAL] as Principal | undefined;
  if (principal?.kind === 'key') return `key:${principal.keyId}`;
  if (principal?.kind === 'viewer') return `sub:${principal.sub}`;
  return keyOfAddress(request);
}

function keyOfAddress(request: Request): string {
  return `ip:${ipKeyGenerator(request.ip ?? '')}`;
}
