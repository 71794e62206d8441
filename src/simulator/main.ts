import { createReleasers, endOnSignals } from '../kit/lifecycle.ts';
import { createLogger } from '../kit/logger.ts';
import { runProgram } from '../kit/program.ts';
import { warnOfUnknownSettings } from '../kit/unknownSettings.ts';
import { parseSimulatorConfig } from './config.ts';
import { startSimulator } from './server.ts';

const USAGE = `Usage: node dist/simulator/main.js
The simulated exchange on its own, for a collector or a curl beside it. Settings are environment variables; .env.example
lists them.
`;

await runProgram({ usage: USAGE, run: simulate });

async function simulate(): Promise<void> {
  const { startAt, log, ...config } = parseSimulatorConfig(process.env);
  const logger = createLogger({ ...log, name: 'simulator' });
  warnOfUnknownSettings(process.env, logger);
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
