import { createSecretKey } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodeProtectedHeader, errors, jwtVerify } from 'jose';
import type { JWTPayload } from 'jose';
import { verifyHs256 } from '../../../src/access/hs256.ts';
import { forgeToken, hmacWith } from '../../support/forgeToken.ts';
import { AUDIENCE, GOOD, hs256, ISSUER, NOW, REFUSALS, SECRET, signed } from './refusedTokens.ts';

const KEY = createSecretKey(Buffer.from(SECRET));
const OPTIONS = {
  algorithms: ['HS256'],
  currentDate: new Date(NOW * 1_000),
  clockTolerance: 60,
  issuer: ISSUER,
  audience: AUDIENCE,
};

type Outcome = { payload: JWTPayload | null } | { code: string; claim: string | undefined };

async function outcomeOf(verify: () => JWTPayload | null | Promise<JWTPayload>): Promise<Outcome> {
  try {
    return { payload: await verify() };
  } catch (thrown) {
    if (!(thrown instanceof errors.JOSEError)) throw thrown;
    return { code: thrown.code, claim: (thrown as { claim?: string }).claim };
  }
}

/** jose decides where ours does not, and where ours does both agree. */
async function expectAgreement(token: string): Promise<{ decidedHere: boolean }> {
  const head = decodeProtectedHeader(token);
  const here = await outcomeOf(() => verifyHs256(token, head, KEY, OPTIONS));
  const jose = await outcomeOf(async () => (await jwtVerify(token, KEY, OPTIONS)).payload);
  if ('payload' in here && here.payload === null) {
    // Such a token would be verified twice, so it has to be a rare one.
    if ('payload' in jose) expect(Object.keys(head)).toContain('b64');
    return { decidedHere: false };
  }
  expect(here).toEqual(jose);
  return { decidedHere: true };
}

const time = fc.integer({ min: NOW - 120, max: NOW + 120 });
const claims = fc.record(
  {
    sub: fc.string({ unit: 'binary', maxLength: 20 }),
    iss: fc.constantFrom(ISSUER, 'https://evil.example', 17),
    aud: fc.constantFrom(AUDIENCE, ['billing', AUDIENCE], [], 'billing', { [AUDIENCE]: true }),
    exp: fc.oneof(time, fc.jsonValue({ maxDepth: 1 })),
    nbf: fc.oneof(time, fc.jsonValue({ maxDepth: 1 })),
    iat: fc.oneof(time, fc.jsonValue({ maxDepth: 1 })),
    other: fc.jsonValue({ maxDepth: 2 }),
  },
  { requiredKeys: [] },
);
const header = fc.record(
  {
    alg: fc.constantFrom('HS256', 'HS256', 'HS256', 'hs256', 'HS512', 'none', 'RS256', 256),
    typ: fc.constantFrom('JWT', 'at+jwt', 1),
    kid: fc.string(),
    b64: fc.constantFrom(true, false, 'no'),
    crit: fc.constantFrom(['b64'], ['x'], [], 'exp'),
  },
  { requiredKeys: ['alg'] },
);
const sign = fc.constantFrom(hs256, hs256, hmacWith(`${SECRET}!`), hmacWith(SECRET, 'sha512'), () => '');

describe('verifyHs256 agrees with jose', () => {
  it('over headers, claims and signatures of any kind', async () => {
    await fc.assert(
      fc.asyncProperty(header, claims, sign, async (head, changes, by) => {
        await expectAgreement(forgeToken({ header: head, payload: { ...GOOD, ...changes }, sign: by }));
      }),
      { numRuns: 1_000 },
    );
  });

  it('over payloads that are no claims', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.json(), fc.string({ unit: 'binary' })), async (payload) => {
        await expectAgreement(forgeToken({ header: { alg: 'HS256' }, payload, sign: hs256 }));
      }),
      { numRuns: 500 },
    );
  });

  it('over a valid token of which characters were changed, added or removed', async () => {
    const good = signed({});
    const claimsAt = good.indexOf('.') + 1;
    const character = fc.constantFrom('A', 'Z', 'a', 'z', '0', '9', '-', '_');
    const mutation = fc.record({
      at: fc.integer({ min: claimsAt, max: good.length }),
      removed: fc.nat({ max: 2 }),
      added: fc.array(character, { maxLength: 2 }),
    });
    await fc.assert(
      fc.asyncProperty(mutation, async ({ at, removed, added }) => {
        const mutated = good.slice(0, at) + added.join('') + good.slice(at + removed);
        fc.pre(mutated.split('.').length === 3);
        await expectAgreement(mutated);
      }),
      { numRuns: 1_000 },
    );
  });

  it('over every last character of a signature, of which some encode the same bytes', async () => {
    const good = signed({});
    for (const last of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_')
      await expectAgreement(good.slice(0, -1) + last);
  });

  it('over the tokens that must be refused', async () => {
    const parsed = REFUSALS.filter(({ token }) => /^[\w-]+\.[\w-]+\.[\w-]*$/.test(token)).filter(hasHeader);
    expect(parsed.length).toBeGreaterThan(40);
    for (const { token } of parsed) await expectAgreement(token);
  });

  it('and decides a valid token itself', async () => {
    expect(await expectAgreement(signed({ name: 'Ada Łovelace' }))).toEqual({ decidedHere: true });
    expect(await expectAgreement(signed({ exp: NOW - 3_600 }))).toEqual({ decidedHere: true });
  });
});

function hasHeader({ token }: { token: string }): boolean {
  try {
    return decodeProtectedHeader(token) !== undefined;
  } catch {
    return false;
  }
}
