import { loadSqlite } from '../collector/store/sqlite.ts';
import { systemClock } from '../kit/clock.ts';
import { formatDecimal } from '../kit/format.shared.ts';
import { createReleasers, endOnSignals, type Releasers } from '../kit/lifecycle.ts';
import { createLogger, type Logger } from '../kit/logger.ts';
import { runProgram } from '../kit/program.ts';
import { warnOfUnknownSettings } from '../kit/unknownSettings.ts';
import { requireWritableFolder } from '../kit/writableFolder.ts';
import { startServer } from '../server/buildServer.ts';
import { requireFreePort } from '../server/http.ts';
import { completeSecrets } from '../server/generatedSecrets.ts';
import type { ServerConfig } from '../server/config.ts';
import { startSimulator } from '../simulator/server.ts';
import { startDemoCollector } from './collector.ts';
import { claimDataDir } from './market.ts';
import { DEMO_OPTIONS, demoServerConfig, parseDemoOptions, type DemoOptions } from './config.ts';
import { demoDelivery, demoReceiverSecret } from './delivery.ts';
import { loopbackUrl, writeDayBefore } from './dayBefore.ts';
import { describeAccess, describeFirstSteps, say } from './output.ts';
import { startReceiver } from './receiver.ts';
import { prepareSampleAlerts } from './sampleAlerts.ts';
import { planUniverse } from './universe.ts';
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
  const given = demoServerConfig(options);
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
  const config = { ...given, access, delivery: demoDelivery(given.delivery, access.jwtSecret!) };
  const [ingestKey, operatorKey] = [access.ingestApiKeys[0]!, access.operatorApiKeys[0]!];

  const simulator = await startSimulator({ seed: options.seed, pace: options.speed });
  releasers.push('simulator', simulator.close);
  const universe = planUniverse(simulator.market, options.symbols);
  await writeDayBefore({ config, logger, releasers, simulator, universe });

  say('Starting the server and the collector …');
  const secret = demoReceiverSecret(access.jwtSecret!);
  const receiver = await startReceiver({ secret, clock: systemClock });
  releasers.push('receiver', receiver.close);
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
  receiver.linkRules(`${url}/alerts`);
  const users = await signDemoUsers(access.jwtSecret!, systemClock);
  await prepareSampleAlerts({
    url: loopbackUrl(server),
    token: users[0]!.token,
    receiver: { url: receiver.url, secret },
  });
  say(`Ready after ${formatDecimal((performance.now() - startedAt) / 1_000, 1)} s`);
  for (const line of describeAccess({ url, operatorKey, ingestKey, users })) say(line);
  const steps = { url, operatorKey, proToken: users[0]!.token, exchangeUrl: simulator.restUrl };
  for (const line of describeFirstSteps({ ...steps, receiverUrl: receiver.url })) say(line);
}
