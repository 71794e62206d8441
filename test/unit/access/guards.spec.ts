import { describe, expect, it } from '@jest/globals';
import { createApiKeys } from '../../../src/access/apiKeys.ts';
import { createGuards } from '../../../src/access/guards.ts';
import { createTokenVerifier } from '../../../src/access/tokens.ts';
import { createTokenSigner } from '../../../src/access/tokenSigner.ts';
import type { AccessRule, Role, Tier } from '../../../src/access/access.types.ts';
import { UnavailableError, type AppError } from '../../../src/kit/errors.ts';
import { createFakeClock } from '../../support/fakeClock.ts';

const SECRET = 'a-shared-secret-of-at-least-32-bytes';
const INGEST_KEY = 'oi_live_the-key-of-the-poller';
const OPERATOR_KEY = 'oi_oper_the-key-of-the-operator';

const clock = createFakeClock();
const verifier = createTokenVerifier({ secret: SECRET, clock });
const signer = createTokenSigner({ secret: SECRET });
const apiKeys = createApiKeys({ ingest: [INGEST_KEY], operator: [OPERATOR_KEY] });
const allowedOrigins = ['https://app.example'];
const guards = createGuards({ apiKeys, authenticate: (token) => verifier.verify(token), allowedOrigins });

const free = await sign('free');
const pro = await sign('pro');
const elite = await sign('elite');
const admin = await sign('free', 'admin');
const expired = await sign('pro', 'user', -1_000);

type Headers = Readonly<Record<string, string>>;

const SENDERS = {
  'no credentials': {},
  'free bearer': { authorization: `Bearer ${free}` },
  'pro bearer': { authorization: `Bearer ${pro}` },
  'elite cookie': { cookie: `theme=dark; oi_session=${elite}` },
  'admin bearer': { authorization: `bearer  ${admin}` },
  'expired bearer': { authorization: `Bearer ${expired}` },
  'expired cookie': { cookie: `oi_session=${expired}` },
  'ingest key': { 'x-api-key': INGEST_KEY },
  'operator key': { 'x-api-key': OPERATOR_KEY },
  'unknown key': { 'x-api-key': 'oi_live_nobody-has-this-key' },
} as const satisfies Record<string, Headers>;

/** One line a sender: what each rule makes of it. */
const RULES: AccessRule[] = [
  'public',
  'anyone',
  'viewer',
  'pro',
  'proOrOperator',
  'operatorOrAdmin',
  'operator',
  'ingest',
];
const EXPECTED: Record<keyof typeof SENDERS, (string | number)[]> = {
  'no credentials': ['guest', 'guest', 401, 401, 401, 401, 401, 401],
  'free bearer': ['guest', 'free', 'free', 403, 403, 403, 401, 401],
  'pro bearer': ['guest', 'pro', 'pro', 'pro', 'pro', 403, 401, 401],
  'elite cookie': ['guest', 'elite', 'elite', 'elite', 'elite', 403, 401, 401],
  'admin bearer': ['guest', 'free', 'free', 'free', 'free', 'free', 401, 401],
  'expired bearer': ['guest', 401, 401, 401, 401, 401, 401, 401],
  'expired cookie': ['guest', 'guest', 401, 401, 401, 401, 401, 401],
  'ingest key': ['guest', 'ingest', 403, 403, 403, 403, 403, 'ingest'],
  'operator key': ['guest', 'operator', 403, 403, 'operator', 'operator', 'operator', 403],
  'unknown key': ['guest', 401, 401, 401, 401, 401, 401, 401],
};

const CASES = Object.entries(EXPECTED).flatMap(([sender, verdicts]) =>
  RULES.map((rule, index) => ({ sender: sender as keyof typeof SENDERS, rule, verdict: verdicts[index] })),
);

describe('createGuards', () => {
  it.each(CASES)('A8 answers $verdict to $sender on a route for $rule', async ({ sender, rule, verdict }) => {
    expect(await verdictOn(SENDERS[sender], rule)).toBe(verdict);
  });

  it('has a code for each reason to refuse a token or key', async () => {
    const codes = await Promise.all([
      refusalOf({}, 'viewer'),
      refusalOf(SENDERS['expired bearer'], 'anyone'),
      refusalOf(SENDERS['expired cookie'], 'viewer'),
      refusalOf({ authorization: 'Bearer ada@example.com' }, 'anyone'),
      refusalOf({ authorization: 'Bearer' }, 'anyone'),
      refusalOf(SENDERS['unknown key'], 'ingest'),
      refusalOf(SENDERS['ingest key'], 'operator'),
    ]);
    expect(codes.map((it) => it.code)).toEqual([
      'unauthorized',
      'token_expired',
      'token_expired',
      'token_malformed',
      'token_malformed',
      'key_unknown',
      'forbidden',
    ]);
  });

  it('A8 names the missing or required credential', async () => {
    expect((await refusalOf({}, 'ingest')).message).toMatch(/an ingest key in the header X-API-Key/);
    expect((await refusalOf({}, 'operator')).message).toMatch(/an operator key in the header X-API-Key/);
    expect((await refusalOf({}, 'pro')).message).toMatch(/Authorization: Bearer/);
    const wrongKey = await refusalOf(SENDERS['ingest key'], 'operatorOrAdmin');
    expect(wrongKey.message).toMatch(
      /^An ingest key has no access .* send an operator key in the header X-API-Key/,
    );
    const otherWay = await refusalOf(SENDERS['operator key'], 'ingest');
    expect(otherWay.message).toMatch(
      /^An operator key has no access .* send an ingest key in the header X-API-Key/,
    );
  });

  it('A10 repeats no key and no token in a refusal', async () => {
    const refusals = await Promise.all([
      refusalOf(SENDERS['unknown key'], 'ingest'),
      refusalOf(SENDERS['ingest key'], 'pro'),
      refusalOf(SENDERS['expired bearer'], 'pro'),
    ]);
    const refusal = JSON.stringify(refusals.map((it) => [it.message, it.details]));
    for (const secret of [SENDERS['unknown key']['x-api-key'], INGEST_KEY, expired]) {
      expect(refusal).not.toContain(secret);
    }
  });

  it('prefers explicit credentials to those a browser adds: key, then bearer, then cookie', async () => {
    const cookie = `oi_session=${elite}`;
    const authorization = `Bearer ${pro}`;
    expect(await verdictOn({ cookie, authorization }, 'anyone')).toBe('pro');
    expect(await verdictOn({ cookie, authorization, 'x-api-key': OPERATOR_KEY }, 'anyone')).toBe('operator');
    expect(await verdictOn({ cookie, authorization: `Bearer ${expired}` }, 'anyone')).toBe(401);
  });

  it('ignores the password of a proxy in front', async () => {
    const authorization = `Basic ${Buffer.from('staging:secret').toString('base64')}`;
    expect(await verdictOn({ authorization }, 'anyone')).toBe('guest');
    expect(await verdictOn({ authorization, cookie: `oi_session=${pro}` }, 'pro')).toBe('pro');
    expect(await verdictOn({ authorization: `Bearer${pro}` }, 'pro')).toBe(401);
  });

  describe('A6 a request that changes something', () => {
    const cookie = `oi_session=${elite}`;
    const host = 'oi.example';

    it.each(['POST', 'DELETE'])('%s with a cookie requires an allowed origin', async (method) => {
      const origins = [
        undefined,
        'null',
        'https://evil.example',
        'https://oi.example',
        'https://app.example',
      ];
      const verdicts = await Promise.all(
        origins.map((origin) => verdictOn({ cookie, host, ...(origin && { origin }) }, 'pro', method)),
      );
      expect(verdicts).toEqual([403, 403, 403, 'elite', 'elite']);
    });

    it('is refused with the reason', async () => {
      const refusal = await refusalOf({ cookie, host, origin: 'https://evil.example' }, 'anyone', 'POST');
      expect(refusal).toMatchObject({ status: 403, code: 'origin_refused' });
    });

    it('requires no origin with a bearer or a key, which no browser adds by itself', async () => {
      const foreign = { host, origin: 'https://evil.example' };
      expect(await verdictOn({ ...foreign, authorization: `Bearer ${pro}` }, 'pro', 'POST')).toBe('pro');
      expect(await verdictOn({ ...foreign, 'x-api-key': INGEST_KEY }, 'ingest', 'POST')).toBe('ingest');
    });

    it('requires no origin for a read', async () => {
      const foreign = { cookie, host, origin: 'https://evil.example' };
      expect(await verdictOn(foreign, 'pro', 'GET')).toBe('elite');
      expect(await verdictOn(foreign, 'pro', 'HEAD')).toBe('elite');
    });
  });

  it('A11 does not downgrade to a guest while tokens cannot be verified', async () => {
    const undecided = createGuards({
      apiKeys,
      authenticate: () =>
        Promise.reject(new UnavailableError('auth_unavailable', 'The keys cannot be fetched')),
      allowedOrigins,
    });
    const request = { method: 'GET', headers: { cookie: `oi_session=${pro}` } };
    await expect(undecided.identify(request, 'anyone')).rejects.toMatchObject({ status: 503 });
  });
});

function sign(tier: Tier, role: Role = 'user', lifeMs = 900_000): Promise<string> {
  const issuedAt = clock.now() - 60_000;
  return signer.sign({ sub: `user-${tier}`, tier, role, issuedAt, expiresAt: clock.now() + lifeMs });
}

/** The tier, scope or kind of an accepted sender, else the status of the refusal. */
async function verdictOn(headers: Headers, rule: AccessRule, method = 'GET'): Promise<string | number> {
  try {
    const principal = await guards.identify({ method, headers }, rule);
    if (principal.kind === 'viewer') return principal.tier;
    return principal.kind === 'key' ? principal.scope : principal.kind;
  } catch (thrown) {
    return (thrown as AppError).status;
  }
}

async function refusalOf(headers: Headers, rule: AccessRule, method = 'GET'): Promise<AppError> {
  const outcome = await guards.identify({ method, headers }, rule).catch((thrown: unknown) => thrown);
  expect(outcome).toBeInstanceOf(Error);
  return outcome as AppError;
}
