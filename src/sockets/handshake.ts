import type { Guest, Viewer } from '../access/access.types.ts';
import { isAllowedOrigin } from '../access/origin.ts';
import { readSessionCookie } from '../access/sessionCookie.ts';
import { UnauthorizedError } from '../kit/errors.ts';

export type Handshake = {
  auth: Record<string, unknown>;
  headers: NodeJS.Dict<string | string[]>;
};

const GUEST: Guest = { kind: 'guest' };

/**
 * Who is behind a handshake. A token counts before the cookie; no credentials, or the word `guest`, is Free. The cookie
 * counts only with an Origin of ours: without one the caller is a program, and programs use tokens. A cookie that has
 * gone bad is refused like a token, so that the page goes to sign-in instead of showing a guest's board.
 */
export async function identifyHandshake(
  handshake: Handshake,
  options: { authenticate: (token: string) => Promise<Viewer>; allowedOrigins: readonly string[] },
): Promise<Viewer | Guest> {
  const token = handshake.auth['token'];
  if (token === 'guest') return GUEST;
  if (token !== undefined && token !== null && token !== '') {
    if (typeof token !== 'string')
      throw new UnauthorizedError('auth.token must be text', { code: 'token_malformed' });
    return options.authenticate(token);
  }
  const { origin, host } = handshake.headers;
  const fromOurPage = isAllowedOrigin({
    origin: typeof origin === 'string' ? origin : undefined,
    host: typeof host === 'string' ? host : undefined,
    allowed: options.allowedOrigins,
  });
  const cookie = fromOurPage ? readSessionCookie(handshake.headers) : undefined;
  return cookie === undefined ? GUEST : options.authenticate(cookie);
}
