import { systemClock } from '../kit/clock.ts';
import { SettingsError } from '../kit/env.ts';
import { endOnSignals } from '../kit/lifecycle.ts';
import { createLogger } from '../kit/logger.ts';
import { EmbeddedPostgresError } from '../platform/embedded/embeddedPostgresError.ts';
import { startServer, type RunningServer } from './buildServer.ts';
import { completeSecrets } from './madeUpSecrets.ts';
import { UnmigratedDatabaseError } from './readiness.ts';
import { parseServerConfig } from './server.config.ts';

/** The server's process: settings, start, and an orderly end. */
async function main(): Promise<void> {
  const config = parseServerConfig(process.env);
  const logger = createLogger({ level: config.logLevel, name: 'server' });
  const { access, file } = await completeSecrets(config);
  if (file) logger.info({ file }, 'keys were made because none were set; they stand in this file');
  let starting: Promise<RunningServer> | undefined;
  // Before the start: a store of our own takes seconds to start, and wants an orderly end then too.
  endOnSignals({ logger, stop: async () => (await starting)?.close(), deadlineMs: config.drainMs + 10_000 });
  starting = startServer({ config: { ...config, access }, clock: systemClock, logger });
  const server = await starting;
  logger.info({ port: server.port }, 'listening');
  await server.ready;
}

main().catch((thrown: unknown) => {
  const explained = [SettingsError, UnmigratedDatabaseError, EmbeddedPostgresError].some(
    (kind) => thrown instanceof kind,
  );
  process.stderr.write(
    `${explained ? (thrown as Error).message : String((thrown as Error).stack ?? thrown)}\n`,
  );
  process.exit(1);
});
