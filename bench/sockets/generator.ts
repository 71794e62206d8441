import { createTokenSigner } from '../../src/access/tokenSigner.ts';
import { HOUR_MS } from '../../src/kit/clock.ts';
import { openConnection, type Connection } from '../fanout/connection.ts';

/**
 * Dashboards in a process apart from the server: Pro, Free and Pro that stop reading. Counts and times what each receives,
 * and reconnects all of them at once, as after the loss of a network.
 */
export type DashboardOptions = {
  port: number;
  localAddress: string;
  secret: string;
  pro: number;
  free: number;
  /** Pro that do not read once they are connected. */
  slow: number;
};
export type Collected = {
  /** `process.hrtime` of the last update that arrived since `arm`. */
  lastAt: number;
  /** Of the Pro that read: updates and bytes since `arm`, least and most. */
  updates: { least: number; most: number };
  bytes: { least: number; most: number };
  /** Counted by the arrival of the window whose commit is at the same index of `committedAt`: by whole milliseconds. */
  latencies: [ms: number, count: number][];
  closed: { pro: number; free: number };
  cpuMs: number;
};
export type Storm = { startedAt: number; lastAt: number; inStep: number; failed: number };

type Kind = 'pro' | 'free' | 'slow';
type Dashboard = {
  kind: Kind;
  auth: Record<string, unknown>;
  connection: Connection | null;
  /** `process.hrtime` of each update. */
  updatesAt: number[];
  bytes: number;
  onAnswer: (() => void) | null;
};

/** The sync that a dashboard sends when it has connected, and the prefix of its answer. */
const SYNC = '420["open-interest-sync",null]';
const ANSWER = '430';
const CONNECTING_AT_ONCE = 100;
const RECONNECTING_AT_ONCE = 500;

const options = JSON.parse(process.argv[2]!) as DashboardOptions;
const closed = { pro: 0, free: 0 };
const signer = createTokenSigner({ secret: options.secret });
const dashboards: Dashboard[] = [];
let lastAt = 0;
let cpuBefore = process.cpuUsage();

const ANSWERS: Record<string, (message: { committedAt?: number[] }) => object | Promise<object>> = {
  arm() {
    for (const it of dashboards) Object.assign(it, { updatesAt: [], bytes: 0 });
    cpuBefore = process.cpuUsage();
    return {};
  },
  collect: ({ committedAt = [] }) => collect(committedAt),
  stopReading() {
    for (const { kind, connection } of dashboards) if (kind === 'slow') connection?.socket.pause();
    return {};
  },
  storm,
};
process.on('message', (message: { ask: string; committedAt?: number[] }) => {
  void Promise.resolve(ANSWERS[message.ask]!(message)).then((answer) => process.send?.(answer));
});
process.on('disconnect', () => process.exit(0));

for (const kind of ['pro', 'free', 'slow'] as const)
  for (let i = 0; i < options[kind]; i += 1) dashboards.push(await createDashboard(kind, i));
await inParallel(dashboards, CONNECTING_AT_ONCE, open);
process.send?.({ port: options.port });

async function createDashboard(kind: Kind, index: number): Promise<Dashboard> {
  const issuedAt = Date.now();
  const token = await signer.sign({
    sub: `${options.localAddress} ${kind} ${index}`,
    tier: kind === 'free' ? 'free' : 'pro',
    issuedAt,
    expiresAt: issuedAt + HOUR_MS,
  });
  return {
    kind,
    auth: { token, frames: 2 },
    connection: null,
    updatesAt: [],
    bytes: 0,
    onAnswer: null,
  };
}

async function open(dashboard: Dashboard): Promise<void> {
  const { port, localAddress } = options;
  let isOpen = false;
  dashboard.connection = await openConnection(
    { port, localAddress, protocol: 'socketio', deflate: true, auth: dashboard.auth },
    {
      onFrame({ bytes, prefix }) {
        if (prefix === ANSWER) dashboard.onAnswer?.();
        // Only updates are compressed from their beginning.
        if (prefix === null) countUpdate(dashboard, bytes);
      },
      onClose() {
        if (isOpen && dashboard.kind !== 'slow') closed[dashboard.kind] += 1;
        dashboard.connection = null;
      },
    },
  );
  isOpen = true;
}

function countUpdate(dashboard: Dashboard, bytes: number): void {
  lastAt = Number(process.hrtime.bigint());
  dashboard.updatesAt.push(lastAt);
  dashboard.bytes += bytes;
}

function collect(committedAt: readonly number[]): Collected {
  const reading = dashboards.filter((it) => it.kind === 'pro' && it.connection !== null);
  const byMs = new Map<number, number>();
  for (const { updatesAt } of reading)
    for (const [i, at] of committedAt.entries()) {
      const ms = updatesAt[i] === undefined ? Infinity : Math.round((updatesAt[i] - at) / 1e6);
      byMs.set(ms, (byMs.get(ms) ?? 0) + 1);
    }
  const { user, system } = process.cpuUsage(cpuBefore);
  return {
    lastAt,
    updates: rangeOf(reading.map((it) => it.updatesAt.length)),
    bytes: rangeOf(reading.map((it) => it.bytes)),
    latencies: [...byMs],
    closed: { ...closed },
    cpuMs: (user + system) / 1_000,
  };
}

function rangeOf(values: readonly number[]) {
  const least = values.reduce((a, b) => Math.min(a, b), Infinity);
  return { least, most: values.reduce((a, b) => Math.max(a, b), -Infinity) };
}

/** Every connection is lost at once; each dashboard connects again and asks for the whole board. */
async function storm(): Promise<Storm> {
  const result: Storm = { startedAt: Number(process.hrtime.bigint()), lastAt: 0, inStep: 0, failed: 0 };
  for (const { connection } of dashboards) connection?.socket.resetAndDestroy();
  await inParallel(dashboards, RECONNECTING_AT_ONCE, async (dashboard) => {
    try {
      await open(dashboard);
      const answered = new Promise<void>((resolve, reject) => {
        dashboard.onAnswer = resolve;
        dashboard.connection?.socket.once('close', reject);
      });
      dashboard.connection?.send(SYNC);
      await answered;
      dashboard.onAnswer = null;
      result.inStep += 1;
      result.lastAt = Number(process.hrtime.bigint());
    } catch {
      result.failed += 1;
    }
  });
  return result;
}

async function inParallel<Item>(
  items: readonly Item[],
  lanes: number,
  task: (item: Item) => Promise<void>,
): Promise<void> {
  const queue = items.values();
  await Promise.all(
    Array.from({ length: lanes }, async () => {
      for (const item of queue) await task(item);
    }),
  );
}
