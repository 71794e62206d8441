import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { assertAllowedOrigin, isAllowedOrigin } from '../../../src/access/origin.ts';
import { isCanonicalOrigin } from '../../../src/kit/env.ts';

const ALLOWED = ['https://app.example', 'https://app.example:8443', 'http://localhost:5173'];

describe('isAllowedOrigin', () => {
  it.each([
    ['https://oi.example', 'oi.example'],
    ['http://oi.example', 'oi.example'],
    ['http://localhost:3001', 'localhost:3001'],
    ['http://127.0.0.1:3001', '127.0.0.1:3001'],
    ['http://[::1]:3001', '[::1]:3001'],
    ['https://oi.example', 'OI.Example'],
    ['https://app.example', 'oi.example'],
    ['https://app.example:8443', 'oi.example'],
    ['http://localhost:5173', 'localhost:3001'],
    ['https://app.example', undefined],
  ])('A6 allows %s at host %s', (origin, host) => {
    expect(isAllowedOrigin({ origin, host, allowed: ALLOWED })).toBe(true);
  });

  it.each([
    ['nothing', undefined],
    ['an empty origin', ''],
    ['null', 'null'],
    ['a foreign origin', 'https://evil.example'],
    ['our host as a suffix', 'https://evil-oi.example'],
    ['our host as a parent', 'https://evil.oi.example'],
    ['our host as a prefix', 'https://oi.example.evil.example'],
    ['our host as a user', 'https://oi.example@evil.example'],
    ['our host as a path', 'https://evil.example/oi.example'],
    ['our host as a query', 'https://evil.example?oi.example'],
    ['our host as a fragment', 'https://evil.example#oi.example'],
    ['another port', 'https://oi.example:8080'],
    ['the default port written out', 'https://oi.example:443'],
    ['no port digits', 'https://oi.example:'],
    ['a host in capitals', 'https://OI.example'],
    ['a scheme in capitals', 'HTTPS://oi.example'],
    ['a dot at the end', 'https://oi.example.'],
    ['a slash at the end', 'https://oi.example/'],
    ['a blank before', ' https://oi.example'],
    ['a tab inside', 'https://oi\t.example'],
    ['two origins in one header', 'https://oi.example, https://evil.example'],
    ['no scheme', 'oi.example'],
    ['another scheme', 'ftp://oi.example'],
    ['a page from a file', 'file://'],
    ['an extension', 'chrome-extension://oi.example'],
    ['an escaped host', 'https://oi%2eexample'],
    ['a full-width letter', 'https://ｏi.example'],
    ['the listed origin with another scheme', 'http://app.example'],
    ['the listed origin with another port', 'https://app.example:9443'],
    ['a name below the listed origin', 'https://x.app.example'],
    ['the listed origin in capitals', 'https://APP.example'],
  ])('A6 refuses %s', (_case, origin) => {
    expect(isAllowedOrigin({ origin, host: 'oi.example', allowed: ALLOWED })).toBe(false);
  });

  it('A6 refuses a malformed origin, even if it is listed or equals the host', () => {
    for (const origin of ['null', '*', 'https://*', 'https://*.example', 'oi.example', 'https://A.example']) {
      expect(isAllowedOrigin({ origin, host: origin, allowed: [origin] })).toBe(false);
    }
  });

  it('A6 allows an unlisted origin only if its host and port are those of the request', () => {
    const host = fc.oneof(
      fc.domain(),
      fc.tuple(fc.domain(), fc.integer({ min: 1_024, max: 65_535 })).map(([name, port]) => `${name}:${port}`),
    );
    const scheme = fc.constantFrom('http', 'https');
    fc.assert(
      fc.property(scheme, host, host, (protocol, ours, theirs) => {
        const { origin } = new URL(`${protocol}://${theirs}`);
        const own = new URL(`${protocol}://${ours}`);
        expect(isAllowedOrigin({ origin: own.origin, host: own.host, allowed: [] })).toBe(true);
        expect(isAllowedOrigin({ origin, host: own.host, allowed: [] })).toBe(own.origin === origin);
      }),
    );
  });
});

describe('isCanonicalOrigin', () => {
  it('D5 accepts what a browser sends, and no pattern', () => {
    expect(ALLOWED.every(isCanonicalOrigin)).toBe(true);
    const bad = ['*', 'https://*.example', 'https://app.example/', 'app.example', 'null', ''];
    expect(bad.filter(isCanonicalOrigin)).toEqual([]);
  });
});

describe('assertAllowedOrigin', () => {
  const refused = { allowed: ALLOWED, absent: 'refused' } as const;
  const allowed = { allowed: ALLOWED, absent: 'allowed' } as const;

  it('A6 refuses a missing origin where one is required, and a foreign one everywhere', () => {
    const foreign = { origin: 'https://evil.example', host: 'oi.example' };
    const faults = [
      () => assertAllowedOrigin({ host: 'oi.example' }, refused),
      () => assertAllowedOrigin(foreign, refused),
      () => assertAllowedOrigin(foreign, allowed),
    ];
    for (const act of faults)
      expect(act).toThrow(expect.objectContaining({ status: 403, code: 'origin_refused' }));
    expect(() => assertAllowedOrigin({ host: 'oi.example' }, allowed)).not.toThrow();
    expect(() =>
      assertAllowedOrigin({ host: 'oi.example', origin: 'https://oi.example' }, refused),
    ).not.toThrow();
  });
});
