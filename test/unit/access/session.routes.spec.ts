import { describe, expect, it } from '@jest/globals';
import { parseSetCookie } from 'cookie';
import request from 'supertest';
import { createApiKeys } from '../../../src/access/apiKeys.ts';
import { createDemoUsers } from '../../../src/access/demoUsers.ts';
import { createGuards } from '../../../src/access/guards.ts';
import { createSessionRoutes } from '../../../src/access/session.routes.ts';
import { createTokenVerifier, sessionIdOf } from '../../../src/access/tokens.ts';
import { createTokenSigner } from '../../../src/access/tokenSigner.ts';
import { Session, type DemoUser } from '../../../src/access/access.types.ts';
import { createFakeClock } from '../../support/fakeClock.ts';
import { createRouteApp } from '../../support/routeApp.ts';

const SECRET = 'a-shared-secret-of-at-least-32-bytes';
const HOUR = 3_600_000;
const clock = createFakeClock(Date.UTC(2026, 10, 20, 13, 0, 0));
const signer = createTokenSigner({ secret: SECRET });
const verifier = createTokenVerifier({ secret: SECRET, clock });
const signedOut: string[] = [];
const app = createApp({ demo: true });
const pro = await sign(HOUR + 500);
const expired = await sign(-HOUR);
const foreign = await sign(HOUR, 'x'.repeat(32));

describe('POST /api/session', () => {
  it('exchanges a token for an HttpOnly, SameSite cookie that ends with the token', async () => {
    const response = await request(app).post('/api/session').set('Host', 'oi.example').send({ token: pro });
    expect(response.status).toBe(200);
    expect(response.body).toEqual({
      sub: 'user-17',
      tier: 'pro',
      role: 'user',
      name: 'Ada',
      expiresAt: clock.now() + HOUR,
      demo: false,
    });
    expect(cookieOf(response)).toMatchObject({
      name: 'oi_session',
      value: pro,
      httpOnly: true,
      sameSite: 'strict',
      path: '/',
      secure: true,
      maxAge: 3_600,
    });
    expect(cookieOf(response).domain).toBeUndefined();
    expect(response.headers['cache-control']).toBe('no-store');
  });

  it.each([`  ${pro}\n`, `Bearer ${pro}`, ` bearer   ${pro} `])(
    'accepts the token as people paste it (%#)',
    async (token) => {
      const response = await request(app).post('/api/session').send({ token });
      expect(response.status).toBe(200);
      expect(cookieOf(response).value).toBe(pro);
    },
  );

  it.each([
    ['an e-mail address', 'ada@example.com', 'token_malformed'],
    ['nothing', '', 'token_malformed'],
    ['Bearer alone', 'Bearer ', 'token_malformed'],
    ['9000 characters', 'a'.repeat(9_000), 'token_malformed'],
    ['an expired token', expired, 'token_expired'],
    ['a token of another issuer', foreign, 'token_refused'],
  ])(
    'answers %s with its own code, without a cookie and without repeating it',
    async (_case, token, code) => {
      const response = await request(app).post('/api/session').send({ token });
      expect(response.status).toBe(401);
      expect(errorOf(response).code).toBe(code);
      expect(response.headers['set-cookie']).toBeUndefined();
      if (token.trim() !== '' && token !== 'Bearer ') expect(response.text).not.toContain(token);
    },
  );

  it('reports since when a token has expired', async () => {
    const response = await request(app).post('/api/session').send({ token: expired });
    expect(errorOf(response)).toMatchObject({
      message: expect.stringContaining('2026-11-20T12:00:00.000Z') as unknown,
      details: [{ path: 'exp', message: 'expired at 2026-11-20T12:00:00.000Z' }],
    });
  });

  it('refuses a token too long for a cookie, which a browser would drop silently', async () => {
    const times = { issuedAt: clock.now(), expiresAt: clock.now() + HOUR };
    const long = createTokenSigner({ secret: SECRET, audience: 'a'.repeat(4_000) });
    const token = await long.sign({ sub: 'user-17', tier: 'pro', ...times });
    const response = await request(app).post('/api/session').send({ token });
    expect(response.status).toBe(400);
    expect(errorOf(response).code).toBe('token_too_long');
    expect(response.headers['set-cookie']).toBeUndefined();
  });

  it.each<[DemoUser, string, string]>([
    ['free', 'free', 'user'],
    ['pro', 'pro', 'user'],
    ['elite', 'elite', 'user'],
    ['admin', 'elite', 'admin'],
  ])('signs in the demo user %s for 12 hours', async (demo, tier, role) => {
    const response = await request(app).post('/api/session').send({ demo });
    expect(response.status).toBe(200);
    expect(Session.parse(response.body)).toEqual({
      sub: `demo-${demo}`,
      tier,
      role,
      name: `demo-${demo}`,
      expiresAt: clock.now() + 12 * HOUR,
      demo: true,
    });
    expect(cookieOf(response).maxAge).toBe(12 * 3_600);
  });

  it('refuses demo users where demo sign-in is off', async () => {
    const response = await request(createApp({ demo: false }))
      .post('/api/session')
      .send({ demo: 'admin' });
    expect(response.status).toBe(403);
    expect(errorOf(response).code).toBe('demo_off');
  });

  it('marks no session as demo where demo sign-in is off, for any user name', async () => {
    const times = { issuedAt: clock.now(), expiresAt: clock.now() + HOUR };
    const token = await signer.sign({ sub: 'demo-pro', tier: 'pro', ...times });
    const response = await request(createApp({ demo: false }))
      .post('/api/session')
      .send({ token });
    expect(Session.parse(response.body).demo).toBe(false);
  });

  it.each([
    ['another demo user', { demo: 'root' }],
    ['both ways at once', { demo: 'pro', token: 'x' }],
    ['neither', {}],
    ['a token that is a number', { token: 1 }],
    ['a token that is a list', { token: ['x'] }],
    ['11 kB', { token: 'x'.repeat(11_000) }],
  ])('X1 answers 400 to %s', async (_case, body) => {
    const response = await request(app).post('/api/session').send(body);
    expect(response.status).toBe(400);
    expect(errorOf(response).code).toBe('invalid_body');
  });

  it('A6 answers 415 to the content types of a cross-site form', async () => {
    const response = await request(app).post('/api/session').type('form').send('demo=pro');
    expect(response.status).toBe(415);
  });
});

describe('GET /api/session', () => {
  it('describes the signed-in user, by cookie or bearer', async () => {
    const byCookie = await request(app).get('/api/session').set('Cookie', `oi_session=${pro}`);
    const byBearer = await request(app).get('/api/session').set('Authorization', `Bearer ${pro}`);
    expect(byCookie.status).toBe(200);
    expect(byCookie.body).toMatchObject({ sub: 'user-17', tier: 'pro', demo: false });
    expect(byBearer.body).toEqual(byCookie.body);
    expect(byCookie.headers['cache-control']).toBe('no-store');
  });

  it.each([
    ['no cookie', ''],
    ['an expired cookie', `oi_session=${expired}`],
    ['an empty cookie', 'oi_session='],
    ['garbage', 'oi_session=%E0%A4%A'],
  ])('answers no_session to %s', async (_case, cookie) => {
    const response = await request(app).get('/api/session').set('Cookie', cookie);
    expect(response.status).toBe(401);
    expect(errorOf(response).code).toBe('no_session');

    const optional = await request(app).get('/api/session?optional=true').set('Cookie', cookie);
    expect([optional.status, optional.text]).toEqual([204, '']);
    expect(optional.headers['cache-control']).toBe('no-store');
  });
});

describe('GET /api/session/options', () => {
  it('offers demo users only where demo sign-in is on', async () => {
    const on = await request(app).get('/api/session/options');
    const off = await request(createApp({ demo: false })).get('/api/session/options');
    expect(on.body).toEqual({ demo: true, tiers: ['free', 'pro', 'elite', 'admin'] });
    expect(off.body).toEqual({ demo: false, tiers: [] });
  });
});

describe('DELETE /api/session', () => {
  it('clears the cookie and closes the sockets of its session, even after the token has expired', async () => {
    for (const token of [pro, expired]) {
      signedOut.length = 0;
      const response = await request(app).delete('/api/session').set('Cookie', `oi_session=${token}`);
      expect(response.status).toBe(204);
      expect(cookieOf(response)).toMatchObject({ name: 'oi_session', maxAge: 0, path: '/', httpOnly: true });
      expect(signedOut).toEqual([sessionIdOf(token)]);
    }
  });

  it('answers the same without a session', async () => {
    signedOut.length = 0;
    const response = await request(app).delete('/api/session');
    expect(response.status).toBe(204);
    expect(signedOut).toEqual([]);
  });
});

describe('pages of other sites', () => {
  it.each(['https://evil.example', 'null', 'https://oi.example.evil.example', 'https://oi.example:8080'])(
    'A6 cannot sign their visitor in or out (%s)',
    async (origin) => {
      signedOut.length = 0;
      const headers = { Origin: origin, Host: 'oi.example', Cookie: `oi_session=${pro}` };
      const responses = [
        await request(app).post('/api/session').set(headers).send({ demo: 'pro' }),
        await request(app).delete('/api/session').set(headers),
      ];
      for (const response of responses) {
        expect(response.status).toBe(403);
        expect(errorOf(response).code).toBe('origin_refused');
        expect(response.headers['set-cookie']).toBeUndefined();
      }
      expect(signedOut).toEqual([]);
    },
  );

  it.each(['https://oi.example', 'https://app.example'])('A6 our own can (%s)', async (origin) => {
    const headers = { Origin: origin, Host: 'oi.example' };
    expect((await request(app).post('/api/session').set(headers).send({ demo: 'pro' })).status).toBe(200);
    expect((await request(app).delete('/api/session').set(headers)).status).toBe(204);
  });
});

describe('a page over plain HTTP', () => {
  const page = { Origin: 'http://oi.lan:3001', Host: 'oi.lan:3001' };

  it('is refused a session whose cookie the browser would drop, with the reason', async () => {
    const response = await request(app).post('/api/session').set(page).send({ token: pro });
    expect(response.status).toBe(403);
    expect(errorOf(response).code).toBe('https_needed');
    expect(errorOf(response).message).toContain('AUTH_COOKIE_INSECURE');
    expect(response.headers['set-cookie']).toBeUndefined();
  });

  it('can sign in where private networks are trusted, and out with the same attributes', async () => {
    const trusting = createApp({ demo: true, insecureInPrivateNetwork: true });
    const signedIn = await request(trusting).post('/api/session').set(page).send({ token: pro });
    expect(signedIn.status).toBe(200);
    expect(cookieOf(signedIn)).toMatchObject({ value: pro, httpOnly: true, sameSite: 'strict' });
    expect(cookieOf(signedIn).secure).toBeFalsy();
    const signedOutAgain = await request(trusting).delete('/api/session').set(page);
    expect(cookieOf(signedOutAgain).secure).toBeFalsy();
  });

  it.each([
    ['of this machine', { Origin: 'http://localhost:3001', Host: 'localhost:3001' }],
    ['behind a proxy that ends TLS', { Origin: 'https://oi.lan', Host: 'oi.lan' }],
    ['that is no page at all', { Host: 'oi.lan' }],
  ])('is distinct from one %s', async (_case, headers) => {
    expect((await request(app).post('/api/session').set(headers).send({ token: pro })).status).toBe(200);
  });
});

function createApp({
  demo,
  insecureInPrivateNetwork = false,
}: {
  demo: boolean;
  insecureInPrivateNetwork?: boolean;
}): ReturnType<typeof createRouteApp> {
  const authenticate = (token: string) => verifier.verify(token);
  const allowedOrigins = ['https://app.example'];
  const routes = createSessionRoutes({
    authenticate,
    demoUsers: demo ? createDemoUsers({ signer, clock }) : null,
    allowedOrigins,
    insecureInPrivateNetwork,
    clock,
    onSignOut: (sessionId) => signedOut.push(sessionId),
  });
  const apiKeys = createApiKeys({ ingest: [], operator: [] });
  return createRouteApp({ routes, guards: createGuards({ apiKeys, authenticate, allowedOrigins }), clock });
}

function sign(lifeMs: number, secret = SECRET): Promise<string> {
  const times = { issuedAt: clock.now() - 2 * HOUR, expiresAt: clock.now() + lifeMs };
  return createTokenSigner({ secret }).sign({ sub: 'user-17', tier: 'pro', name: 'Ada', ...times });
}

function cookieOf(response: request.Response): ReturnType<typeof parseSetCookie> {
  const [header] = response.headers['set-cookie'] as unknown as [string];
  return parseSetCookie(header);
}

function errorOf(response: request.Response): { code: string; message: string; details?: unknown } {
  return (response.body as { error: { code: string; message: string } }).error;
}
