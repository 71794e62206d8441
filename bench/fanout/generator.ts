import { openConnection, type ConnectionOptions } from './connection.ts';
import type { ReceivedFrame } from './frameReader.ts';

/** Connections of the fan-out benchmark in a process apart from the server. */
export type GeneratorOptions = ConnectionOptions & { sockets: number };
export type Received = {
  /** `process.hrtime` of the first and the last socket that had its frame. */
  firstAt: number;
  lastAt: number;
  bytesPerSocket: number;
  cpuMs: number;
};

/** Larger than any message of the protocol except an update. */
const LEAST_UPDATE_BYTES = 2_000;
const CONNECTING_AT_ONCE = 100;

const options = JSON.parse(process.argv[2]!) as GeneratorOptions;
const round = { waiting: 0, firstAt: 0, lastAt: 0, bytes: 0, cpu: process.cpuUsage() };
let onRoundEnd = (): void => undefined;

process.on('message', ({ ask }: { ask: string }) => {
  if (ask === 'arm') {
    Object.assign(round, { waiting: options.sockets, firstAt: 0, lastAt: 0, bytes: 0 });
    round.cpu = process.cpuUsage();
    process.send?.({});
  } else if (round.waiting === 0) answer();
  else onRoundEnd = answer;
});
process.on('disconnect', () => process.exit(0));

const events = {
  onFrame({ bytes }: ReceivedFrame) {
    if (bytes >= LEAST_UPDATE_BYTES) countUpdate(bytes);
  },
  onClose() {
    throw new Error('the server closed a connection of the generator');
  },
};
for (let opened = 0; opened < options.sockets; opened += CONNECTING_AT_ONCE) {
  const batch = Math.min(CONNECTING_AT_ONCE, options.sockets - opened);
  await Promise.all(Array.from({ length: batch }, () => openConnection(options, events)));
}
process.send?.({ port: options.port });

function answer(): void {
  onRoundEnd = () => undefined;
  const { user, system } = process.cpuUsage(round.cpu);
  process.send?.({
    firstAt: round.firstAt,
    lastAt: round.lastAt,
    bytesPerSocket: round.bytes / options.sockets,
    cpuMs: (user + system) / 1_000,
  } satisfies Received);
}

function countUpdate(bytes: number): void {
  round.lastAt = Number(process.hrtime.bigint());
  round.firstAt ||= round.lastAt;
  round.bytes += bytes;
  round.waiting -= 1;
  if (round.waiting === 0) onRoundEnd();
}
