import { systemClock } from '../kit/clock.ts';
import { SettingsError } from '../kit/env.ts';
import { endOnSignals } from '../kit/lifecycle.ts';
import { createLogger } from '../kit/logger.ts';
import { startCollector } from './buildCollector.ts';
import { parseCollectorConfig } from './collector.config.ts';
import { parseJobs, postsAnything } from './collector.jobs.ts';
import { createSystemd } from './systemd.ts';

/** The collector's process: `npm run collector -- [jobs…] [--once]`. */
async function main(): Promise<void> {
  const { jobs, once } = parseJobs(process.argv.slice(2));
  const config = parseCollectorConfig(process.env, { posts: postsAnything(jobs) });
  const logger = createLogger({ level: config.logLevel, name: 'collector' });
  // Our timers do not keep a process alive; what does is that it is meant to run.
  const keepAlive = setInterval(() => undefined, 2 ** 30);
  const collector = await startCollector({ config, clock: systemClock, logger, jobs, idle: once });
  if (once) {
    try {
      await collector.updateUniverse();
    } finally {
      await collector.stop();
      clearInterval(keepAlive);
    }
    return;
  }
  const systemd = createSystemd({
    env: process.env,
    isAlive: collector.isAlive,
    describe: () => describe(collector.status()),
    clock: systemClock,
    logger,
  });
  endOnSignals({
    logger,
    async stop() {
      systemd.stopping();
      await systemd.stop();
      await collector.stop();
    },
    deadlineMs: 15_000,
  });
  systemd.ready();
}

function describe({ jobs, spool }: ReturnType<Awaited<ReturnType<typeof startCollector>>['status']>): string {
  const states = jobs.map((it) => `${it.name} ${it.state}`).join(', ');
  return spool ? `${states}; ${spool.waiting} samples wait to be sent` : states;
}

main().catch((thrown: unknown) => {
  const explained = thrown instanceof SettingsError;
  process.stderr.write(`${explained ? thrown.message : String((thrown as Error).stack ?? thrown)}\n`);
  process.exit(1);
});
