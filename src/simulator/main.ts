import { SettingsError } from '../kit/env.ts';
import { coerceError } from '../kit/errors.ts';
import { createReleasers, endOnSignals } from '../kit/lifecycle.ts';
import { createLogger } from '../kit/logger.ts';
import { parseSimulatorConfig } from './simulator.config.ts';
import { startSimulator } from './simulator.server.ts';

/** `npm run simulator`: the pretend exchange on its own, for a collector or a curl beside it. */
try {
  await main(process.env);
} catch (thrown) {
  const reason = thrown instanceof SettingsError ? '' : 'The pretend exchange did not start: ';
  console.error(`${reason}${coerceError(thrown).message}`);
  process.exitCode = 1;
}

async function main(env: NodeJS.ProcessEnv): Promise<void> {
  const { startAt, logLevel, ...config } = parseSimulatorConfig(env);
  const logger = createLogger({ name: 'simulator', level: logLevel });
  const releasers = createReleasers(logger);
  const simulator = await startSimulator({ ...config, ...(startAt === null ? {} : { startAt }) });
  releasers.push('simulator', () => simulator.close());
  endOnSignals({ logger, stop: () => releasers.releaseAll(), deadlineMs: 5_000 });

  const { restUrl, wsUrl } = simulator;
  console.log(`pretend exchange  ${restUrl}  ${wsUrl}`);
  console.log(`faults            curl ${restUrl}/simulator/faults`);
  console.log(`its own count     curl ${restUrl}/simulator/stats`);
  console.log(`spikes and dumps  curl ${restUrl}/simulator/events`);
}
