import { startCollector, type RunningCollector } from '../../src/collector/buildCollector.ts';
import { parseCollectorConfig } from '../../src/collector/config.ts';
import { DEFAULT_JOBS, type JobName } from '../../src/collector/jobs.ts';
import { systemClock, type Clock } from '../../src/kit/clock.ts';
import type { Logger } from '../../src/kit/logger.ts';
import type { Simulator } from '../../src/simulator/server.ts';
import { silentLogger } from './silentLogger.ts';
import { INGEST_KEY } from './testServer.ts';

/** What a collector of a spec is set to, as its environment: everything on loopback, every port a free one. */
export function collectorEnv(options: {
  simulator: Simulator;
  serverUrl: string;
  stateDir: string;
  env?: Record<string, string>;
}): Record<string, string> {
  return {
    COLLECTOR_STATE_DIR: options.stateDir,
    VOLSPIKE_API_URL: options.serverUrl,
    VOLSPIKE_API_KEY: INGEST_KEY,
    BINANCE_REST_URL: options.simulator.restUrl,
    BINANCE_WS_URL: options.simulator.wsUrl,
    FUNDING_API_PORT: '0',
    PROXY_PORT: '0',
    PROXY_HOST: '127.0.0.1',
    ...options.env,
  };
}

/** The whole collector in this process, against a pretend exchange and a real server. */
export function startTestCollector(
  options: Parameters<typeof collectorEnv>[0] & { jobs?: readonly JobName[]; logger?: Logger; clock?: Clock },
): Promise<RunningCollector> {
  return startCollector({
    config: parseCollectorConfig(collectorEnv(options), { posts: true }),
    clock: options.clock ?? systemClock,
    logger: options.logger ?? silentLogger,
    jobs: options.jobs ?? DEFAULT_JOBS,
  });
}
