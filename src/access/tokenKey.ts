import { createSecretKey, type KeyObject } from 'node:crypto';
import { createRemoteJWKSet, errors } from 'jose';
import type { JWTVerifyGetKey } from 'jose';
import { createAllowance } from '../kit/allowance.ts';
import { MINUTE_MS, SECOND_MS, type Clock } from '../kit/clock.ts';
import { SettingsError } from '../kit/env.ts';
import { coerceError, describeError, UnavailableError } from '../kit/errors.ts';
import { isLoopbackHost } from '../kit/loopback.ts';

/** A shorter secret can be brute-forced offline from a single token (RFC 7518 §3.2). */
const SHORTEST_SECRET_BYTES = 32;
const JWKS_TIMEOUT_MS = 5 * SECOND_MS;
/** Fetches of the key set because of an unknown key id: enough for key rotation, and a limit for forged tokens. */
const REFETCHES_PER_MIN = 5;

export type TokenKeySettings = {
  /** Shared secret of the issuer, at least 32 bytes: tokens are HS256. */
  secret?: string | undefined;
  /** URL of the issuer's public keys: tokens are RS256 or ES256. */
  jwksUrl?: string | undefined;
  clock: Clock;
};

/** The issuer's keys cannot be fetched: `since` the first failure, `at` the last, epoch ms. */
type IssuerFault = { since: number; at: number; reason: string };

export type TokenKey = {
  /** Never both families, so that a public key cannot be used as a shared secret. */
  algorithms: string[];
  getKey: JWTVerifyGetKey;
  /** The shared secret; `null` with the issuer's public keys. */
  secret: KeyObject | null;
  /** `null` if the last fetch succeeded. */
  issuerFault(): IssuerFault | null;
};

/** The verification keys. Exactly one of `secret` and `jwksUrl` must be set. */
export function createTokenKey(settings: TokenKeySettings): TokenKey {
  const { secret, jwksUrl, clock } = settings;
  if (secret !== undefined && jwksUrl === undefined) {
    const key = createTokenSecret(secret);
    return { algorithms: ['HS256'], getKey: () => key, secret: key, issuerFault: () => null };
  }
  if (jwksUrl !== undefined && secret === undefined) {
    return { algorithms: ['RS256', 'ES256'], secret: null, ...createRemoteKeys(jwksUrl, clock) };
  }
  throw new SettingsError('Set either AUTH_JWT_SECRET or AUTH_JWKS_URL, and not both');
}

/** Throws SettingsError if the secret is too short. */
export function createTokenSecret(secret: string): KeyObject {
  const bytes = Buffer.from(secret, 'utf8');
  if (bytes.length < SHORTEST_SECRET_BYTES) {
    throw new SettingsError(`AUTH_JWT_SECRET must be at least ${SHORTEST_SECRET_BYTES} bytes long`);
  }
  return createSecretKey(bytes);
}

function createRemoteKeys(jwksUrl: string, clock: Clock): Pick<TokenKey, 'getKey' | 'issuerFault'> {
  let fault: IssuerFault | null = null;
  // The library's cooldown would refuse tokens of a key created since the last fetch.
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
      if (!keySet.reloading && !mayRefetch()) throw undecided('have been fetched too often');
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

/** The keys are available, and none of them fits the token. */
function isFaultOfToken(thrown: unknown): boolean {
  return (
    thrown instanceof errors.JWKSNoMatchingKey ||
    thrown instanceof errors.JWKSMultipleMatchingKeys ||
    thrown instanceof errors.JOSENotSupported
  );
}

/** Keys fetched without TLS could be replaced in transit. */
function parseJwksUrl(jwksUrl: string): URL {
  const url = URL.canParse(jwksUrl) ? new URL(jwksUrl) : undefined;
  if (url?.protocol === 'https:') return url;
  if (url?.protocol === 'http:' && isLoopbackHost(url.hostname)) return url;
  throw new SettingsError('AUTH_JWKS_URL must be an https address (http only for localhost)');
}
