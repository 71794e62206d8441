import { z } from 'zod';
import { apiKeyFault, shareAKey } from '../access/apiKeys.ts';
import { isLoopbackHost } from '../kit/loopback.ts';
import { SECOND_MS } from '../kit/clock.ts';
import { commaList, onOff, originList, parseEnv, wholeNumber } from '../kit/env.ts';
import { logFormat, logLevel } from '../kit/logger.ts';
import { SYMBOL_PLACE } from '../openInterest/operator/dashboard.types.ts';
import { DeliveryEnv, INCOMPLETE_VAPID, readDeliverySettings } from './deliverySettings.ts';

/** All settings of the server. A test compares them with `.env.example`. */
export const ServerEnv = z.object({
  NODE_ENV: z.string().default('development'),
  PORT: wholeNumber(0, 65_535).default(3_001),
  HOST: z.string().default('0.0.0.0'),
  /** Empty: an embedded database in DATA_DIR. */
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/, error: 'must be a postgres:// URL' }).optional(),
  /** Connections of one node. The sum of all nodes, old ones during a deployment included, must fit max_connections. */
  DATABASE_POOL_MAX: wholeNumber(2, 100).default(10),
  /** Empty: a single node, without Redis. */
  REDIS_URL: z.url({ protocol: /^rediss?$/, error: 'must be a redis:// URL' }).optional(),
  DATA_DIR: z.string().default('.data'),
  INGEST_API_KEYS: apiKeys().default([]),
  OPERATOR_API_KEYS: apiKeys().default([]),
  AUTH_JWT_SECRET: z
    .string()
    .refine((value) => Buffer.byteLength(value) >= 32, 'must be at least 32 bytes')
    .optional(),
  AUTH_JWKS_URL: z
    .url({ protocol: /^https?$/, error: 'must be an https address' })
    .refine((url) => !isOpenHttp(url), 'must be an https address (http only for localhost)')
    .optional(),
  AUTH_JWT_ISSUER: z.string().optional(),
  AUTH_JWT_AUDIENCE: z.string().optional(),
  AUTH_DEMO_LOGIN: onOff().optional(),
  /** Allows sessions over plain http for clients in a private network. */
  AUTH_COOKIE_INSECURE: onOff().default(false),
  ALLOWED_ORIGINS: originList().default([]),
  OPEN_INTEREST_REALTIME_ENABLED: onOff().default(true),
  OI_BROADCAST_DEBOUNCE_MS: wholeNumber(1, 10_000).default(50),
  OI_BROADCAST_MAX_WAIT_MS: wholeNumber(1, 60_000).default(1_000),
  OI_RETENTION_DAYS: wholeNumber(1, 3_650).default(400),
  OI_HOT_DAYS: wholeNumber(1, 3_650).default(3),
  /** Empty: no such link on the pages. */
  UPGRADE_URL: z.url({ protocol: /^https?$/, error: 'must be an http or https address' }).optional(),
  /** Empty: no such link on the pages. */
  SYMBOL_LINK_TEMPLATE: z
    .url({ protocol: /^https?$/, error: `must be an http or https address that contains ${SYMBOL_PLACE}` })
    .includes(SYMBOL_PLACE, { error: `must contain ${SYMBOL_PLACE} in place of the symbol` })
    .optional(),
  INGEST_RATE_LIMIT_PER_MIN: wholeNumber(0, 1_000_000).default(1_200),
  READ_RATE_LIMIT_PER_MIN: wholeNumber(0, 1_000_000).default(1_200),
  AUTH_FAILURES_PER_MIN: wholeNumber(0, 1_000_000).default(60),
  /** Five tabs of the original's web client, which opens about twelve sockets each. */
  SOCKETS_PER_USER: wholeNumber(0, 100_000).default(60),
  SOCKETS_PER_IP: wholeNumber(0, 100_000).default(200),
  /** About 10 kB each; a dashboard uses one. */
  MAX_CONNECTIONS: wholeNumber(0, 1_000_000).default(10_000),
  /** Time between the loss of readiness and the shutdown, for the balancer to notice. */
  DRAIN_SECONDS: wholeNumber(0, 600).default(0),
  LOG_LEVEL: logLevel().default('info'),
  LOG_FORMAT: logFormat().default('json'),
  TRUST_PROXY_HOPS: wholeNumber(0, 10).default(0),
  ...DeliveryEnv.shape,
});

/** Settings that may be read from the file of `NAME_FILE`. */
export const SERVER_SECRETS = [
  'DATABASE_URL',
  'REDIS_URL',
  'INGEST_API_KEYS',
  'OPERATOR_API_KEYS',
  'AUTH_JWT_SECRET',
  'ALERT_SECRETS_KEYS',
  'VAPID_PRIVATE_KEY',
] as const satisfies (keyof z.output<typeof ServerEnv>)[];

export type ServerConfig = ReturnType<typeof parseServerConfig>;

/** Throws SettingsError with all faults, unsafe combinations included. */
export function parseServerConfig(env: Readonly<Record<string, string | undefined>>) {
  const given = parseEnv(SafeServerEnv, env, SERVER_SECRETS);
  const production = given.NODE_ENV === 'production';
  return {
    production,
    http: {
      port: given.PORT,
      host: given.HOST,
      trustProxyHops: given.TRUST_PROXY_HOPS,
      allowedOrigins: given.ALLOWED_ORIGINS,
    },
    database: { url: given.DATABASE_URL, poolMax: given.DATABASE_POOL_MAX },
    redisUrl: given.REDIS_URL,
    dataDir: given.DATA_DIR,
    access: {
      ingestApiKeys: given.INGEST_API_KEYS,
      operatorApiKeys: given.OPERATOR_API_KEYS,
      jwtSecret: given.AUTH_JWT_SECRET,
      jwksUrl: given.AUTH_JWKS_URL,
      jwtIssuer: given.AUTH_JWT_ISSUER,
      jwtAudience: given.AUTH_JWT_AUDIENCE,
      demoLogin: given.AUTH_DEMO_LOGIN ?? false,
      insecureInPrivateNetwork: given.AUTH_COOKIE_INSECURE,
    },
    openInterest: {
      realtimeEnabled: given.OPEN_INTEREST_REALTIME_ENABLED,
      broadcastDebounceMs: given.OI_BROADCAST_DEBOUNCE_MS,
      broadcastMaxWaitMs: given.OI_BROADCAST_MAX_WAIT_MS,
      retentionDays: given.OI_RETENTION_DAYS,
      hotDays: given.OI_HOT_DAYS,
    },
    delivery: readDeliverySettings(given),
    links: {
      upgradeUrl: given.UPGRADE_URL ?? null,
      symbolLinkTemplate: given.SYMBOL_LINK_TEMPLATE ?? null,
    },
    limits: {
      ingestPerMin: given.INGEST_RATE_LIMIT_PER_MIN,
      readPerMin: given.READ_RATE_LIMIT_PER_MIN,
      authFailuresPerMin: given.AUTH_FAILURES_PER_MIN,
      socketsPerUser: given.SOCKETS_PER_USER,
      socketsPerIp: given.SOCKETS_PER_IP,
      maxConnections: given.MAX_CONNECTIONS,
    },
    /** How long the node still answers after the loss of readiness. */
    drainMs: given.DRAIN_SECONDS * SECOND_MS,
    log: { level: given.LOG_LEVEL, format: given.LOG_FORMAT },
  };
}

export type ServerSettings = z.output<typeof ServerEnv>;

/** Unsafe combinations. */
const UNSAFE: readonly {
  setting: keyof ServerSettings;
  fault: string;
  when: (env: ServerSettings) => boolean;
}[] = [
  INCOMPLETE_VAPID,
  {
    setting: 'AUTH_JWKS_URL',
    fault: 'cannot be set together with AUTH_JWT_SECRET: tokens are verified by one or the other',
    when: (env) => Boolean(env.AUTH_JWT_SECRET && env.AUTH_JWKS_URL),
  },
  {
    setting: 'OPERATOR_API_KEYS',
    fault: 'shares a key with INGEST_API_KEYS; a key has one scope, so use another key for operators',
    when: (env) => shareAKey(env.INGEST_API_KEYS, env.OPERATOR_API_KEYS),
  },
  {
    setting: 'OI_BROADCAST_MAX_WAIT_MS',
    fault: 'must not be shorter than OI_BROADCAST_DEBOUNCE_MS',
    when: (env) => env.OI_BROADCAST_MAX_WAIT_MS < env.OI_BROADCAST_DEBOUNCE_MS,
  },
  {
    setting: 'AUTH_DEMO_LOGIN',
    fault: 'must be off in production: it allows anyone to sign in',
    when: (env) => env.AUTH_DEMO_LOGIN === true && env.NODE_ENV === 'production',
  },
  {
    setting: 'AUTH_DEMO_LOGIN',
    fault: 'needs AUTH_JWT_SECRET: demo tokens cannot be issued with the public keys of AUTH_JWKS_URL',
    when: (env) =>
      env.AUTH_DEMO_LOGIN === true && Boolean(env.AUTH_JWKS_URL) && env.NODE_ENV !== 'production',
  },
  {
    setting: 'INGEST_API_KEYS',
    fault: 'is required in production',
    when: (env) => isProductionDatabase(env) && env.INGEST_API_KEYS.length === 0,
  },
  {
    setting: 'OPERATOR_API_KEYS',
    fault: 'is required in production',
    when: (env) => isProductionDatabase(env) && env.OPERATOR_API_KEYS.length === 0,
  },
  {
    setting: 'AUTH_JWT_SECRET',
    fault: 'is required in production (or AUTH_JWKS_URL)',
    when: (env) => isProductionDatabase(env) && !env.AUTH_JWT_SECRET && !env.AUTH_JWKS_URL,
  },
];

/** Checks combinations even if single settings are invalid, so that one start reports all faults. */
const SafeServerEnv = UNSAFE.reduce(
  (schema, { setting, fault, when }) =>
    schema.refine((env) => !when(env), { path: [setting], error: fault, when: () => true }),
  ServerEnv,
);

/** Secrets are generated for an embedded database only, since nodes with a shared database must share them. */
function isProductionDatabase(env: ServerSettings): boolean {
  return env.NODE_ENV === 'production' && env.DATABASE_URL !== undefined;
}

function apiKeys(): z.ZodType<string[], unknown> {
  return commaList().check(({ value, issues }) => {
    for (const [index, entry] of value.entries()) {
      const message = apiKeyFault(entry);
      if (message) issues.push({ code: 'custom', message, path: [index], input: undefined });
    }
  });
}

/** Keys fetched without TLS could be replaced in transit. */
function isOpenHttp(url: string): boolean {
  return URL.canParse(url) && new URL(url).protocol === 'http:' && !isLoopbackHost(new URL(url).hostname);
}
