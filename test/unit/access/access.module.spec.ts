import { describe, expect, it, jest } from '@jest/globals';
import { createAccess, type AccessSettings } from '../../../src/access/access.module.ts';
import { SettingsError } from '../../../src/kit/env.ts';
import { createFakeClock } from '../../support/fakeClock.ts';

const GOOD: AccessSettings = {
  ingestApiKeys: ['oi_live_the-key-of-the-poller'],
  operatorApiKeys: ['oi_oper_the-key-of-the-operator'],
  jwtSecret: 'a-shared-secret-of-at-least-32-bytes',
  demoLogin: true,
  insecureInPrivateNetwork: false,
  allowedOrigins: [],
};

describe('createAccess', () => {
  it.each<[string, Partial<AccessSettings>]>([
    [
      'demo sign-in and no secret to sign demo tokens',
      { jwtSecret: undefined, jwksUrl: 'https://a.example/jwks' },
    ],
    ['a secret and a key set', { jwksUrl: 'https://a.example/jwks' }],
    ['a short secret', { jwtSecret: 'short' }],
  ])('D5 does not start with %s', (_case, fault) => {
    expect(() => createWith(GOOD)).not.toThrow();
    expect(() => createWith({ ...GOOD, ...fault })).toThrow(SettingsError);
  });

  it('A8 requires a key on every route that changes more than the session', () => {
    const changing = createWith(GOOD).routes.filter((route) => route.method !== 'get');
    expect(changing.map((route) => `${route.method} ${route.path} ${route.access}`)).toEqual([
      'post /api/session public',
      'delete /api/session public',
      'post /api/access/changes operator',
    ]);
  });
});

function createWith(settings: AccessSettings): ReturnType<typeof createAccess> {
  return createAccess({
    settings,
    db: { query: () => Promise.reject(new Error('nothing is read here')) },
    write: { query: () => Promise.reject(new Error('nothing is stored here')) },
    clock: createFakeClock(),
    publish: jest.fn(),
    onSignOut: jest.fn(),
    onViewer: jest.fn(),
  });
}
