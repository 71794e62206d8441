import { createHmac, timingSafeEqual, type KeyObject } from 'node:crypto';
import { UnsecuredJWT } from 'jose';
import type { JWTClaimVerificationOptions, JWTPayload, ProtectedHeaderParameters } from 'jose';

/** `{"alg":"none"}`. */
const UNSECURED_HEADER = 'eyJhbGciOiJub25lIn0';

/**
 * The payload of an HS256 token whose signature fits `key` and whose claims fit `options`; `null` leaves the token to
 * `jwtVerify`, which also names each fault of a header or signature. That hands every signature to the thread pool, which costs
 * ten times the signature when thousands of sockets return at once. Throws what `jwtVerify` throws for claims.
 */
export function verifyHs256(
  token: string,
  header: ProtectedHeaderParameters,
  key: KeyObject,
  options: JWTClaimVerificationOptions,
): JWTPayload | null {
  if (header.alg !== 'HS256' || 'crit' in header || 'b64' in header) return null;
  const [, payload] = token.split('.');
  const end = token.lastIndexOf('.');
  const given = Buffer.from(token.slice(end + 1), 'base64url');
  const expected = createHmac('sha256', key).update(token.slice(0, end)).digest();
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return null;
  // The signature is verified. jose checks claims only with a token, so it is given one without a signature.
  return UnsecuredJWT.decode(`${UNSECURED_HEADER}.${payload}.`, options).payload;
}
