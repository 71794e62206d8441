import { describe, expect, it } from '@jest/globals';
import { parseSetCookie } from 'cookie';
import {
  endSessionCookie,
  needsSecureCookie,
  readSessionCookie,
  startSessionCookie,
} from '../../../src/access/sessionCookie.ts';

const NEVER = { insecureInPrivateNetwork: false };
const NOW = Date.UTC(2026, 10, 20, 13, 0, 0);

describe('needsSecureCookie', () => {
  it.each([
    ['http', 'localhost', false],
    ['http', 'localhost:3001', false],
    ['http', 'LOCALHOST:3001', false],
    ['http', '127.0.0.1:3001', false],
    ['http', '[::1]:3001', false],
    ['https', 'localhost:3001', true],
    ['http', 'oi.example', true],
    ['http', 'localhost.oi.example', true],
    ['http', 'oi.example:127', true],
    ['http', '127.0.0.1.oi.example', true],
    ['http', '127.0.0.11', true],
    ['http', '::1', true],
    ['http', undefined, true],
  ])('%s to %s: %p', (scheme, host, secure) => {
    const headers = host === undefined ? {} : { host };
    expect(needsSecureCookie({ secure: scheme === 'https', headers }, NEVER)).toBe(secure);
  });

  it('trusts a proxy that it terminated TLS, even if the request uses our local name', () => {
    const headers = { host: 'localhost:3001', 'x-forwarded-proto': 'https' };
    expect(needsSecureCookie({ secure: false, headers }, NEVER)).toBe(true);
  });

  it.each([
    ['192.168.1.20', false],
    ['::ffff:10.1.2.3', false],
    ['172.31.255.255', false],
    ['100.64.0.7', false],
    ['127.0.0.1', false],
    ['fd12:3456::1', false],
    ['fe80::1%eth0', false],
    ['172.32.0.1', true],
    ['100.128.0.1', true],
    ['203.0.113.9', true],
    ['::ffff:203.0.113.9', true],
    ['2001:db8::1', true],
    ['unknown', true],
    [undefined, true],
  ])('A6 permits plain HTTP only where configured, and from private addresses only: %s', (ip, secure) => {
    const asked = { secure: false, ip, headers: { host: 'oi.lan:3001' } };
    expect(needsSecureCookie(asked, { insecureInPrivateNetwork: true })).toBe(secure);
    expect(needsSecureCookie(asked, NEVER)).toBe(true);
    const proxied = { ...asked, headers: { ...asked.headers, 'x-forwarded-proto': 'https' } };
    expect(needsSecureCookie(proxied, { insecureInPrivateNetwork: true })).toBe(true);
  });
});

describe('session cookie', () => {
  it.each([true, false])(
    'is cleared with the same name, path and attributes as it was set (Secure: %p)',
    (secure) => {
      const start = startSessionCookie({ token: 'a.b.c', expiresAt: NOW + 60_999, now: NOW, secure });
      const end = endSessionCookie({ secure });
      const attributes = {
        name: 'oi_session',
        path: '/',
        httpOnly: true,
        sameSite: 'strict',
        ...(secure && { secure }),
      };
      expect(parseSetCookie(start)).toEqual({ ...attributes, value: 'a.b.c', maxAge: 60 });
      expect(parseSetCookie(end)).toEqual({ ...attributes, value: '', maxAge: 0 });
    },
  );

  it('contains a token up to the size browsers accept, and rejects a longer one', () => {
    const start = (length: number) =>
      startSessionCookie({ token: 'a'.repeat(length), expiresAt: NOW, now: NOW, secure: true });
    expect(start(4_086)).toContain('a'.repeat(4_086));
    expect(() => start(4_087)).toThrow(expect.objectContaining({ status: 400, code: 'token_too_long' }));
  });

  it.each([
    ['oi_session=a.b.c', 'a.b.c'],
    ['theme=dark; oi_session=a.b.c; lang=en', 'a.b.c'],
    ['oi_session=first; oi_session=second', 'first'],
    ['oi_session=', undefined],
    ['xoi_session=a.b.c', undefined],
    ['oi_session', undefined],
    ['__proto__=x', undefined],
    ['', undefined],
  ])('is read from %p as %p', (cookie, token) => {
    expect(readSessionCookie({ cookie })).toBe(token);
  });
});
