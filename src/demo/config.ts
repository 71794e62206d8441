import { z } from 'zod';
import { UsageError } from '../kit/program.ts';
import { parseServerConfig, type ServerConfig } from '../server/config.ts';

/** The options of `npm run demo -- --symbols 343 --speed 1 --seed 1`. */
export type DemoOptions = {
  /** Symbols in the liquid universe, approximately: some enter and leave, as at the exchange. */
  symbols: number;
  /** How many times as fast as usual the market moves. Clocks, limits and intervals keep the wall's time. */
  speed: number;
  /** The same seed plays the same market. */
  seed: number;
};

const SYMBOLS = 'must be a whole number from 1 to 530, as many as the simulated exchange lists';
const SPEED = 'must be a number from 0.1 to 60';
const SEED = 'must be a whole number from 0 to 4294967295';

const Options = z.object({
  symbols: z.coerce.number(SYMBOLS).int(SYMBOLS).min(1, SYMBOLS).max(530, SYMBOLS),
  speed: z.coerce.number(SPEED).min(0.1, SPEED).max(60, SPEED),
  seed: z.coerce.number(SEED).int(SEED).min(0, SEED).max(4_294_967_295, SEED),
});

export const DEMO_OPTIONS = {
  symbols: { type: 'string', default: '343' },
  speed: { type: 'string', default: '1' },
  seed: { type: 'string', default: '1' },
} as const;

export function parseDemoOptions(values: Record<keyof typeof DEMO_OPTIONS, string>): DemoOptions {
  const parsed = Options.safeParse(values);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) => `  --${issue.path.join('.')}: ${issue.message}`);
  throw new UsageError(`These options cannot be used:\n${faults.join('\n')}`);
}

/** The default data folder: each market has a separate one. */
export function demoDataDir({ symbols, speed, seed }: DemoOptions): string {
  const market = [
    symbols === 343 ? '' : `-symbols-${symbols}`,
    speed === 1 ? '' : `-speed-${speed}`,
    seed === 1 ? '' : `-seed-${seed}`,
  ];
  return `.data/demo${market.join('')}`;
}

/** The server's settings: the environment's, except those that a demo must not use. */
export function demoServerConfig(options: DemoOptions): ServerConfig {
  return parseServerConfig({
    LOG_LEVEL: 'warn',
    HOST: '127.0.0.1',
    DATA_DIR: demoDataDir(options),
    AUTH_DEMO_LOGIN: 'true',
    ...process.env,
    // Demo sign-in must not run in production.
    NODE_ENV: undefined,
    // A demo never uses a configured database.
    DATABASE_URL: undefined,
    REDIS_URL: undefined,
    AUTH_JWKS_URL: undefined,
  });
}
