import { loadSqlite } from '../collector/store/sqlite.ts';
import { systemClock } from '../kit/clock.ts';
import { formatCount, formatDecimal } from '../kit/format.shared.ts';
import { createReleasers, endOnSignals, type Releasers } from '../kit/lifecycle.ts';
import { createLogger, type Logger } from '../kit/logger.ts';
import { runProgram } from '../kit/program.ts';
import { warnOfUnknownSettings } from '../kit/unknownSettings.ts';
import { requireWritableFolder } from '../kit/writableFolder.ts';
import { startServer, type RunningServer } from '../server/buildServer.ts';
import { requireFreePort } from '../server/http.ts';
import { completeSecrets } from '../server/generatedSecrets.ts';
import { parseServerConfig, type ServerConfig } from '../server/config.ts';
import { startSimulator, type Simulator } from '../simulator/server.ts';
import { startDemoCollector } from './collector.ts';
import { claimDataDir } from './market.ts';
import { DEMO_OPTIONS, demoDataDir, parseDemoOptions, type DemoOptions } from './config.ts';
import { postHistory, postUniverse } from './history.ts';
import { createIngest } from './ingest.ts';
import { createProgress, describeAccess, describeFirstSteps, say } from './output.ts';
import { planUniverse, type DemoUniverse } from './universe.ts';
import { signDemoUsers } from './users.ts';

const USAGE = `Usage: node dist/demo/main.js [--symbols 343] [--speed 1] [--seed 1]
The whole system on one machine, without a network.
  --symbols N  symbols in the liquid universe, 1 to 530
  --speed N    how many times as fast as usual the market moves, 0.1 to 60
  --seed N     the same seed plays the same market
`;

await runProgram({
  usage: USAGE,
  options: DEMO_OPTIONS,
  run: ({ values }) => main(parseDemoOptions(values)),
});

/**
 * The whole system on one machine, without a network: a simulated exchange, the collector that polls it, and the server
 * on an embedded store.
 */
async function main(options: DemoOptions): Promise<void> {
  const given = readConfig(options);
  const logger = createLogger({ ...given.log, name: 'demo' });
  warnOfUnknownSettings(process.env, logger);
  const releasers = createReleasers(logger);
  endOnSignals({
    logger,
    stop() {
      say('Stopping …');
      return releasers.releaseAll();
    },
    deadlineMs: 15_000,
  });
  try {
    await start(options, given, logger, releasers);
  } catch (thrown) {
    await releasers.releaseAll();
    throw thrown;
  }
}

async function start(
  options: DemoOptions,
  given: ServerConfig,
  logger: Logger,
  releasers: Releasers,
): Promise<void> {
  const startedAt = performance.now();
  // Finds faults of the environment before a day of history is written.
  await loadSqlite();
  await requireFreePort(given.http);
  requireWritableFolder('DATA_DIR', given.dataDir);
  claimDataDir(given.dataDir, options);
  const { access } = await completeSecrets(given);
  const config = { ...given, access };
  const [ingestKey, operatorKey] = [access.ingestApiKeys[0]!, access.operatorApiKeys[0]!];

  const simulator = await startSimulator({ seed: options.seed, pace: options.speed });
  releasers.push('simulator', simulator.close);
  const universe = planUniverse(simulator.market, options.symbols);
  await writeDayBefore({ config, logger, releasers, simulator, universe });

  say('Starting the server and the collector …');
  const server = await startServer({ config, clock: systemClock, logger });
  releasers.push('server', server.close);
  await server.ready;
  const collector = await startDemoCollector({
    simulator,
    server: { url: loopbackUrl(server), ingestKey, operatorKey },
    dataDir: config.dataDir,
    thresholds: universe.thresholds,
    clock: systemClock,
    logger,
  });
  releasers.push('collector', collector.stop);

  const url = `http://localhost:${server.port}`;
  const users = await signDemoUsers(access.jwtSecret!, systemClock.now());
  say(`Ready after ${formatDecimal((performance.now() - startedAt) / 1_000, 1)} s`);
  for (const line of describeAccess({ url, operatorKey, ingestKey, users })) say(line);
  for (const line of describeFirstSteps(url, operatorKey, users[0]!.token, simulator.restUrl)) say(line);
}

function readConfig(options: DemoOptions): ServerConfig {
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

/**
 * Writes the history before the demo through the real ingest of a temporary server: the server of the demo then starts like
 * any node, from the database.
 */
async function writeDayBefore(options: {
  config: ServerConfig;
  logger: Logger;
  releasers: Releasers;
  simulator: Simulator;
  universe: DemoUniverse;
}): Promise<void> {
  const { config, logger, releasers, simulator, universe } = options;
  const { market } = simulator;
  const { symbols } = universe;
  say('Starting the embedded store …');
  const writer = await startServer({
    config: {
      ...config,
      http: { ...config.http, port: 0 },
      limits: { ...config.limits, ingestPerMin: 0 },
    },
    clock: systemClock,
    logger,
  });
  releasers.push('history writer', writer.close);
  await writer.ready;
  const ingest = createIngest({ url: loopbackUrl(writer), key: config.access.ingestApiKeys[0]! });
  const now = simulator.now();
  await postUniverse({ market, ingest, symbols, now });
  const progress = createProgress('Writing the day before');
  const points = await postHistory({ market, ingest, symbols, now, onProgress: progress.show });
  progress.done(`${formatCount(points)} points of ${symbols.length} symbols`);
  await writer.close();
}

function loopbackUrl(server: RunningServer): string {
  return `http://127.0.0.1:${server.port}`;
}
