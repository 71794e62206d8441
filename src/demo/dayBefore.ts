import { systemClock } from '../kit/clock.ts';
import { formatCount } from '../kit/format.shared.ts';
import type { Releasers } from '../kit/lifecycle.ts';
import type { Logger } from '../kit/logger.ts';
import { startServer, type RunningServer } from '../server/buildServer.ts';
import type { ServerConfig } from '../server/config.ts';
import type { Simulator } from '../simulator/server.ts';
import { postHistory, postUniverse } from './history.ts';
import { createIngest } from './ingest.ts';
import { createProgress, say } from './output.ts';
import type { DemoUniverse } from './universe.ts';

/**
 * Writes the history before the demo through the real ingest of a temporary server: the server of the demo then starts like
 * any node, from the database.
 */
export async function writeDayBefore(options: {
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

export function loopbackUrl(server: RunningServer): string {
  return `http://127.0.0.1:${server.port}`;
}
