import { systemClock } from '../kit/clock.ts';
import { endOnSignals } from '../kit/lifecycle.ts';
import { createLogger } from '../kit/logger.ts';
import { runProgram } from '../kit/program.ts';
import { warnOfUnknownSettings } from '../kit/unknownSettings.ts';
import { requireWritableFolder } from '../kit/writableFolder.ts';
import { startCollector } from './buildCollector.ts';
import { parseCollectorConfig } from './config.ts';
import type { CollectorFacts } from './heartbeat/heartbeat.ts';
import { JOB_NAMES, parseJobs, postsAnything, type JobName } from './jobs.ts';
import { createSystemd } from './process/systemd.ts';

const USAGE = `Usage: node dist/collector/main.js [job ...] [--once]
Reads open interest from the exchange and posts it to the server. Settings are environment variables; .env.example lists
them. Jobs: ${JOB_NAMES.join(', ')}.
Without names all run but snapshots.
  --once       run the job liquid-universe once and end
`;

await runProgram({
  usage: USAGE,
  options: { once: { type: 'boolean' } },
  words: true,
  async run({ values: { once = false }, positionals }) {
    await collect(parseJobs(positionals, once), once);
  },
});

/** The collector's process. */
async function collect(jobs: readonly JobName[], once: boolean): Promise<void> {
  const config = parseCollectorConfig(process.env, { posts: postsAnything(jobs) });
  const logger = createLogger({ ...config.log, name: 'collector' });
  warnOfUnknownSettings(process.env, logger);
  requireWritableFolder('COLLECTOR_STATE_DIR', config.stateDir);
  // Timers of the clock do not keep the process alive.
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

function describe({ jobs, spool }: CollectorFacts): string {
  const states = jobs.map((it) => `${it.name} ${it.state}`).join(', ');
  return spool ? `${states}; ${spool.waiting} samples wait to be sent` : states;
}
