import fs from 'node:fs';
import type { NodeFaults } from './nodeFaults.types.ts';

/** Runs inside a program, before its own code: `node --import`. On SIGUSR2 it reads NODE_FAULTS_FILE and obeys. */

const file = process.env['NODE_FAULTS_FILE']!;
const realNow = Date.now;
const realSetTimeout = globalThis.setTimeout;
let faults: NodeFaults = { clockAheadMs: 0, lostTimer: null, blockMs: 0, blockEveryMs: 0 };
let blocking: NodeJS.Timeout | undefined;

Date.now = () => realNow() + faults.clockAheadMs;
globalThis.Date = new Proxy(Date, {
  construct: (target, args: unknown[], self: NewableFunction) =>
    Reflect.construct(target, args.length === 0 ? [target.now()] : args, self) as Date,
});

function setTimeoutOrLose(task: () => void, delayMs?: number, ...rest: unknown[]): unknown {
  const { lostTimer } = faults;
  const isLost = lostTimer !== null && task.name === lostTimer.task && (delayMs ?? 0) <= lostTimer.upToMs;
  return realSetTimeout(isLost ? () => undefined : task, delayMs, ...rest);
}
// With the promise form that util.promisify finds on it.
globalThis.setTimeout = Object.defineProperties(
  setTimeoutOrLose,
  Object.getOwnPropertyDescriptors(realSetTimeout),
) as unknown as typeof setTimeout;

function block(): void {
  const until = realNow() + faults.blockMs;
  while (realNow() < until);
}

process.on('SIGUSR2', () => {
  faults = JSON.parse(fs.readFileSync(file, 'utf8')) as NodeFaults;
  clearInterval(blocking);
  if (faults.blockMs > 0) blocking = setInterval(block, faults.blockEveryMs);
});
