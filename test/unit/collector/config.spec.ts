import { describe, expect, it } from '@jest/globals';
import { parseCollectorConfig } from '../../../src/collector/config.ts';
import { SettingsError } from '../../../src/kit/env.ts';

const parse = (env: Record<string, string>, posts = false) => parseCollectorConfig(env, { posts });

describe('collector settings', () => {
  it('default to those of the original', () => {
    expect(parse({})).toMatchObject({
      server: { url: 'http://localhost:3001', apiKey: null },
      exchange: {
        restUrl: 'https://fapi.binance.com',
        wsUrl: 'wss://fstream.binance.com',
        proxyUrl: null,
      },
      maxRequestsPerMin: 2_000,
      poll: { minIntervalSec: 5, maxIntervalSec: 20 },
      liquidUniverse: { enterQuoteVolume24h: 4_000_000, exitQuoteVolume24h: 2_000_000 },
      alerts: {
        rules: [
          { timeframe: '5 min', threshold: 0.03, lookbackMs: 300_000, cooldownMs: 600_000 },
          { timeframe: '15 min', threshold: 0.07, lookbackMs: 900_000, cooldownMs: 900_000 },
          { timeframe: '1 hour', threshold: 0.12, lookbackMs: 3_600_000, cooldownMs: 3_600_000 },
        ],
        minDeltaUsd: 1_000_000,
        minDeltaContracts: 0,
      },
      markPrices: { stateFile: '.data/collector/.funding_state.json', readFrom: null },
      fundingApi: { port: 8_888 },
      proxy: { port: 3_002, allowedOrigins: [] },
    });
  });

  it('report every fault at once, including the missing key and conflicts between settings', () => {
    const env = {
      VOLSPIKE_API_URL: 'ftp://api.example.com',
      OI_MAX_REQ_PER_MIN: '2400',
      OI_MIN_INTERVAL_SEC: '30',
      OI_LIQUID_EXIT_QUOTE_24H: '5000000',
      OI_SPIKE_THRESHOLD_PCT_5MIN: '3%',
      ALLOWED_ORIGINS: '*',
      COLLECTOR_NAME: 'has spaces',
    };
    expect(() => parse(env, true)).toThrow(SettingsError);
    for (const name of [...Object.keys(env), 'VOLSPIKE_API_KEY']) {
      expect(() => parse(env, true)).toThrow(`  ${name}: `);
    }
  });

  it('assume https for a server without a scheme, as the original did, and strip the trailing slash', () => {
    expect(parse({ VOLSPIKE_API_URL: 'api.example.com/' }).server.url).toBe('https://api.example.com');
    expect(parse({ VOLSPIKE_API_URL: 'http://10.0.0.7:3001' }).server.url).toBe('http://10.0.0.7:3001');
    expect(parse({ BINANCE_WS_URL: 'stream.example.com' }).exchange.wsUrl).toBe('wss://stream.example.com');
  });

  it.each([
    ['http://localhost:3002', '3002', null],
    ['http://127.0.0.1:3002/', '3002', null],
    ['http://[::1]:3002', '3002', null],
    ['http://localhost:3009', '3002', 'http://localhost:3009'],
    ['https://proxy.example.com', '3002', 'https://proxy.example.com'],
    ['http://proxy.example.com:3002', '3002', 'http://proxy.example.com:3002'],
  ])(
    'classify %s as a proxy on another machine or not (own port %s): %s',
    (BINANCE_PROXY_URL, PROXY_PORT, used) => {
      expect(parse({ BINANCE_PROXY_URL, PROXY_PORT }).exchange.proxyUrl).toBe(used);
    },
  );

  it.each(['*', 'https://*', 'https://example.com/', 'example.com', 'https://Example.com', 'null'])(
    'refuse %s as an origin',
    (ALLOWED_ORIGINS) => {
      expect(() => parse({ ALLOWED_ORIGINS })).toThrow('ALLOWED_ORIGINS');
    },
  );

  it('read the alert settings of the original', () => {
    const { alerts } = parse({
      OI_SPIKE_THRESHOLD_PCT_60MIN: '.2',
      OI_LOOKBACK_WINDOW_60MIN: '1800',
      OI_ALERT_COOLDOWN_60MIN: '0',
      OI_MIN_DELTA_CONTRACTS: '5000',
      OI_MIN_DELTA_USD: '0',
    });
    expect(alerts.rules[2]).toEqual({
      timeframe: '1 hour',
      threshold: 0.2,
      lookbackMs: 1_800_000,
      cooldownMs: 0,
    });
    expect(alerts).toMatchObject({ minDeltaContracts: 5_000, minDeltaUsd: 0 });
  });
});
