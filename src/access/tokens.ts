import { createHash } from 'node:crypto';
import { decodeProtectedHeader, errors, jwtVerify } from 'jose';
import type { JWTPayload, JWTVerifyOptions, ProtectedHeaderParameters } from 'jose';
import { z } from 'zod';
import { SECOND_MS } from '../kit/clock.ts';
import { UnauthorizedError } from '../kit/errors.ts';
import { describeIssue } from '../platform/http/describeIssue.ts';
import { verifyHs256 } from './hs256.ts';
import { createTokenKey, type TokenKeySettings } from './tokenKey.ts';
import { ISSUER_AHEAD_MS, Role, Subject, Tier, type Viewer } from './access.types.ts';

const LONGEST_TOKEN = 8_192;
/** The last second of a Date; later ones could not be formatted or waited for. */
const LAST_SECOND = 8_640_000_000_000;

export type TokenVerifier = ReturnType<typeof createTokenVerifier>;

type TokenVerifierSettings = TokenKeySettings & {
  issuer?: string | undefined;
  audience?: string | undefined;
};

/** `{"sub":"user-17","tier":"pro","exp":1795183200,"iat":1795179600,"role":"user","name":"Ada"}` */
const Claims = z.object({
  sub: Subject,
  tier: Tier,
  exp: z.int().nonnegative().max(LAST_SECOND),
  iat: z.int().nonnegative().max(LAST_SECOND).optional(),
  role: Role.default('user'),
  name: z.string().max(100).nullish(),
});

/** Verifies access tokens: JWT signed with a shared secret (HS256) or with the issuer's keys (RS256, ES256). */
export function createTokenVerifier(settings: TokenVerifierSettings) {
  const { clock, issuer, audience } = settings;
  const tokenKey = createTokenKey(settings);

  return {
    issuerFault: tokenKey.issuerFault,
    /**
     * The viewer of a token. Throws UnauthorizedError `token_malformed` (not a JWT), `token_expired` (details contain the
     * time) or `token_refused` (any other fault), and UnavailableError if the issuer's keys cannot be fetched.
     */
    async verify(token: string): Promise<Viewer> {
      const header = headerOf(token);
      const now = clock.now();
      const options: JWTVerifyOptions = {
        algorithms: tokenKey.algorithms,
        currentDate: new Date(now),
        // For nbf only; exp is checked below without tolerance.
        clockTolerance: ISSUER_AHEAD_MS / SECOND_MS,
        ...(issuer === undefined ? {} : { issuer }),
        ...(audience === undefined ? {} : { audience }),
      };
      // The signature is verified first, so messages about claims reach holders of a real token only.
      try {
        const { secret, getKey } = tokenKey;
        const payload =
          (secret && verifyHs256(token, header, secret, options)) ??
          (await jwtVerify(token, getKey, options)).payload;
        return viewerOf(payload, token, now);
      } catch (thrown) {
        throw refusalOf(thrown);
      }
    },
  };
}

/** Identifies a sign-in. Only the holder of the token can compute it. */
export function sessionIdOf(token: string): string {
  return createHash('sha256').update(token).digest('hex').slice(0, 16);
}

/** Rejects e-mail addresses, user ids and megabytes before the verification. */
function headerOf(token: string): ProtectedHeaderParameters {
  if (token.length > LONGEST_TOKEN) throw malformed(`longer than ${LONGEST_TOKEN} characters`);
  // An unsigned token has an empty signature, and is refused later.
  if (!/^[\w-]+\.[\w-]+\.[\w-]*$/.test(token)) throw malformed('not three base64url parts joined by dots');
  try {
    return decodeProtectedHeader(token);
  } catch {
    throw malformed('its first part is not a JSON object');
  }
}

function viewerOf(payload: JWTPayload, token: string, now: number): Viewer {
  const parsed = Claims.safeParse(payload, { error: describeIssue });
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw refused(`claim "${issue?.path.join('.')}" ${issue?.message}`);
  }
  const { sub, tier, role, name, exp, iat } = parsed.data;
  const issuedAt = (iat ?? 0) * SECOND_MS;
  if (exp * SECOND_MS <= now) throw expired(exp);
  if (issuedAt > now + ISSUER_AHEAD_MS) throw refused('claim "iat" lies in the future');
  return {
    kind: 'viewer',
    sub,
    tier,
    role,
    name: name ?? null,
    issuedAt,
    expiresAt: exp * SECOND_MS,
    sessionId: sessionIdOf(token),
  };
}

/** Drops jose's error: it contains the claims, and a cause is logged. */
function refusalOf(thrown: unknown): unknown {
  if (thrown instanceof errors.JWTExpired) {
    const exp = Claims.shape.exp.safeParse(thrown.payload.exp);
    return exp.success ? expired(exp.data) : refused('claim "exp" is not a time');
  }
  if (thrown instanceof errors.JWSInvalid || thrown instanceof errors.JWTInvalid)
    return malformed('not a JWT');
  if (thrown instanceof errors.JWTClaimValidationFailed) {
    return refused(`claim "${thrown.claim}" ${thrown.reason === 'missing' ? 'is missing' : 'does not fit'}`);
  }
  if (thrown instanceof errors.JOSEError) return refused('its algorithm, key or signature does not fit');
  return thrown;
}

function malformed(why: string): UnauthorizedError {
  return new UnauthorizedError(`Not an access token (${why}). Send an API key in the header X-API-Key`, {
    code: 'token_malformed',
  });
}

function refused(why: string): UnauthorizedError {
  return new UnauthorizedError(`Invalid access token (${why})`, { code: 'token_refused' });
}

function expired(exp: number): UnauthorizedError {
  const at = new Date(exp * SECOND_MS).toISOString();
  return new UnauthorizedError(`The access token expired at ${at}; sign in again`, {
    code: 'token_expired',
    details: [{ path: 'exp', message: `expired at ${at}` }],
  });
}
