import { createReleasers, endOnSignals } from '../kit/lifecycle.ts';
import { createLogger } from '../kit/logger.ts';
import { parseSimulatorConfig } from './simulator.config.ts';
import { startSimulator } from './simulator.server.ts';

const { startAt, ...config } = parseSimulatorConfig(process.env);
const logger = createLogger({ name: 'simulator', level: process.env['LOG_LEVEL'] ?? 'warn' });
const releasers = createReleasers(logger);

const simulator = await startSimulator({ ...config, ...(startAt === null ? {} : { startAt }) });
releasers.push('simulator', simulator.close);
endOnSignals({ logger, stop: releasers.releaseAll, deadlineMs: 5_000 });

console.log(`pretend exchange  ${simulator.restUrl}  ${simulator.wsUrl}`);
console.log(`faults            curl ${simulator.restUrl}/simulator/faults`);
console.log(`stats             curl ${simulator.restUrl}/simulator/stats`);
console.log(`spikes and dumps  curl ${simulator.restUrl}/simulator/events`);
