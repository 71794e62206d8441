import type { Request } from 'express';
import type { Clock } from '../kit/clock.ts';
import { ForbiddenError, UnauthorizedError } from '../kit/errors.ts';
import { defineRoute, json, type Reply, type Route } from '../platform/http/route.ts';
import type { DemoUsers } from './demoUsers.ts';
import { assertAllowedOrigin } from './origin.ts';
import {
  dropsSecureCookie,
  endSessionCookie,
  needsSecureCookie,
  readSessionCookie,
  startSessionCookie,
} from './sessionCookie.ts';
import { sessionIdOf } from './tokens.ts';
import { Session, SessionInput, SessionOptions, type DemoUser, type Viewer } from './access.types.ts';

/** Whether there is a session depends on who asks, so no cache may keep the answer for somebody else. */
const NO_STORE = { 'Cache-Control': 'no-store' };

/**
 * The browser's session: a token goes in once and comes back as a cookie that no script can read. The routes are open to
 * anybody, since they are how one comes in; a page of a foreign origin can neither sign its visitor in nor out.
 */
export function createSessionRoutes(deps: {
  authenticate: (token: string) => Promise<Viewer>;
  /** `null`: there is no demo sign-in. */
  demoUsers: DemoUsers | null;
  allowedOrigins: readonly string[];
  /** Plain http from a private network gets a cookie that is not Secure. */
  insecureInPrivateNetwork: boolean;
  clock: Clock;
  /** Closes the sockets of a session that was signed out. */
  onSignOut: (sessionId: string) => void;
}): Route[] {
  const { authenticate, demoUsers, allowedOrigins, clock, onSignOut } = deps;
  const needsSecure = (request: Request): boolean => needsSecureCookie(request, deps);

  function sessionOf(viewer: Viewer): Session {
    const { sub, tier, role, name, expiresAt } = viewer;
    return { sub, tier, role, name, expiresAt, demo: demoUsers?.isDemo(sub) ?? false };
  }

  async function signDemoToken(user: DemoUser): Promise<string> {
    if (demoUsers) return demoUsers.signToken(user);
    throw new ForbiddenError('Demo sign-in is off here (AUTH_DEMO_LOGIN); sign in with an access token', {
      code: 'demo_off',
    });
  }

  function refuseForeignOrigin(request: Request): void {
    assertAllowedOrigin(request.headers, { allowed: allowedOrigins, absent: 'allowed' });
  }

  return [
    defineRoute({
      method: 'get',
      path: '/api/session',
      access: 'anyone',
      limit: 'read',
      operationId: 'readSession',
      summary: 'Who is signed in',
      responses: { 200: { description: 'The session', schema: Session } },
      handle({ principal }) {
        if (principal.kind === 'viewer') return json(200, sessionOf(principal), NO_STORE);
        throw new UnauthorizedError('Nobody is signed in; sign in with POST /api/session', {
          code: 'no_session',
        });
      },
    }),
    defineRoute({
      method: 'get',
      path: '/api/session/options',
      access: 'public',
      limit: 'read',
      operationId: 'readSignInOptions',
      summary: 'Which ways of signing in there are',
      responses: { 200: { description: 'The demo users, if any', schema: SessionOptions } },
      handle: () => {
        const options: SessionOptions = { demo: demoUsers !== null, tiers: [...(demoUsers?.names ?? [])] };
        return json(200, options, NO_STORE);
      },
    }),
    defineRoute({
      method: 'post',
      path: '/api/session',
      access: 'public',
      limit: 'read',
      operationId: 'signIn',
      summary: 'Sign in: exchange an access token for a session cookie',
      description:
        'Refusals: 401 token_malformed, token_expired (details tell since when), token_refused, token_revoked; ' +
        '400 token_too_long; 403 demo_off, origin_refused, https_needed (a page over plain http, whose browser would ' +
        'drop the cookie).',
      body: SessionInput,
      responses: { 200: { description: 'The session; its cookie is set', schema: Session } },
      refusals: {
        401: 'The token is not good',
        403: 'No demo sign-in here, a page of a foreign origin, or a page over plain http',
      },
      async handle({ body, request }) {
        refuseForeignOrigin(request);
        const secure = needsSecure(request);
        if (secure && dropsSecureCookie(request)) throw refusePlainHttp();
        const token = 'demo' in body ? await signDemoToken(body.demo) : stripBearer(body.token);
        const viewer = await authenticate(token);
        const cookie = startSessionCookie({
          token,
          expiresAt: viewer.expiresAt,
          now: clock.now(),
          secure,
        });
        return json(200, sessionOf(viewer), { ...NO_STORE, 'Set-Cookie': cookie });
      },
    }),
    defineRoute({
      method: 'delete',
      path: '/api/session',
      access: 'public',
      limit: 'read',
      operationId: 'signOut',
      summary: 'Sign out: drop the session cookie and the sockets of the session',
      responses: { 204: { description: 'Nobody is signed in any more' } },
      refusals: { 403: 'A page of a foreign origin' },
      handle({ request }): Reply {
        refuseForeignOrigin(request);
        const token = readSessionCookie(request.headers);
        // Not verified: an id can be told only by who holds its token, and a session that has expired may end too.
        if (token !== undefined) onSignOut(sessionIdOf(token));
        const cookie = endSessionCookie({ secure: needsSecure(request) });
        return { status: 204, headers: { ...NO_STORE, 'Set-Cookie': cookie } };
      },
    }),
  ];
}

function refusePlainHttp(): ForbiddenError {
  return new ForbiddenError(
    'Over plain http a browser keeps no session: open this address over https. In a private network AUTH_COOKIE_INSECURE ' +
      'lets it, for addresses of that network',
    { code: 'https_needed' },
  );
}

/** A token as people paste it: blanks around it, `Bearer ` before it. */
function stripBearer(text: string): string {
  return text.trim().replace(/^bearer\s+/i, '');
}
