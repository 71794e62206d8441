import { createSecretKey, type KeyObject } from 'node:crypto';
import { createRemoteJWKSet, errors } from 'jose';
import type { JWTVerifyGetKey } from 'jose';
import { createAllowance } from '../kit/allowance.ts';
import { MINUTE_MS, SECOND_MS, type Clock } from '../kit/clock.ts';
import { SettingsError } from '../kit/env.ts';
import { coerceError, describeError, UnavailableError } from '../kit/errors.ts';
import { isLoopbackHost } from '../kit/loopback.ts';

/** Below this a shared secret can be guessed offline from any one token (RFC 7518 §3.2). */
const SHORTEST_SECRET_BYTES = 32;
const JWKS_TIMEOUT_MS = 5 * SECOND_MS;
/**
 * Times a minute that the set is fetched again because it lacks a key: enough for keys that change, and no more for
 * tokens that name keys which never were.
 */
const REFETCHES_PER_MIN = 5;

export type TokenKeySettings = {
  /** Shared secret of the issuer, at least 32 bytes: tokens are HS256. */
  secret?: string | undefined;
  /** Address of the issuer's public keys: tokens are RS256 or ES256. */
  jwksUrl?: string | undefined;
  clock: Clock;
};

/** The issuer's keys cannot be fetched: `since` the first failure, `at` the last, epoch ms. */
export type IssuerFault = { since: number; at: number; reason: string };

export type TokenKey = {
  /** Never both families: a public key must not be usable as a shared secret. */
  algorithms: string[];
  getKey: JWTVerifyGetKey;
  /** `null`: the keys are here, or no token has asked for them since the last success. */
  issuerFault(): IssuerFault | null;
};

/** What tokens are verified with. Exactly one of `secret` and `jwksUrl` is set. */
export function createTokenKey(settings: TokenKeySettings): TokenKey {
  const { secret, jwksUrl, clock } = settings;
  if (secret !== undefined && jwksUrl === undefined) {
    const key = createTokenSecret(secret);
    return { algorithms: ['HS256'], getKey: () => key, issuerFault: () => null };
  }
  if (jwksUrl !== undefined && secret === undefined) {
    return { algorithms: ['RS256', 'ES256'], ...createRemoteKeys(jwksUrl, clock) };
  }
  throw new SettingsError('Set either AUTH_JWT_SECRET or AUTH_JWKS_URL, and not both');
}

/** The shared secret as a key; refuses one that is too short to hold. */
export function createTokenSecret(secret: string): KeyObject {
  const bytes = Buffer.from(secret, 'utf8');
  if (bytes.length < SHORTEST_SECRET_BYTES) {
    throw new SettingsError(`AUTH_JWT_SECRET must be at least ${SHORTEST_SECRET_BYTES} bytes long`);
  }
  return createSecretKey(bytes);
}

function createRemoteKeys(jwksUrl: string, clock: Clock): Pick<TokenKey, 'getKey' | 'issuerFault'> {
  let fault: IssuerFault | null = null;
  // The library's own cooldown would refuse tokens of a key that was made since the last fetch.
  const keySet = createRemoteJWKSet(parseJwksUrl(jwksUrl), {
    timeoutDuration: JWKS_TIMEOUT_MS,
    cooldownDuration: Infinity,
  });
  const mayRefetch = createAllowance({
    most: REFETCHES_PER_MIN,
    windowMs: MINUTE_MS,
    now: () => performance.now(),
  });

  const getKey: JWTVerifyGetKey = async (header, token) => {
    try {
      return await keySet(header, token);
    } catch (thrown) {
      if (!(thrown instanceof errors.JWKSNoMatchingKey)) throw thrown;
      if (!keySet.reloading && !mayRefetch())
        throw undecided('have been fetched too often to be fetched again');
      await keySet.reload();
      return keySet(header, token);
    }
  };
  return {
    issuerFault: () => fault,
    async getKey(header, token) {
      try {
        const key = await getKey(header, token);
        fault = null;
        return key;
      } catch (thrown) {
        if (isFaultOfToken(thrown) || thrown instanceof UnavailableError) throw thrown;
        const at = clock.now();
        fault = { since: fault?.since ?? at, at, reason: describeError(thrown) };
        throw undecided('cannot be fetched', coerceError(thrown));
      }
    },
  };
}

function undecided(why: string, cause?: Error): UnavailableError {
  return new UnavailableError('auth_unavailable', `The keys of the token issuer ${why}; try again`, {
    cause,
  });
}

/** The keys were there, and none of them is this token's. */
function isFaultOfToken(thrown: unknown): boolean {
  return (
    thrown instanceof errors.JWKSNoMatchingKey ||
    thrown instanceof errors.JWKSMultipleMatchingKeys ||
    thrown instanceof errors.JOSENotSupported
  );
}

/** Keys that arrive unencrypted can be exchanged on the way. */
function parseJwksUrl(jwksUrl: string): URL {
  const url = URL.canParse(jwksUrl) ? new URL(jwksUrl) : undefined;
  if (url?.protocol === 'https:') return url;
  if (url?.protocol === 'http:' && isLoopbackHost(url.hostname)) return url;
  throw new SettingsError('AUTH_JWKS_URL must be an https address (http only for localhost)');
}
