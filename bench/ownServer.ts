import { createTokenSigner } from '../src/access/tokenSigner.ts';
import { HOUR_MS, systemClock } from '../src/kit/clock.ts';
import { createLogger } from '../src/kit/logger.ts';
import { runMigrations } from '../src/platform/database/migrations.ts';
import { startServer } from '../src/server/buildServer.ts';
import { parseServerConfig } from '../src/server/config.ts';

/** The real server with its defaults, as a child process of the benchmark; DATABASE_URL names an empty database. */
const INGEST_KEY = 'oi_ingest_bench_0123456789abcdef';
const SECRET = 'a secret of the benchmark, longer than thirty-two bytes';

await runMigrations({ url: process.env['DATABASE_URL']! });
const config = parseServerConfig({
  PORT: '0',
  HOST: '127.0.0.1',
  DATABASE_URL: process.env['DATABASE_URL'],
  INGEST_API_KEYS: INGEST_KEY,
  OPERATOR_API_KEYS: 'oi_operator_bench_0123456789abcdef',
  AUTH_JWT_SECRET: SECRET,
  INGEST_RATE_LIMIT_PER_MIN: '0',
  READ_RATE_LIMIT_PER_MIN: '0',
  SOCKETS_PER_USER: '0',
  SOCKETS_PER_IP: '0',
  OI_BROADCAST_DEBOUNCE_MS: process.env['OI_BROADCAST_DEBOUNCE_MS'],
});
const server = await startServer({
  config,
  clock: systemClock,
  logger: createLogger({ level: 'warn', name: 'bench' }),
});
await server.ready;
const now = Date.now();
const token = await createTokenSigner({ secret: SECRET }).sign({
  sub: 'bench',
  tier: 'pro',
  issuedAt: now,
  expiresAt: now + HOUR_MS,
});
process.send?.({ port: server.port, key: INGEST_KEY, token, secret: SECRET });
process.on('message', () => process.send?.(process.cpuUsage()));
process.on('disconnect', () => process.exit(0));
