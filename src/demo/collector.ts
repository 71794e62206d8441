import path from 'node:path';
import { startCollector, type RunningCollector } from '../collector/buildCollector.ts';
import { parseCollectorConfig } from '../collector/config.ts';
import type { Clock } from '../kit/clock.ts';
import type { Logger } from '../kit/logger.ts';
import type { Simulator } from '../simulator/server.ts';
import type { UniverseThresholds } from './universe.ts';

/**
 * The collector as in production, with its default jobs, against the simulated exchange. The environment may set alerts and
 * polling, but not the addresses. Its funding API and proxy use any free port, so that a demo does not conflict with a
 * collector on the same machine.
 */
export function startDemoCollector(options: {
  simulator: Simulator;
  server: { url: string; ingestKey: string; operatorKey: string };
  dataDir: string;
  thresholds: UniverseThresholds;
  clock: Clock;
  logger: Logger;
}): Promise<RunningCollector> {
  const { simulator, server, dataDir, thresholds, clock, logger } = options;
  const config = parseCollectorConfig(
    {
      OI_LIQUID_ENTER_QUOTE_24H: String(thresholds.enter),
      OI_LIQUID_EXIT_QUOTE_24H: String(thresholds.exit),
      ...process.env,
      COLLECTOR_NAME: 'demo-collector',
      COLLECTOR_STATE_DIR: path.join(dataDir, 'collector'),
      VOLSPIKE_API_URL: server.url,
      VOLSPIKE_API_KEY: server.ingestKey,
      // An operator's key may read history, which fills the windows of alerts at the start.
      VOLSPIKE_HISTORY_KEY: server.operatorKey,
      BINANCE_REST_URL: simulator.restUrl,
      BINANCE_WS_URL: simulator.wsUrl,
      BINANCE_PROXY_URL: undefined,
      MARK_PRICES_FILE: undefined,
      FUNDING_STATE_FILE: undefined,
      FUNDING_API_PORT: '0',
      PROXY_PORT: '0',
      PROXY_HOST: '127.0.0.1',
      LOG_LEVEL: 'warn',
    },
    { posts: true },
  );
  return startCollector({ config, clock, logger });
}
