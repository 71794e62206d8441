import path from 'node:path';
import { z } from 'zod';
import { HOUR_MS, MINUTE_MS } from '../kit/clock.ts';
import { originList, parseEnv, wholeNumber } from '../kit/env.ts';
import { logFormat, logLevel } from '../kit/logger.ts';
import { DEFAULT_ENTER_THRESHOLD, DEFAULT_EXIT_THRESHOLD } from '../openInterest/universe/universe.types.ts';
import { BINANCE_REST_URL, BINANCE_WS_URL } from './binance/hosts.ts';
import { isThisMachine } from './outbound/proxies.ts';
import { amount, fraction, serviceUrl } from './settings.ts';

/** Every setting of the collector. `.env.example` lists the same names, and a test compares the two. */
export const CollectorEnv = z.object({
  /** The collector's name in heartbeats; two collectors with one name overwrite each other's. */
  COLLECTOR_NAME: z
    .string()
    .regex(/^[a-z0-9][a-z0-9._-]{0,63}$/i, 'must be letters, digits, dots, dashes; at most 64')
    .default('oi-collector'),
  /** State that survives a restart: the spool, a ban, cooldowns, the last prices. */
  COLLECTOR_STATE_DIR: z.string().default('.data/collector'),
  /** Limits of the spool in size and age; beyond them the oldest samples are dropped. */
  COLLECTOR_SPOOL_MAX_MB: wholeNumber(1, 100_000).default(512),
  COLLECTOR_SPOOL_MAX_AGE_HOURS: wholeNumber(1, 720).default(24),
  VOLSPIKE_API_URL: serviceUrl('https', ['http:', 'https:']).default('http://localhost:3001'),
  /** One of the server's INGEST_API_KEYS. */
  VOLSPIKE_API_KEY: z.string().optional(),
  /** An operator key, or the token of a Pro user: ingest keys may not read history. */
  VOLSPIKE_HISTORY_KEY: z.string().optional(),

  BINANCE_REST_URL: serviceUrl('https', ['http:', 'https:']).default(BINANCE_REST_URL),
  BINANCE_WS_URL: serviceUrl('wss', ['ws:', 'wss:']).default(BINANCE_WS_URL),
  /** Serves exchangeInfo in place of the exchange, unless it is the proxy of this machine. */
  BINANCE_PROXY_URL: serviceUrl('https', ['http:', 'https:']).optional(),

  /**
   * Request weight a minute for everything on this address. The exchange's limit is 2,400; what is left between the two
   * is the margin for other programs whose requests show only afterwards.
   */
  OI_MAX_REQ_PER_MIN: wholeNumber(60, 2_300).default(2_000),
  OI_MIN_INTERVAL_SEC: wholeNumber(1, 3_600).default(5),
  OI_MAX_INTERVAL_SEC: wholeNumber(1, 3_600).default(20),
  /** How the budget is divided among the symbols: docs/decisions/0010-poll-budget.md. */
  OI_POLL_POLICY: z.enum(['attention', 'even'], { error: 'must be attention or even' }).default('attention'),
  /** For the job `snapshots`. */
  OI_SNAPSHOT_EVERY_MIN: z.enum(['5', '15'], { error: 'must be 5 or 15' }).default('15'),
  /** How many of the symbols that users look at the job `positioning` reads. 0: none, and no forced orders. */
  OI_POSITIONING_SYMBOLS: wholeNumber(0, 50).default(50),
  /** USD of 24 h quote volume. */
  OI_LIQUID_ENTER_QUOTE_24H: amount().default(DEFAULT_ENTER_THRESHOLD),
  OI_LIQUID_EXIT_QUOTE_24H: amount().default(DEFAULT_EXIT_THRESHOLD),

  /** Fractions: 0.03 is 3 %. */
  OI_SPIKE_THRESHOLD_PCT_5MIN: fraction().default(0.03),
  OI_SPIKE_THRESHOLD_PCT_15MIN: fraction().default(0.07),
  OI_SPIKE_THRESHOLD_PCT_60MIN: fraction().default(0.12),
  /** Seconds. */
  OI_LOOKBACK_WINDOW_5MIN: wholeNumber(10, 10_800).default(300),
  OI_LOOKBACK_WINDOW_15MIN: wholeNumber(10, 10_800).default(900),
  OI_LOOKBACK_WINDOW_60MIN: wholeNumber(10, 10_800).default(3_600),
  /** Seconds. */
  OI_ALERT_COOLDOWN_5MIN: wholeNumber(0, 86_400).default(600),
  OI_ALERT_COOLDOWN_15MIN: wholeNumber(0, 86_400).default(900),
  OI_ALERT_COOLDOWN_60MIN: wholeNumber(0, 86_400).default(3_600),
  /** A change below this many USD is no alert. 0: no such floor. */
  OI_MIN_DELTA_USD: amount().default(1_000_000),
  /** The same in contracts; the same number means $385 M for BTC and $25 for 1000PEPE. 0: no such floor. */
  OI_MIN_DELTA_CONTRACTS: amount().default(0),

  /** The funding API listens on loopback only. */
  FUNDING_API_PORT: wholeNumber(0, 65_535).default(8_888),
  /** The file with the stream's prices for other programs. Empty: in COLLECTOR_STATE_DIR. */
  FUNDING_STATE_FILE: z.string().optional(),
  /** Prices are read from this file, which another program writes, instead of from the stream. */
  MARK_PRICES_FILE: z.string().optional(),
  PROXY_PORT: wholeNumber(0, 65_535).default(3_002),
  PROXY_HOST: z.string().default('0.0.0.0'),
  /** Origins whose pages may read the proxy; the server's setting of the same name is about its sessions. */
  ALLOWED_ORIGINS: originList().default([]),
  /** Empty: no metrics. */
  COLLECTOR_METRICS_PORT: wholeNumber(0, 65_535).optional(),
  COLLECTOR_METRICS_HOST: z.string().default('127.0.0.1'),
  LOG_LEVEL: logLevel().default('info'),
  LOG_FORMAT: logFormat().default('json'),
});

/** Settings that may be in a file named by `NAME_FILE`. */
export const COLLECTOR_SECRETS = [
  'VOLSPIKE_API_KEY',
  'VOLSPIKE_HISTORY_KEY',
] as const satisfies (keyof z.output<typeof CollectorEnv>)[];

/** A timeframe's rule for spikes and dumps. `threshold` is a fraction. */
export type AlertRule = {
  timeframe: '5 min' | '15 min' | '1 hour';
  threshold: number;
  lookbackMs: number;
  cooldownMs: number;
};

export type CollectorConfig = ReturnType<typeof parseCollectorConfig>;

/** Pure. `posts`: whether a job that talks to the server is to run, and so a key is needed. */
export function parseCollectorConfig(
  env: Readonly<Record<string, string | undefined>>,
  { posts }: { posts: boolean },
) {
  const given = parseEnv(checkTogether(posts ? PostingEnv : CollectorEnv), env, COLLECTOR_SECRETS);
  return {
    name: given.COLLECTOR_NAME,
    stateDir: given.COLLECTOR_STATE_DIR,
    spool: {
      maxBytes: given.COLLECTOR_SPOOL_MAX_MB * 1_024 * 1_024,
      maxAgeMs: given.COLLECTOR_SPOOL_MAX_AGE_HOURS * HOUR_MS,
    },
    server: {
      url: given.VOLSPIKE_API_URL,
      apiKey: given.VOLSPIKE_API_KEY ?? null,
      /** For reading history; `null`: the windows of alerts fill up over time. */
      historyKey: given.VOLSPIKE_HISTORY_KEY ?? null,
    },
    exchange: {
      restUrl: given.BINANCE_REST_URL,
      wsUrl: given.BINANCE_WS_URL,
      /** `null`: exchangeInfo is requested from the exchange. */
      proxyUrl: selectProxyUrl(given.BINANCE_PROXY_URL, given.PROXY_PORT),
    },
    maxRequestsPerMin: given.OI_MAX_REQ_PER_MIN,
    poll: {
      minIntervalSec: given.OI_MIN_INTERVAL_SEC,
      maxIntervalSec: given.OI_MAX_INTERVAL_SEC,
      policy: given.OI_POLL_POLICY,
    },
    snapshots: { everyMs: Number(given.OI_SNAPSHOT_EVERY_MIN) * MINUTE_MS },
    positioning: { symbols: given.OI_POSITIONING_SYMBOLS },
    liquidUniverse: {
      enterQuoteVolume24h: given.OI_LIQUID_ENTER_QUOTE_24H,
      exitQuoteVolume24h: given.OI_LIQUID_EXIT_QUOTE_24H,
    },
    /** A floor of 0 is none. */
    alerts: {
      rules: [
        alertRule(given, '5 min', '5MIN'),
        alertRule(given, '15 min', '15MIN'),
        alertRule(given, '1 hour', '60MIN'),
      ],
      minDeltaUsd: given.OI_MIN_DELTA_USD,
      minDeltaContracts: given.OI_MIN_DELTA_CONTRACTS,
    },
    markPrices: {
      /** Written while the stream is the source. */
      stateFile: given.FUNDING_STATE_FILE ?? path.join(given.COLLECTOR_STATE_DIR, '.funding_state.json'),
      /** Read in place of the stream. */
      readFrom: given.MARK_PRICES_FILE ?? null,
    },
    fundingApi: { port: given.FUNDING_API_PORT },
    proxy: { port: given.PROXY_PORT, host: given.PROXY_HOST, allowedOrigins: given.ALLOWED_ORIGINS },
    /** `null`: not served. */
    metrics:
      given.COLLECTOR_METRICS_PORT === undefined
        ? null
        : { port: given.COLLECTOR_METRICS_PORT, host: given.COLLECTOR_METRICS_HOST },
    log: { level: given.LOG_LEVEL, format: given.LOG_FORMAT },
  };
}

type Env = z.output<typeof CollectorEnv>;

function alertRule(
  env: Env,
  timeframe: AlertRule['timeframe'],
  window: '5MIN' | '15MIN' | '60MIN',
): AlertRule {
  return {
    timeframe,
    threshold: env[`OI_SPIKE_THRESHOLD_PCT_${window}` as const],
    lookbackMs: env[`OI_LOOKBACK_WINDOW_${window}` as const] * 1_000,
    cooldownMs: env[`OI_ALERT_COOLDOWN_${window}` as const] * 1_000,
  };
}

/** A proxy of this machine uses the same address, so it saves no weight. */
function selectProxyUrl(url: string | undefined, ownPort: number): string | null {
  if (url === undefined) return null;
  const { hostname, port } = new URL(url);
  const isOwn = isThisMachine(hostname) && Number(port) === ownPort;
  return isOwn ? null : url;
}

const PostingEnv = CollectorEnv.extend({
  VOLSPIKE_API_KEY: z.string("is needed to post: one of the server's INGEST_API_KEYS"),
});

/** Checked also when other settings are invalid, so that one message names all faults. */
function ordered(low: keyof Env, high: keyof Env) {
  return {
    holds: (env: Env) => !(Number(env[low]) > Number(env[high])),
    params: { path: [low], message: `must not be above ${high}`, when: () => true },
  };
}

function checkTogether<Schema extends z.ZodType<Env, unknown>>(schema: Schema): Schema {
  const interval = ordered('OI_MIN_INTERVAL_SEC', 'OI_MAX_INTERVAL_SEC');
  const volume = ordered('OI_LIQUID_EXIT_QUOTE_24H', 'OI_LIQUID_ENTER_QUOTE_24H');
  return schema.refine(interval.holds, interval.params).refine(volume.holds, volume.params);
}
