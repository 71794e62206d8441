import { systemClock } from '../kit/clock.ts';
import { endOnSignals } from '../kit/lifecycle.ts';
import { createLogger } from '../kit/logger.ts';
import { runProgram } from '../kit/program.ts';
import { warnOfUnknownSettings } from '../kit/unknownSettings.ts';
import { requireWritableFolder } from '../kit/writableFolder.ts';
import { startServer, type RunningServer } from './buildServer.ts';
import { checkServer } from './check.ts';
import { completeSecrets, usesDataDir } from './generatedSecrets.ts';
import { parseServerConfig } from './config.ts';
import { explainDatabaseFault } from './startFaults.ts';

const USAGE = `Usage: node dist/server/main.js [--check]
Serves the API, the sockets and the pages. Settings are environment variables; .env.example lists them.
  --check      check settings, database and migrations without a start; exit code 0 if a start would succeed
`;

await runProgram({
  usage: USAGE,
  options: { check: { type: 'boolean' } },
  run: ({ values }) =>
    values.check ? checkServer(process.env, (line) => process.stdout.write(`${line}\n`)) : serve(),
});

/** The server's process: settings, start, and an orderly end. */
async function serve(): Promise<void> {
  const config = parseServerConfig(process.env);
  const logger = createLogger({ ...config.log, name: 'server' });
  warnOfUnknownSettings(process.env, logger);
  if (config.production && config.access.insecureInPrivateNetwork) {
    logger.warn(
      'AUTH_COOKIE_INSECURE is on: sessions of private addresses are sent over plain http and can be hijacked',
    );
  }
  if (usesDataDir(config)) requireWritableFolder('DATA_DIR', config.dataDir);
  const { access, file } = await completeSecrets(config);
  if (file) logger.info({ file }, 'keys generated because none are configured; see the file');
  let starting: Promise<RunningServer> | undefined;
  // Before the start: the embedded database takes seconds to start, and needs an orderly shutdown by then.
  endOnSignals({ logger, stop: async () => (await starting)?.close(), deadlineMs: config.drainMs + 10_000 });
  starting = startServer({ config: { ...config, access }, clock: systemClock, logger });
  const server = await starting;
  logger.info({ port: server.port }, 'listening');
  await server.ready.catch((thrown: unknown) => {
    throw explainDatabaseFault(thrown, config.database.url);
  });
}
