import { Agent, get } from 'node:http';
import { openConnection } from '../fanout/connection.ts';

/**
 * Dashboards of the pattern that this project replaces, in a process apart from the server: an event restarts a wait of two
 * seconds, then everything is fetched.
 */
export type OriginalOptions = { port: number; sockets: number; symbols: number };

const DEBOUNCE_MS = 2_000;
const CONNECTING_AT_ONCE = 100;
/** Larger than a ping. */
const LEAST_EVENT_BYTES = 50;

const options = JSON.parse(process.argv[2]!) as OriginalOptions;
/** More at once would not fit into the server's backlog. */
const agent = new Agent({ maxSockets: 100 });
const round = { waiting: 0, marker: 0, lastAt: 0, cpu: process.cpuUsage() };
let onRoundEnd = (): void => undefined;

process.on('message', ({ ask, marker }: { ask: string; marker: number }) => {
  if (ask === 'arm') {
    Object.assign(round, { waiting: options.sockets, marker, cpu: process.cpuUsage() });
    process.send?.({});
  } else if (round.waiting === 0) answer();
  else onRoundEnd = answer;
});
process.on('disconnect', () => process.exit(0));

for (let opened = 0; opened < options.sockets; opened += CONNECTING_AT_ONCE)
  await Promise.all(
    Array.from({ length: Math.min(CONNECTING_AT_ONCE, options.sockets - opened) }, openDashboard),
  );
process.send?.({ port: options.port });

function answer(): void {
  onRoundEnd = () => undefined;
  const { user, system } = process.cpuUsage(round.cpu);
  process.send?.({ lastAt: round.lastAt, cpuMs: (user + system) / 1_000 });
}

function openDashboard(): Promise<unknown> {
  let debounce: NodeJS.Timeout | undefined;
  const connection = { port: options.port, protocol: 'socketio', deflate: false, auth: {} } as const;
  return openConnection(connection, {
    onFrame({ bytes }) {
      if (bytes < LEAST_EVENT_BYTES) return;
      if (debounce) debounce.refresh();
      else
        debounce = setTimeout(() => {
          debounce = undefined;
          refetch();
        }, DEBOUNCE_MS);
    },
    onClose() {
      throw new Error('the server closed a connection of the generator');
    },
  });
}

function refetch(): void {
  get({ port: options.port, host: '127.0.0.1', path: '/api/market/open-interest', agent }, (response) => {
    let text = '';
    response.setEncoding('utf8');
    response.on('data', (part: string) => (text += part));
    response.on('end', () => {
      const values = Object.values((JSON.parse(text) as { data: Record<string, number> }).data);
      if (values.length !== options.symbols || values.some((it) => it < round.marker)) return;
      round.lastAt = Number(process.hrtime.bigint());
      round.waiting -= 1;
      if (round.waiting === 0) onRoundEnd();
    });
  });
}
