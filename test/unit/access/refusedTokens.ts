import { generateKeyPairSync } from 'node:crypto';
import { forgeToken, hmacWith, signatureBy } from '../../support/forgeToken.ts';

export const SECRET = 'a-shared-secret-of-at-least-32-bytes';
export const ISSUER = 'https://accounts.example';
export const AUDIENCE = 'open-interest';
/** Epoch seconds. */
export const NOW = Date.UTC(2026, 10, 20, 13, 0, 0) / 1_000;
export const GOOD = {
  sub: 'user-17',
  tier: 'pro',
  exp: NOW + 900,
  iat: NOW,
  iss: ISSUER,
  aud: AUDIENCE,
};

export const hs256 = hmacWith(SECRET);
const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 });
const rsaPem = rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString();
const attackerJwk = generateKeyPairSync('ec', { namedCurve: 'P-256' });

/** The good token with other claims, signed with the right secret. */
export function signed(claims: Readonly<Record<string, unknown>>): string {
  return forgeToken({ header: { alg: 'HS256' }, payload: { ...GOOD, ...claims }, sign: hs256 });
}

/** The good token without some claims. */
export function without(...names: string[]): string {
  const payload = Object.fromEntries(Object.entries(GOOD).filter(([name]) => !names.includes(name)));
  return forgeToken({ header: { alg: 'HS256' }, payload, sign: hs256 });
}

/** The good token with one claim written as this JSON text. */
function signedText(name: string, json: string): string {
  const rest = JSON.stringify({ ...GOOD, [name]: undefined }).slice(0, -1);
  return forgeToken({ header: { alg: 'HS256' }, payload: `${rest},"${name}":${json}}`, sign: hs256 });
}

function headed(header: Readonly<Record<string, unknown>>, sign = hs256): string {
  return forgeToken({ header, payload: GOOD, sign });
}

export type Refusal = { code: string; case: string; token: string };

/** Every token that must be refused, with its code. */
export const REFUSALS: Refusal[] = [
  // The algorithm is ours to choose, never the token's.
  { code: 'token_refused', case: 'alg none', token: headed({ alg: 'none' }, () => '') },
  { code: 'token_refused', case: 'alg None', token: headed({ alg: 'None' }, () => '') },
  { code: 'token_refused', case: 'alg none with an HS256 signature', token: headed({ alg: 'none' }) },
  {
    code: 'token_refused',
    case: 'alg HS512 with the right secret',
    token: headed({ alg: 'HS512' }, hmacWith(SECRET, 'sha512')),
  },
  {
    code: 'token_refused',
    case: 'alg HS384 with the right secret',
    token: headed({ alg: 'HS384' }, hmacWith(SECRET, 'sha384')),
  },
  {
    code: 'token_refused',
    case: 'alg RS256 by a key of its own',
    token: headed({ alg: 'RS256' }, signatureBy(rsa.privateKey)),
  },
  {
    code: 'token_refused',
    case: 'HS256 keyed with a public key',
    token: headed({ alg: 'HS256' }, hmacWith(rsaPem)),
  },
  { code: 'token_refused', case: 'HS256 with an empty key', token: headed({ alg: 'HS256' }, hmacWith('')) },
  { code: 'token_refused', case: 'another secret', token: headed({ alg: 'HS256' }, hmacWith(`${SECRET}!`)) },
  { code: 'token_refused', case: 'no signature', token: headed({ alg: 'HS256' }, () => '') },
  { code: 'token_malformed', case: 'no alg', token: headed({ typ: 'JWT' }) },
  { code: 'token_malformed', case: 'alg as a number', token: headed({ alg: 256 }) },
  {
    code: 'token_refused',
    case: 'its own key in the header (jwk)',
    token: headed(
      { alg: 'ES256', jwk: attackerJwk.publicKey.export({ format: 'jwk' }) },
      signatureBy(attackerJwk.privateKey),
    ),
  },
  {
    code: 'token_refused',
    case: 'an address of keys in the header (jku)',
    token: headed({ alg: 'ES256', jku: 'http://127.0.0.1:9/keys' }, signatureBy(attackerJwk.privateKey)),
  },
  {
    code: 'token_refused',
    case: 'an unknown critical header',
    token: headed({ alg: 'HS256', crit: ['x'], x: 1 }),
  },
  { code: 'token_malformed', case: 'crit that is not a list', token: headed({ alg: 'HS256', crit: 'exp' }) },
  { code: 'token_malformed', case: 'b64 false', token: headed({ alg: 'HS256', crit: ['b64'], b64: false }) },
  // Time.
  { code: 'token_refused', case: 'no exp', token: without('exp') },
  { code: 'token_refused', case: 'exp as a string', token: signed({ exp: String(NOW + 900) }) },
  { code: 'token_refused', case: 'exp null', token: signed({ exp: null }) },
  { code: 'token_refused', case: 'exp 1e400', token: signedText('exp', '1e400') },
  { code: 'token_refused', case: 'exp -1e400', token: signedText('exp', '-1e400') },
  { code: 'token_refused', case: 'exp 2^53', token: signed({ exp: 2 ** 53 }) },
  { code: 'token_refused', case: 'exp past the end of Date', token: signed({ exp: 8_640_000_000_001 }) },
  { code: 'token_refused', case: 'exp with a fraction', token: signed({ exp: NOW + 900.5 }) },
  { code: 'token_refused', case: 'exp far before 1970', token: signed({ exp: -9_000_000_000_000 }) },
  { code: 'token_expired', case: 'expired an hour ago', token: signed({ exp: NOW - 3_600 }) },
  { code: 'token_expired', case: 'expires this very second', token: signed({ exp: NOW }) },
  { code: 'token_refused', case: 'iat 61 s in the future', token: signed({ iat: NOW + 61 }) },
  { code: 'token_refused', case: 'iat as a string', token: signed({ iat: String(NOW) }) },
  { code: 'token_refused', case: 'iat 1e400', token: signedText('iat', '1e400') },
  { code: 'token_refused', case: 'nbf 61 s in the future', token: signed({ nbf: NOW + 61 }) },
  { code: 'token_refused', case: 'nbf as a string', token: signed({ nbf: 'now' }) },
  // Audience, issuer, subject.
  { code: 'token_refused', case: 'another issuer', token: signed({ iss: 'https://evil.example' }) },
  { code: 'token_refused', case: 'no issuer', token: without('iss') },
  { code: 'token_refused', case: 'another audience', token: signed({ aud: 'billing' }) },
  { code: 'token_refused', case: 'no audience', token: without('aud') },
  { code: 'token_refused', case: 'an empty list of audiences', token: signed({ aud: [] }) },
  { code: 'token_refused', case: 'no sub', token: without('sub') },
  { code: 'token_refused', case: 'empty sub', token: signed({ sub: '' }) },
  { code: 'token_refused', case: 'sub of 256 characters', token: signed({ sub: 'u'.repeat(256) }) },
  { code: 'token_refused', case: 'sub as a number', token: signed({ sub: 17 }) },
  { code: 'token_refused', case: 'sub as a list', token: signed({ sub: ['user-17'] }) },
  { code: 'token_refused', case: 'sub with NUL', token: signed({ sub: 'user-17\0' }) },
  { code: 'token_refused', case: 'sub with a lone surrogate', token: signedText('sub', '"user-\\ud800"') },
  { code: 'token_refused', case: 'no tier', token: without('tier') },
  { code: 'token_refused', case: 'tier as a list', token: signed({ tier: ['pro'] }) },
  { code: 'token_refused', case: 'tier "PRO "', token: signed({ tier: 'PRO ' }) },
  { code: 'token_refused', case: 'tier "Pro"', token: signed({ tier: 'Pro' }) },
  { code: 'token_refused', case: 'tier "platinum"', token: signed({ tier: 'platinum' }) },
  { code: 'token_refused', case: 'tier null', token: signed({ tier: null }) },
  { code: 'token_refused', case: 'role "root"', token: signed({ role: 'root' }) },
  { code: 'token_refused', case: 'role as a list', token: signed({ role: ['admin'] }) },
  { code: 'token_refused', case: 'name of 101 characters', token: signed({ name: 'n'.repeat(101) }) },
  { code: 'token_refused', case: 'name as an object', token: signed({ name: {} }) },
  // Not a token.
  { code: 'token_malformed', case: 'an empty string', token: '' },
  { code: 'token_malformed', case: 'an e-mail address', token: 'ada@example.com' },
  { code: 'token_malformed', case: 'a dotted e-mail address', token: 'ada.l@mail.example.com' },
  { code: 'token_malformed', case: 'a user id', token: 'cmh3k0v7x0000qw8z' },
  { code: 'token_malformed', case: 'a mock token', token: 'mock-token-1-2' },
  { code: 'token_malformed', case: 'guest', token: 'guest' },
  { code: 'token_malformed', case: 'an API key', token: 'oi_live_0123456789abcdef' },
  { code: 'token_malformed', case: 'three dots', token: '...' },
  { code: 'token_malformed', case: 'three words', token: 'one.two.three' },
  { code: 'token_malformed', case: 'five parts (encrypted)', token: 'a.b.c.d.e' },
  { code: 'token_malformed', case: 'a blank inside', token: signed({}).replace('.', '. ') },
  { code: 'token_malformed', case: 'a line break at its end', token: `${signed({})}\n` },
  { code: 'token_malformed', case: 'padding', token: `${signed({})}=` },
  {
    code: 'token_malformed',
    case: 'claims that are a list',
    token: forgeToken({ header: { alg: 'HS256' }, payload: '[]', sign: hs256 }),
  },
  {
    code: 'token_malformed',
    case: 'claims that are not JSON',
    token: forgeToken({ header: { alg: 'HS256' }, payload: '{"sub":', sign: hs256 }),
  },
  { code: 'token_malformed', case: '1 MB', token: signed({ name: 'n'.repeat(750_000) }) },
  { code: 'token_malformed', case: '8193 characters', token: 'a'.repeat(8_193) },
];
