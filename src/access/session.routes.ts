import type { Request } from 'express';
import { z } from 'zod';
import type { Clock } from '../kit/clock.ts';
import { ForbiddenError, UnauthorizedError } from '../kit/errors.ts';
import { defineRoute, json, type Route } from '../platform/http/route.ts';
import { Session, SessionInput, SessionOptions, type DemoUser, type Viewer } from './access.types.ts';
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

type SessionContext = {
  authenticate: (token: string) => Promise<Viewer>;
  /** `null`: demo sign-in is off. */
  demoUsers: DemoUsers | null;
  allowedOrigins: readonly string[];
  /** Sets a cookie without Secure over plain http in a private network. */
  insecureInPrivateNetwork: boolean;
  clock: Clock;
  /** Closes the sockets of the session. */
  onSignOut: (sessionId: string) => void;
};

/** The answers depend on the caller, so no cache may store them. */
const NO_STORE = { 'Cache-Control': 'no-store' };

/**
 * The browser's session: exchanges a token for a cookie that scripts cannot read. The routes are public, because they
 * are how a user signs in, and refuse pages of other origins, which could sign their visitors in or out.
 */
export function createSessionRoutes(context: SessionContext): Route[] {
  return [
    createReadSessionRoute(context),
    createSignInOptionsRoute(context),
    createSignInRoute(context),
    createSignOutRoute(context),
  ];
}

function createReadSessionRoute(context: SessionContext): Route {
  return defineRoute({
    method: 'get',
    path: '/api/session',
    access: 'anyone',
    operationId: 'readSession',
    summary: 'The current session',
    query: z.object({
      optional: z
        .literal('true')
        .optional()
        .meta({ description: 'Without a session the answer is 204 instead of 401.' }),
    }),
    responses: {
      200: { description: 'The session', schema: Session },
      204: { description: 'With `optional=true`: not signed in' },
    },
    handle({ principal, query }) {
      if (principal.kind === 'viewer') return json(200, describeSession(context, principal), NO_STORE);
      if (query.optional) return { status: 204, headers: NO_STORE };
      throw new UnauthorizedError('Not signed in; sign in with POST /api/session', { code: 'no_session' });
    },
  });
}

function createSignInOptionsRoute({ demoUsers }: SessionContext): Route {
  const options: SessionOptions = { demo: demoUsers !== null, tiers: [...(demoUsers?.names ?? [])] };
  return defineRoute({
    method: 'get',
    path: '/api/session/options',
    access: 'public',
    operationId: 'readSignInOptions',
    summary: 'The available ways to sign in',
    responses: { 200: { description: 'The demo users, if any', schema: SessionOptions } },
    handle: () => json(200, options, NO_STORE),
  });
}

function createSignInRoute(context: SessionContext): Route {
  return defineRoute({
    method: 'post',
    path: '/api/session',
    access: 'public',
    operationId: 'signIn',
    summary: 'Sign in: exchange an access token for a session cookie',
    description:
      'Refusals: 401 token_malformed, token_expired (details contain the time), token_refused, token_revoked; ' +
      '400 token_too_long; 403 demo_off, origin_refused, https_needed (a page over plain http, whose browser would ' +
      'drop the cookie).',
    body: SessionInput,
    responses: { 200: { description: 'The session; its cookie is set', schema: Session } },
    refusals: {
      401: 'Invalid, expired or revoked token',
      403: 'Demo sign-in is off, or a page of another origin, or a page over plain http',
    },
    async handle({ body, request }) {
      refuseForeignOrigin(context, request);
      const secure = needsSecureCookie(request, context);
      if (secure && dropsSecureCookie(request)) throw plainHttp();
      const token = 'demo' in body ? await signDemoToken(context, body.demo) : stripBearer(body.token);
      const viewer = await context.authenticate(token);
      const { expiresAt } = viewer;
      const cookie = startSessionCookie({ token, expiresAt, now: context.clock.now(), secure });
      return json(200, describeSession(context, viewer), { ...NO_STORE, 'Set-Cookie': cookie });
    },
  });
}

function createSignOutRoute(context: SessionContext): Route {
  return defineRoute({
    method: 'delete',
    path: '/api/session',
    access: 'public',
    operationId: 'signOut',
    summary: 'Sign out: delete the session cookie and close the sockets of the session',
    responses: { 204: { description: 'Signed out' } },
    refusals: { 403: 'A page of another origin' },
    handle({ request }) {
      refuseForeignOrigin(context, request);
      const token = readSessionCookie(request.headers);
      // Not verified: only the holder of a token can compute its session id, and an expired session may end too.
      if (token !== undefined) context.onSignOut(sessionIdOf(token));
      const cookie = endSessionCookie({ secure: needsSecureCookie(request, context) });
      return { status: 204, headers: { ...NO_STORE, 'Set-Cookie': cookie } };
    },
  });
}

function describeSession({ demoUsers }: SessionContext, viewer: Viewer): Session {
  const { sub, tier, role, name, expiresAt } = viewer;
  return { sub, tier, role, name, expiresAt, demo: demoUsers?.isDemo(sub) ?? false };
}

async function signDemoToken({ demoUsers }: SessionContext, user: DemoUser): Promise<string> {
  if (demoUsers) return demoUsers.signToken(user);
  throw new ForbiddenError('Demo sign-in is off (AUTH_DEMO_LOGIN); sign in with an access token', {
    code: 'demo_off',
  });
}

function refuseForeignOrigin({ allowedOrigins }: SessionContext, request: Request): void {
  assertAllowedOrigin(request.headers, { allowed: allowedOrigins, absent: 'allowed' });
}

function plainHttp(): ForbiddenError {
  return new ForbiddenError(
    'Browsers drop the session cookie over plain http: open this address over https, or set AUTH_COOKIE_INSECURE for ' +
      'addresses of a private network',
    { code: 'https_needed' },
  );
}

/** Accepts a token as pasted: surrounded by blanks, or after `Bearer `. */
function stripBearer(text: string): string {
  return text.trim().replace(/^bearer\s+/i, '');
}
