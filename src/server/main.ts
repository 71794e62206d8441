import { systemClock } from '../kit/clock.ts';
import { SettingsError } from '../kit/env.ts';
import { endOnSignals } from '../kit/lifecycle.ts';
import { createLogger } from '../kit/logger.ts';
import { startServer } from './buildServer.ts';
import { completeSecrets } from './madeUpSecrets.ts';
import { UnmigratedDatabaseError } from './readiness.ts';
import { parseServerConfig } from './server.config.ts';

/** The server's process: settings, start, and an orderly end. */
async function main(): Promise<void> {
  const config = parseServerConfig(process.env);
  const logger = createLogger({ level: config.logLevel, name: 'server' });
  const { access, file } = await completeSecrets(config);
  if (file) logger.info({ file }, 'keys were made because none were set; they stand in this file');
  const server = await startServer({ config: { ...config, access }, clock: systemClock, logger });
  endOnSignals({ logger, stop: server.close, deadlineMs: 10_000 });
  logger.info({ port: server.port }, 'listening');
  await server.ready;
}

main().catch((thrown: unknown) => {
  const explained = thrown instanceof SettingsError || thrown instanceof UnmigratedDatabaseError;
  process.stderr.write(`${explained ? thrown.message : String((thrown as Error).stack ?? thrown)}\n`);
  process.exit(1);
});
