import type { IncomingHttpHeaders } from 'node:http';
import { parseCookie, stringifySetCookie } from 'cookie';
import { SECOND_MS } from '../kit/clock.ts';
import { ValidationError } from '../kit/errors.ts';
import { isLoopbackHost, isPrivateAddress } from '../kit/loopback.ts';

const SESSION_COOKIE = 'oi_session';

/** Browsers silently drop a longer cookie (name and value). */
const LONGEST_COOKIE_BYTES = 4_096;

/** The token of the session cookie, not verified. */
export function readSessionCookie(headers: IncomingHttpHeaders): string | undefined {
  return parseCookie(headers.cookie ?? '')[SESSION_COOKIE] || undefined;
}

/** The `Set-Cookie` that starts a session. It expires with the token (`expiresAt`, epoch ms). */
export function startSessionCookie(options: {
  token: string;
  expiresAt: number;
  now: number;
  secure: boolean;
}): string {
  const { token, expiresAt, now, secure } = options;
  if (SESSION_COOKIE.length + token.length > LONGEST_COOKIE_BYTES) {
    throw new ValidationError(
      `A token of ${token.length} characters does not fit into a cookie; send it as Authorization: Bearer`,
      { code: 'token_too_long' },
    );
  }
  return formatCookie(token, Math.floor((expiresAt - now) / SECOND_MS), secure);
}

/** The `Set-Cookie` that ends a session. */
export function endSessionCookie(options: { secure: boolean }): string {
  return formatCookie('', 0, options.secure);
}

type CookieRequest = { secure: boolean; ip?: string | undefined; headers: IncomingHttpHeaders };

/**
 * Whether the cookie must be Secure. The exceptions over plain http are localhost and, with `insecureInPrivateNetwork`,
 * clients in a private network. A proxy that terminates TLS and forwards to localhost sends X-Forwarded-Proto.
 */
export function needsSecureCookie(
  request: CookieRequest,
  options: { insecureInPrivateNetwork: boolean },
): boolean {
  if (isEncrypted(request)) return true;
  const hostname = (request.headers.host ?? '').replace(/:\d+$/, '');
  if (isLoopbackHost(hostname)) return false;
  return !(options.insecureInPrivateNetwork && isPrivateAddress(request.ip));
}

/** Whether the request is from a page over plain http, whose browser silently drops a Secure cookie. */
export function dropsSecureCookie(request: CookieRequest): boolean {
  return !isEncrypted(request) && (request.headers.origin?.startsWith('http:') ?? false);
}

function isEncrypted({ secure, headers }: CookieRequest): boolean {
  return secure || headers['x-forwarded-proto'] === 'https';
}

function formatCookie(value: string, maxAge: number, secure: boolean): string {
  return stringifySetCookie({
    name: SESSION_COOKIE,
    value,
    maxAge,
    path: '/',
    httpOnly: true,
    sameSite: 'strict',
    secure,
  });
}
