import { createTokenSigner } from '../../src/access/tokenSigner.ts';
import type { Role, Tier } from '../../src/access/access.types.ts';
import { systemClock, type Clock } from '../../src/kit/clock.ts';
import { createLogger, type Logger } from '../../src/kit/logger.ts';
import { startServer, type RunningServer } from '../../src/server/buildServer.ts';
import { parseServerConfig, type ServerConfig } from '../../src/server/config.ts';

export const INGEST_KEY = 'oi_ingest_test_0123456789abcdef';
export const OPERATOR_KEY = 'oi_operator_test_0123456789abcdef';
const SECRETS_KEY = Buffer.alloc(32, 'key of the tests').toString('base64');
const JWT_SECRET = 'a secret of the tests, longer than thirty-two bytes';

export type TestServer = RunningServer & {
  url: string;
  /** A token for a person of this tier. */
  token(
    tier: Tier,
    options?: { sub?: string; role?: Role; expiresInMs?: number; issuedAt?: number },
  ): Promise<string>;
  get(path: string, headers?: Record<string, string>): Promise<Response>;
  /** Posts JSON, by default with the ingest key. */
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>;
};

/** The whole server on a free port: real HTTP, real sockets, the given database and Redis. */
export async function startTestServer(options: {
  databaseUrl: string;
  redisUrl?: string;
  clock?: Clock;
  logger?: Logger;
  env?: Record<string, string>;
  change?: (config: ServerConfig) => ServerConfig;
  /** Do not wait until it is ready. */
  notReady?: boolean;
}): Promise<TestServer> {
  const parsed = parseServerConfig({
    PORT: '0',
    HOST: '127.0.0.1',
    DATABASE_URL: options.databaseUrl,
    REDIS_URL: options.redisUrl,
    INGEST_API_KEYS: INGEST_KEY,
    OPERATOR_API_KEYS: OPERATOR_KEY,
    AUTH_JWT_SECRET: JWT_SECRET,
    ALERT_SECRETS_KEYS: SECRETS_KEY,
    INGEST_RATE_LIMIT_PER_MIN: '0',
    READ_RATE_LIMIT_PER_MIN: '0',
    AUTH_FAILURES_PER_MIN: '0',
    OI_BROADCAST_DEBOUNCE_MS: '50',
    OI_BROADCAST_MAX_WAIT_MS: '200',
    ...options.env,
  });
  const clock = options.clock ?? systemClock;
  const server = await startServer({
    config: options.change ? options.change(parsed) : parsed,
    clock,
    logger: options.logger ?? createLogger({ level: 'silent', name: 'test' }),
  });
  if (!options.notReady) await server.ready;
  const signer = createTokenSigner({ secret: JWT_SECRET });
  const url = `http://127.0.0.1:${server.port}`;

  return {
    ...server,
    url,
    token: (
      tier,
      { sub = `${tier}-user`, role = 'user', expiresInMs = 3_600_000, issuedAt = clock.now() } = {},
    ) => signer.sign({ sub, tier, role, issuedAt, expiresAt: clock.now() + expiresInMs }),
    get: (path, headers = {}) => fetch(url + path, { headers }),
    post: (path, body, headers = { 'X-API-Key': INGEST_KEY }) =>
      fetch(url + path, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', ...headers },
        body:
          typeof body === 'string'
            ? body
            : body instanceof Uint8Array
              ? Buffer.from(body)
              : JSON.stringify(body),
      }),
  };
}
