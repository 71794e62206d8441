import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createTokenVerifier, type TokenVerifier } from '../../../src/access/tokens.ts';
import { UnauthorizedError, UnavailableError } from '../../../src/kit/errors.ts';
import { createFakeClock } from '../../support/fakeClock.ts';
import { forgeToken, hmacWith, signatureBy } from '../../support/forgeToken.ts';

const clock = createFakeClock();
const CLAIMS = { sub: 'user-17', tier: 'pro', exp: clock.now() / 1_000 + 900, iat: clock.now() / 1_000 };

const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const attacker = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const KEY_SET = JSON.stringify({
  keys: [
    { ...rsa.publicKey.export({ format: 'jwk' }), kid: 'rsa-1', use: 'sig' },
    { ...ec.publicKey.export({ format: 'jwk' }), kid: 'ec-1', use: 'sig' },
  ],
});

/** The issuer: a real HTTP server whose answer each test chooses. */
let issuer: http.Server;
let answer: (response: http.ServerResponse) => void;
let asked: number;

beforeEach(async () => {
  asked = 0;
  answer = (response) => response.end(KEY_SET);
  issuer = http.createServer((_request, response) => {
    asked += 1;
    answer(response);
  });
  await listen(0);
});

afterEach(() => stop());

describe('createTokenVerifier with the keys of an issuer', () => {
  it.each([
    ['RS256', 'rsa-1', rsa.privateKey],
    ['ES256', 'ec-1', ec.privateKey],
  ])('A4 accepts %s by a key of the set, with one fetch', async (alg, kid, key) => {
    const verifier = createVerifier();
    for (let i = 0; i < 5; i += 1) {
      await expect(verifier.verify(signedBy(key, { alg, kid }))).resolves.toMatchObject({ tier: 'pro' });
    }
    expect(asked).toBe(1);
  });

  it.each([
    ['HS256 keyed with the public key as PEM', { alg: 'HS256', kid: 'rsa-1' }, pemOf(rsa.publicKey)],
    ['HS256 keyed with the key set itself', { alg: 'HS256' }, KEY_SET],
    ['HS256 keyed with the modulus', { alg: 'HS256', kid: 'rsa-1' }, modulusOf(rsa.publicKey)],
  ])('A4 refuses %s', async (_case, header, key) => {
    const token = forgeToken({ header, payload: CLAIMS, sign: hmacWith(key) });
    await expectRefused(token);
  });

  it.each([
    ['a kid that is not in the set', signedBy(rsa.privateKey, { alg: 'RS256', kid: 'rsa-2' })],
    ['a foreign key under a known kid', signedBy(attacker.privateKey, { alg: 'ES256', kid: 'ec-1' })],
    ['an RSA kid with alg ES256', signedBy(ec.privateKey, { alg: 'ES256', kid: 'rsa-1' })],
    [
      'a key that the token brings along',
      signedBy(attacker.privateKey, { alg: 'ES256', jwk: attacker.publicKey.export({ format: 'jwk' }) }),
    ],
    ['no signature', forgeToken({ header: { alg: 'none' }, payload: CLAIMS, sign: () => '' })],
  ])('A4 refuses %s', async (_case, token) => {
    await expectRefused(token);
  });

  it('A4 accepts a key created right after the last fetch', async () => {
    const verifier = createVerifier();
    await verifier.verify(signedBy(rsa.privateKey, { alg: 'RS256', kid: 'rsa-1' }));
    const next = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const keys = [{ ...next.publicKey.export({ format: 'jwk' }), kid: 'ec-2', use: 'sig' }];
    answer = (response) => response.end(JSON.stringify({ keys }));
    const token = signedBy(next.privateKey, { alg: 'ES256', kid: 'ec-2' });
    const all = await Promise.all(Array.from({ length: 10 }, () => verifier.verify(token)));
    expect(all).toHaveLength(10);
    expect(asked).toBe(2);
  });

  it('fetches at most a few times a minute for unknown keys, and answers the rest as undecided', async () => {
    const verifier = createVerifier();
    const codes = new Map<string, number>();
    for (let i = 0; i < 50; i += 1) {
      const forged = signedBy(attacker.privateKey, { alg: 'ES256', kid: `forged-${i}` });
      const { code } = (await verifier.verify(forged).catch((thrown: unknown) => thrown)) as { code: string };
      codes.set(code, (codes.get(code) ?? 0) + 1);
    }
    expect(asked).toBe(6);
    expect(Object.fromEntries(codes)).toEqual({ token_refused: 5, auth_unavailable: 45 });
    await expect(
      verifier.verify(signedBy(rsa.privateKey, { alg: 'RS256', kid: 'rsa-1' })),
    ).resolves.toMatchObject({ sub: 'user-17' });
  });

  it('A4 never fetches keys from an address in the token', async () => {
    let fetched = 0;
    const evil = http.createServer((_request, response) => {
      fetched += 1;
      response.end(JSON.stringify({ keys: [attacker.publicKey.export({ format: 'jwk' })] }));
    });
    await new Promise<void>((resolve) => evil.listen(0, '127.0.0.1', resolve));
    const { port } = evil.address() as AddressInfo;
    const jku = `http://127.0.0.1:${port}/keys`;
    await expectRefused(signedBy(attacker.privateKey, { alg: 'ES256', kid: 'ec-1', jku, x5u: jku }));
    await new Promise((resolve) => evil.close(resolve));
    expect(fetched).toBe(0);
  });

  it('fetches no keys for a malformed token or another algorithm', async () => {
    const verifier = createVerifier();
    const hs = forgeToken({ header: { alg: 'HS256' }, payload: CLAIMS, sign: hmacWith('x'.repeat(32)) });
    for (const token of ['ada@example.com', 'mock-token-1-2', hs]) {
      await expect(verifier.verify(token)).rejects.toBeInstanceOf(UnauthorizedError);
    }
    expect(asked).toBe(0);
  });

  it('A11 answers undecided while the keys cannot be fetched, and accepts the token as soon as they can', async () => {
    const { port } = issuer.address() as AddressInfo;
    const verifier = createVerifier();
    const token = signedBy(rsa.privateKey, { alg: 'RS256', kid: 'rsa-1' });
    await stop();
    await expect(verifier.verify(token)).rejects.toMatchObject({
      status: 503,
      code: 'auth_unavailable',
      retryAfterSec: 2,
    });
    await listen(port);
    await expect(verifier.verify(token)).resolves.toMatchObject({ sub: 'user-17' });
  });

  it.each<[string, (response: http.ServerResponse) => void]>([
    ['500', (response) => response.writeHead(500).end(KEY_SET)],
    ['a redirect', (response) => response.writeHead(302, { Location: '/elsewhere' }).end()],
    ['a page', (response) => response.end('<html></html>')],
    ['an empty object', (response) => response.end('{}')],
    [
      'half a body',
      (response) => {
        response.writeHead(200, { 'Content-Length': 9_999 }).write('{"keys":[');
        setImmediate(() => response.destroy());
      },
    ],
    ['a closed connection', (response) => response.destroy()],
  ])('A11 answers undecided when the issuer answers %s', async (_case, fault) => {
    answer = fault;
    const token = signedBy(rsa.privateKey, { alg: 'RS256', kid: 'rsa-1' });
    await expect(createVerifier().verify(token)).rejects.toBeInstanceOf(UnavailableError);
  });
});

function createVerifier(): TokenVerifier {
  const { port } = issuer.address() as AddressInfo;
  return createTokenVerifier({ jwksUrl: `http://127.0.0.1:${port}/jwks.json`, clock });
}

async function expectRefused(token: string): Promise<void> {
  await expect(createVerifier().verify(token)).rejects.toMatchObject({ status: 401, code: 'token_refused' });
}

function signedBy(key: KeyObject, header: Readonly<Record<string, unknown>>): string {
  return forgeToken({ header, payload: CLAIMS, sign: signatureBy(key) });
}

function pemOf(key: KeyObject): string {
  return key.export({ type: 'spki', format: 'pem' }).toString();
}

function modulusOf(key: KeyObject): Buffer {
  return Buffer.from(key.export({ format: 'jwk' }).n ?? '', 'base64url');
}

function listen(port: number): Promise<void> {
  return new Promise((resolve) => issuer.listen(port, '127.0.0.1', resolve));
}

function stop(): Promise<void> {
  issuer.closeAllConnections();
  return new Promise((resolve) => {
    issuer.close(() => resolve());
  });
}
