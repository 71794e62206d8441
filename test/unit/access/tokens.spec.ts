import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createTokenVerifier, sessionIdOf } from '../../../src/access/tokens.ts';
import { createTokenSigner } from '../../../src/access/tokenSigner.ts';
import { SettingsError } from '../../../src/kit/env.ts';
import { UnauthorizedError } from '../../../src/kit/errors.ts';
import { createFakeClock } from '../../support/fakeClock.ts';
import { forgeToken, hmacWith } from '../../support/forgeToken.ts';
import { AUDIENCE, GOOD, hs256, ISSUER, NOW, REFUSALS, SECRET, signed, without } from './refusedTokens.ts';

const clock = createFakeClock(NOW * 1_000);
const verifier = createTokenVerifier({ secret: SECRET, issuer: ISSUER, audience: AUDIENCE, clock });

describe('createTokenVerifier', () => {
  it('A4 returns the viewer described by a valid token', async () => {
    const viewer = await verifier.verify(signed({ role: 'admin', name: 'Ada Łovelace' }));
    expect(viewer).toEqual({
      kind: 'viewer',
      sub: 'user-17',
      tier: 'pro',
      role: 'admin',
      name: 'Ada Łovelace',
      issuedAt: clock.now(),
      expiresAt: clock.now() + 900_000,
      sessionId: expect.stringMatching(/^[0-9a-f]{16}$/) as unknown,
    });
  });

  it('identifies a session by its token alone', async () => {
    const [token, other] = [signed({}), signed({ name: 'Ada' })];
    expect((await verifier.verify(token)).sessionId).toBe(sessionIdOf(token));
    expect(sessionIdOf(other)).not.toBe(sessionIdOf(token));
  });

  it('A4 defaults to an ordinary user with the oldest possible token without iat, role and name', async () => {
    const viewer = await verifier.verify(without('iat'));
    expect(viewer).toMatchObject({ role: 'user', name: null, issuedAt: 0 });
  });

  it.each([
    ['iat and nbf 60 s ahead', { iat: NOW + 60, nbf: NOW + 60 }],
    ['a last second', { exp: NOW + 1 }],
    ['several audiences, ours among them', { aud: ['billing', AUDIENCE] }],
    ['unknown claims', { scope: 'everything', jti: '1' }],
    ['name null', { name: null }],
    ['a subject of 255 characters', { sub: '币'.repeat(255) }],
  ])('A4 accepts %s', async (_case, claims) => {
    await expect(verifier.verify(signed(claims))).resolves.toMatchObject({ kind: 'viewer', tier: 'pro' });
  });

  it.each(REFUSALS)('A4 A10 answers $code to $case, without repeating it', async ({ code, token }) => {
    const refusal = await refusalOf(token);
    expect(refusal).toMatchObject({ status: 401, code });
    expect(refusal.cause).toBeUndefined();
    const described = JSON.stringify([refusal.message, refusal.details]);
    for (const part of token.split('.').filter((it) => it.length > 8)) expect(described).not.toContain(part);
  });

  it('A4 ignores issuer and audience when none are configured', async () => {
    const lenient = createTokenVerifier({ secret: SECRET, clock });
    await expect(lenient.verify(without('iss', 'aud'))).resolves.toMatchObject({ sub: 'user-17' });
  });

  it('reports since when a token has expired', async () => {
    const refusal = await refusalOf(signed({ exp: NOW - 3_600 }));
    expect(refusal.message).toContain('2026-11-20T12:00:00.000Z');
    expect(refusal.details).toEqual([{ path: 'exp', message: 'expired at 2026-11-20T12:00:00.000Z' }]);
  });

  it('answers only "refused" to an expired token of another issuer', async () => {
    const token = forgeToken({
      header: { alg: 'HS256' },
      payload: { ...GOOD, exp: NOW - 1 },
      sign: hmacWith('x'.repeat(32)),
    });
    expect((await refusalOf(token)).code).toBe('token_refused');
  });

  it('A4 rejects a valid token after a change of any one character of its header or claims', async () => {
    const good = signed({});
    const body = good.lastIndexOf('.');
    await fc.assert(
      fc.asyncProperty(
        fc.nat(body - 1),
        fc.constantFrom('A', 'Z', 'a', 'z', '0', '9', '-', '_'),
        async (at, character) => {
          fc.pre(good[at] !== '.' && good[at] !== character);
          const changed = good.slice(0, at) + character + good.slice(at + 1);
          expect((await refusalOf(changed)).status).toBe(401);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('X1 refuses any text without an exception', async () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.tuple(fc.base64String(), fc.base64String(), fc.base64String()).map((parts) => parts.join('.')),
      fc.tuple(fc.json(), fc.json()).map((parts) => `${parts.map(toBase64Url).join('.')}.c2ln`),
    );
    await fc.assert(
      fc.asyncProperty(text, async (token) => {
        expect((await refusalOf(token)).code).toMatch(/^token_(malformed|refused)$/);
      }),
      { numRuns: 1_000 },
    );
  });

  it('X1 answers any signed claims with a refusal or a viewer of a known tier and role', async () => {
    const claim = fc.oneof(
      fc.jsonValue({ maxDepth: 1 }),
      fc.constantFrom('pro', 'free', 'admin', NOW + 60, NOW - 60),
    );
    const claims = fc.record(
      { sub: claim, tier: claim, exp: claim, iat: claim, nbf: claim, role: claim, name: claim },
      { requiredKeys: [] },
    );
    const lenient = createTokenVerifier({ secret: SECRET, clock });
    await fc.assert(
      fc.asyncProperty(claims, async (changes) => {
        const payload = { ...GOOD, ...changes };
        const token = forgeToken({ header: { alg: 'HS256' }, payload, sign: hs256 });
        const outcome = await lenient.verify(token).catch((thrown: unknown) => thrown);
        if (outcome instanceof UnauthorizedError) return;
        expect(outcome).toMatchObject({ kind: 'viewer', sub: payload.sub, tier: payload.tier });
        expect(['free', 'pro', 'elite']).toContain(payload.tier);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['neither secret nor key set', {}],
    ['both', { secret: SECRET, jwksUrl: 'https://accounts.example/jwks' }],
    ['a secret of 31 bytes', { secret: 'x'.repeat(31) }],
    ['an empty secret', { secret: '' }],
    ['keys over plain http', { jwksUrl: 'http://accounts.example/jwks' }],
    ['keys from a host that only looks local', { jwksUrl: 'http://localhost.evil.example/jwks' }],
    ['keys from a file', { jwksUrl: 'file:///etc/jwks.json' }],
    ['an address that is none', { jwksUrl: 'accounts' }],
  ])('D5 does not start with %s', (_case, settings) => {
    expect(() => createTokenVerifier({ ...settings, clock })).toThrow(SettingsError);
  });
});

describe('createTokenSigner', () => {
  it('signs tokens that the verifier of the same settings accepts', async () => {
    const signer = createTokenSigner({ secret: SECRET, issuer: ISSUER, audience: AUDIENCE });
    const token = await signer.sign({
      sub: 'demo-pro',
      tier: 'pro',
      name: 'demo-pro',
      issuedAt: clock.now() + 999,
      expiresAt: clock.now() + 60_999,
    });
    expect(await verifier.verify(token)).toMatchObject({
      sub: 'demo-pro',
      name: 'demo-pro',
      role: 'user',
      issuedAt: clock.now(),
      expiresAt: clock.now() + 60_000,
    });
  });

  it('D5 does not start with a short secret', () => {
    expect(() => createTokenSigner({ secret: 'short' })).toThrow(SettingsError);
  });
});

async function refusalOf(token: string): Promise<UnauthorizedError> {
  const outcome = await verifier.verify(token).catch((thrown: unknown) => thrown);
  expect(outcome).toBeInstanceOf(UnauthorizedError);
  return outcome as UnauthorizedError;
}

function toBase64Url(text: string): string {
  return Buffer.from(text).toString('base64url');
}
