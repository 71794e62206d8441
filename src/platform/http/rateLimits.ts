import type { Request, RequestHandler, Response } from 'express';
import { ipKeyGenerator, rateLimit } from 'express-rate-limit';
import type { Principal } from '../../access/access.types.ts';
import { MINUTE_MS } from '../../kit/clock.ts';
import { TooManyRequestsError } from '../../kit/errors.ts';
import { createSteadyWindows } from './steadyWindows.ts';

/**
 * Limits per minute, kept by each node for itself: a limit that asked Redis would make a slow Redis slow every request
 * (docs/decisions/0003-limits-per-node.md). `null` is off.
 */
export type RateLimits = {
  /** Per ingest key. */
  ingest: RequestHandler | null;
  /** Per user, key or anonymous address. */
  read: RequestHandler | null;
  /** Per address. No setting: one that is too low would have healthy nodes restarted. */
  probe: RequestHandler | null;
  /** Per address; runs only when authentication has failed, so a good key never pays for somebody else's bad ones. */
  authFailures: RequestHandler | null;
};

export type RateLimitSettings = {
  ingestPerMin: number;
  readPerMin: number;
  authFailuresPerMin: number;
};

/** Where `mountRoutes` leaves the principal for the limit that follows. */
export const PRINCIPAL = 'principal';

/** A hundred a second; a balancer asks once a second at most. */
const PROBES_PER_MIN = 6_000;

export function createRateLimits(settings: RateLimitSettings): RateLimits {
  return {
    ingest: perMinute(settings.ingestPerMin, keyOfPrincipal, 'This key posts too fast'),
    read: perMinute(settings.readPerMin, keyOfPrincipal, 'Too many requests'),
    probe: perMinute(PROBES_PER_MIN, keyOfAddress, 'Too many requests'),
    authFailures: perMinute(
      settings.authFailuresPerMin,
      keyOfAddress,
      'Too many failed sign-ins from this address',
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

/** The id of the key that the request came with; `null`: with none, or with one that is not known. */
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
