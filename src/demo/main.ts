import path from 'node:path';
import { systemClock } from '../kit/clock.ts';
import { SettingsError } from '../kit/env.ts';
import { createReleasers, endOnSignals, type Releasers } from '../kit/lifecycle.ts';
import { createLogger, type Logger } from '../kit/logger.ts';
import { startServer } from '../server/buildServer.ts';
import { completeSecrets } from '../server/madeUpSecrets.ts';
import { parseServerConfig, type ServerConfig } from '../server/server.config.ts';
import { loadSymbolFacts } from '../simulator/simulator.facts.ts';
import { createMarket, type Market } from '../simulator/simulator.market.ts';
import { parseDemoOptions } from './demo.config.ts';
import { postUniverse, startFeeder } from './demo.feeder.ts';
import { postHistory } from './demo.history.ts';
import { createIngest } from './demo.ingest.ts';
import { createProgress, describeAccess, describeFirstSteps, say } from './demo.output.ts';
import { signDemoUsers } from './demo.users.ts';

/** The whole system on one machine, without a network: a pretend market, and the real server on an embedded store. */
async function main(): Promise<void> {
  const options = parseDemoOptions(process.argv.slice(2));
  const startedAt = performance.now();
  const given = readConfig();
  const logger = createLogger({ level: given.logLevel, name: 'demo' });
  const releasers = createReleasers(logger);
  endOnSignals({ logger, stop: releasers.releaseAll, deadlineMs: 10_000 });
  const { access } = await completeSecrets(given);
  const config = { ...given, access };

  const now = systemClock.now();
  const market = createMarket({ facts: loadSymbolFacts(now), seed: options.seed });
  const symbols = selectSymbols(market, options.symbols);
  await writeDayBefore({ config, logger, releasers, market, symbols, now });

  const server = await startServer({ config, clock: systemClock, logger });
  releasers.push('server', server.close);
  await server.ready;
  const ingest = createIngest({ url: `http://127.0.0.1:${server.port}`, key: access.ingestApiKeys[0]! });
  startFeeder({ market, ingest, symbols, clock: systemClock, logger, releasers });

  const url = `http://localhost:${server.port}`;
  const operatorKey = access.operatorApiKeys[0]!;
  const users = await signDemoUsers(access.jwtSecret!, systemClock.now());
  say(`Ready after ${((performance.now() - startedAt) / 1_000).toFixed(1)} s`);
  for (const line of describeAccess({ url, operatorKey, ingestKey: access.ingestApiKeys[0]!, users }))
    say(line);
  for (const line of describeFirstSteps(url, operatorKey, users[0]!.token)) say(line);
}

function readConfig(): ServerConfig {
  return parseServerConfig({
    LOG_LEVEL: 'warn',
    HOST: '127.0.0.1',
    DATA_DIR: path.join('.data', 'demo'),
    AUTH_DEMO_LOGIN: 'true',
    ...process.env,
    // A demo never touches a database that somebody set up for work.
    DATABASE_URL: undefined,
    REDIS_URL: undefined,
    AUTH_JWKS_URL: undefined,
  });
}

/** The perpetuals with the most volume, which is what the universe job would choose. */
function selectSymbols(market: Market, count: number): string[] {
  return market
    .contracts()
    .filter((it) => it.contractType === 'PERPETUAL' && it.quoteAsset === 'USDT' && it.status === 'TRADING')
    .toSorted((a, b) => b.quoteVolume24h - a.quoteVolume24h)
    .slice(0, count)
    .map((it) => it.symbol);
}

/**
 * History before the demo begins, through the real ingest of a server that nobody else sees: the one that is shown then
 * starts as any node does, from what the database holds.
 */
async function writeDayBefore(options: {
  config: ServerConfig;
  logger: Logger;
  releasers: Releasers;
  market: Market;
  symbols: readonly string[];
  now: number;
}): Promise<void> {
  const { config, logger, releasers, market, symbols, now } = options;
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
  const ingest = createIngest({
    url: `http://127.0.0.1:${writer.port}`,
    key: config.access.ingestApiKeys[0]!,
  });
  await postUniverse({ market, ingest, symbols, now });
  const progress = createProgress('Writing the day before');
  const points = await postHistory({ market, ingest, symbols, now, onProgress: progress.show });
  progress.done(`${points.toLocaleString('en-US')} points of ${symbols.length} symbols`);
  await writer.close();
}

main().catch((thrown: unknown) => {
  process.stderr.write(
    `${thrown instanceof SettingsError ? thrown.message : String((thrown as Error).stack ?? thrown)}\n`,
  );
  process.exit(1);
});
