import { describe, expect, it } from '@jest/globals';
import { SettingsError } from '../../../src/kit/env.ts';
import { parseServerConfig } from '../../../src/server/config.ts';

type Env = Record<string, string>;

const SECRET = 'a secret of the tests, longer than thirty-two bytes';
const INGEST_KEY = 'oi_ingest_0123456789abcdef';
const OPERATOR_KEY = 'oi_operator_0123456789abcdef';

/** What a production node is started with. */
const PRODUCTION: Env = {
  NODE_ENV: 'production',
  DATABASE_URL: 'postgres://oi@db.internal/oi',
  INGEST_API_KEYS: INGEST_KEY,
  OPERATOR_API_KEYS: OPERATOR_KEY,
  AUTH_JWT_SECRET: SECRET,
};

function faultsOf(env: Env): string {
  try {
    parseServerConfig(env);
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(SettingsError);
    return (thrown as Error).message;
  }
  throw new Error('the settings were taken');
}

/** The settings that a message finds fault with. */
function faultySettings(env: Env): string[] {
  const lines = faultsOf(env).split('\n').slice(1, -1);
  return lines.map((line) => /^ {2}([A-Z_]+)/.exec(line)?.[1] ?? line);
}

describe('parseServerConfig', () => {
  it('needs no settings', () => {
    expect(parseServerConfig({})).toEqual({
      production: false,
      http: { port: 3_001, host: '0.0.0.0', trustProxyHops: 0, allowedOrigins: [] },
      database: { url: undefined, poolMax: 10 },
      redisUrl: undefined,
      dataDir: '.data',
      access: {
        ingestApiKeys: [],
        operatorApiKeys: [],
        jwtSecret: undefined,
        jwksUrl: undefined,
        jwtIssuer: undefined,
        jwtAudience: undefined,
        demoLogin: false,
        insecureInPrivateNetwork: false,
      },
      openInterest: {
        realtimeEnabled: true,
        broadcastDebounceMs: 50,
        broadcastMaxWaitMs: 1_000,
        retentionDays: 400,
        hotDays: 3,
      },
      delivery: {
        secretsKeys: [],
        receivers: { allowHttp: false, allowPrivate: false },
        telegramApiUrl: 'https://api.telegram.org',
        discordApiUrl: 'https://discord.com',
        slackApiUrl: 'https://hooks.slack.com',
        vapid: null,
      },
      links: { upgradeUrl: null, symbolLinkTemplate: null },
      limits: {
        ingestPerMin: 1_200,
        readPerMin: 1_200,
        authFailuresPerMin: 60,
        socketsPerUser: 60,
        socketsPerIp: 200,
        maxConnections: 10_000,
      },
      drainMs: 0,
      log: { level: 'info', format: 'json' },
    });
  });

  it('accepts every setting', () => {
    const hash = `sha256:${'0a'.repeat(32)}`;
    const config = parseServerConfig({
      ...PRODUCTION,
      PORT: '0',
      HOST: '127.0.0.1',
      DATABASE_URL: 'postgresql://oi:p%40ss@db.internal:5432/oi?sslmode=require',
      DATABASE_POOL_MAX: '20',
      REDIS_URL: 'rediss://cache.internal:6380/1',
      INGEST_API_KEYS: ` ${INGEST_KEY} , ${hash},`,
      ALLOWED_ORIGINS: 'https://volspike.com, http://localhost:5173',
      AUTH_JWT_ISSUER: 'https://accounts.volspike.com',
      OPEN_INTEREST_REALTIME_ENABLED: 'false',
      OI_RETENTION_DAYS: '90',
      OI_HOT_DAYS: '2',
      UPGRADE_URL: 'https://volspike.com/upgrade?from=oi',
      SYMBOL_LINK_TEMPLATE: 'https://exchange.example/futures/{symbol}?lang=en',
      READ_RATE_LIMIT_PER_MIN: '0',
      TRUST_PROXY_HOPS: '2',
      LOG_LEVEL: 'debug',
    });
    expect(config).toMatchObject({
      production: true,
      http: { port: 0, trustProxyHops: 2, allowedOrigins: ['https://volspike.com', 'http://localhost:5173'] },
      database: { poolMax: 20 },
      access: { ingestApiKeys: [INGEST_KEY, hash], jwtIssuer: 'https://accounts.volspike.com' },
      openInterest: { realtimeEnabled: false, retentionDays: 90, hotDays: 2 },
      links: {
        upgradeUrl: 'https://volspike.com/upgrade?from=oi',
        symbolLinkTemplate: 'https://exchange.example/futures/{symbol}?lang=en',
      },
      limits: { readPerMin: 0 },
    });
  });

  it.each<[string, string]>([
    ['PORT', '65536'],
    ['PORT', 'http'],
    ['DATABASE_URL', 'mysql://db/oi'],
    ['DATABASE_URL', 'db.internal/oi'],
    ['DATABASE_POOL_MAX', '1'],
    ['REDIS_URL', 'http://cache'],
    ['INGEST_API_KEYS', 'short'],
    ['INGEST_API_KEYS', `${INGEST_KEY},sha256:beef`],
    ['OPERATOR_API_KEYS', 'a key with blanks in it'],
    ['AUTH_JWT_SECRET', 'x'.repeat(31)],
    ['AUTH_JWKS_URL', 'file:///etc/jwks.json'],
    ['AUTH_JWKS_URL', 'http://accounts.example/jwks.json'],
    ['AUTH_DEMO_LOGIN', 'yes'],
    ['ALLOWED_ORIGINS', '*'],
    ['ALLOWED_ORIGINS', 'null'],
    ['ALLOWED_ORIGINS', 'https://volspike.com/'],
    ['ALLOWED_ORIGINS', 'https://volspike.com,volspike.com'],
    ['ALLOWED_ORIGINS', 'https://*.volspike.com'],
    ['OPEN_INTEREST_REALTIME_ENABLED', 'on'],
    ['OI_BROADCAST_DEBOUNCE_MS', '0'],
    ['OI_RETENTION_DAYS', '0'],
    ['OI_RETENTION_DAYS', '30d'],
    ['OI_HOT_DAYS', '0'],
    ['UPGRADE_URL', 'javascript:alert(1)'],
    ['UPGRADE_URL', 'volspike.com/upgrade'],
    ['SYMBOL_LINK_TEMPLATE', 'https://exchange.example/futures'],
    ['SYMBOL_LINK_TEMPLATE', 'data:text/html,{symbol}'],
    ['INGEST_RATE_LIMIT_PER_MIN', '-1'],
    ['READ_RATE_LIMIT_PER_MIN', 'none'],
    ['AUTH_FAILURES_PER_MIN', '1e3'],
    ['SOCKETS_PER_USER', '1.5'],
    ['TRUST_PROXY_HOPS', 'true'],
    ['TRUST_PROXY_HOPS', 'loopback'],
    ['TRUST_PROXY_HOPS', '11'],
    ['LOG_LEVEL', 'verbose'],
  ])('D5 refuses %s=%s', (name, value) => {
    expect(faultySettings({ [name]: value })).toEqual([name]);
    expect(faultsOf({ [name]: value })).not.toContain(`: ${value}`);
  });

  it.each<[string, Env, string[]]>([
    [
      'two ways to verify tokens',
      { AUTH_JWT_SECRET: SECRET, AUTH_JWKS_URL: 'https://a/jwks' },
      ['AUTH_JWKS_URL'],
    ],
    [
      'a window that ends before it is quiet',
      { OI_BROADCAST_DEBOUNCE_MS: '500', OI_BROADCAST_MAX_WAIT_MS: '400' },
      ['OI_BROADCAST_MAX_WAIT_MS'],
    ],
    [
      'a key of two scopes',
      { INGEST_API_KEYS: `${INGEST_KEY},${OPERATOR_KEY}`, OPERATOR_API_KEYS: OPERATOR_KEY },
      ['OPERATOR_API_KEYS'],
    ],
    [
      'demo users without a secret to sign their tokens',
      { AUTH_DEMO_LOGIN: 'true', AUTH_JWKS_URL: 'https://a/jwks' },
      ['AUTH_DEMO_LOGIN'],
    ],
  ])('D5 refuses %s', (_, env, settings) => {
    expect(faultySettings(env)).toEqual(settings);
  });

  it.each<[string, Env, string[]]>([
    [
      'without keys',
      { INGEST_API_KEYS: '', OPERATOR_API_KEYS: '' },
      ['INGEST_API_KEYS', 'OPERATOR_API_KEYS'],
    ],
    ['without a way to verify tokens', { AUTH_JWT_SECRET: '' }, ['AUTH_JWT_SECRET']],
    ['with demo sign-in', { AUTH_DEMO_LOGIN: 'true' }, ['AUTH_DEMO_LOGIN']],
  ])('D5 refuses production %s', (_, change, settings) => {
    expect(parseServerConfig(PRODUCTION).production).toBe(true);
    expect(faultySettings({ ...PRODUCTION, ...change })).toEqual(settings);
  });

  it('generates keys in production only on the embedded database, and never a demo sign-in', () => {
    expect(parseServerConfig({ NODE_ENV: 'production' }).production).toBe(true);
    expect(faultySettings({ NODE_ENV: 'production', AUTH_DEMO_LOGIN: '1' })).toEqual(['AUTH_DEMO_LOGIN']);
  });

  it('D5 A10 reports all faults in one message, without repeating a value', () => {
    const env = {
      NODE_ENV: 'production',
      DATABASE_URL: 'postgres://oi:canary-password@db/oi',
      PORT: 'canary-port',
      LOG_LEVEL: 'canary-level',
      INGEST_API_KEYS: 'canary-key',
      AUTH_JWT_SECRET: 'canary-secret',
      AUTH_JWKS_URL: 'https://accounts/canary-jwks',
      AUTH_DEMO_LOGIN: 'true',
      ALLOWED_ORIGINS: 'canary-origin',
      OI_BROADCAST_MAX_WAIT_MS: '40',
      TRUST_PROXY_HOPS: 'canary-hops',
    };
    expect(faultySettings(env).toSorted()).toEqual([
      'ALLOWED_ORIGINS',
      'AUTH_DEMO_LOGIN',
      'AUTH_JWKS_URL',
      'AUTH_JWT_SECRET',
      'INGEST_API_KEYS',
      'LOG_LEVEL',
      'OI_BROADCAST_MAX_WAIT_MS',
      'OPERATOR_API_KEYS',
      'PORT',
      'TRUST_PROXY_HOPS',
    ]);
    expect(faultsOf(env)).not.toContain('canary');
  });

  it('treats an empty setting as absent, as in .env files', () => {
    const names = [
      'PORT',
      'DATABASE_URL',
      'AUTH_JWT_SECRET',
      'ALLOWED_ORIGINS',
      'OI_RETENTION_DAYS',
      'LOG_LEVEL',
    ];
    const empty = Object.fromEntries(names.map((name, i) => [name, i % 2 === 0 ? '' : '  ']));
    expect(parseServerConfig(empty)).toEqual(parseServerConfig({}));
  });
});
