import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { io, type Socket } from 'socket.io-client';
import { startEmbeddedPostgres } from '../src/platform/embedded/embeddedPostgres.ts';
import { startChild, type Child } from './children.ts';
import { formatMs, median, ratioOf } from './figures.ts';
import type { Collected, DashboardOptions } from './sockets/generator.ts';
import type { OriginalOptions } from './sweep/originalDashboards.ts';

/**
 * One sweep of 343 symbols in four chunks, as a poller posts it: how long until the last chunk is acknowledged (it is
 * committed then), how long until every dashboard has the last symbol, and what it costs the server. Our server against the
 * pattern it replaces, both running, taking turns round by round on one machine; the figures to look at are the ratios.
 */
const SWEEP_CHUNKS = [100, 100, 100, 43];
const SYMBOLS = SWEEP_CHUNKS.reduce((sum, size) => sum + size, 0);
/** In which each dashboard has what the last one of them had. */
const SETTLE_MS = 500;

type Contestant = {
  name: string;
  server: Child;
  headers: Record<string, string>;
  /** Called before the sweep of a round; the result settles with the time when the last dashboard shows it. */
  watch(round: number): Promise<() => Promise<{ lastAt: number; windows: number }>>;
};
type Times = { committedMs: number; screenMs: number; cpuMs: number; windows: number };
type Comparison = { own: number; original: number; ratio: number };

export type SweepFigures = {
  dashboards: number;
  committedMs: Comparison;
  screenMs: Comparison;
  serverCpuMs: Comparison;
  /** Updates in which our dashboards received the sweep. */
  windows: number;
};

export async function measureSweep(options: { clients: number; rounds: number }): Promise<SweepFigures> {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'oi-bench-'));
  const postgres = await startEmbeddedPostgres({ dir, database: 'own' });
  const admin = new pg.Client({ connectionString: postgres.urlFor('postgres') });
  await admin.connect();
  await admin.query('create database original');
  await admin.end();
  const children: Child[] = [];
  const sockets: Socket[] = [];
  async function start(file: string, how: { args?: string[]; env?: Record<string, string> }): Promise<Child> {
    const child = await startChild(file, how);
    children.push(child);
    return child;
  }
  try {
    const own = await start('ownServer.ts', { env: { DATABASE_URL: postgres.urlFor('own') } });
    const original = await start('originalPattern.ts', {
      env: { DATABASE_URL: postgres.urlFor('original') },
    });
    const ownDashboards = await start('sockets/generator.ts', {
      args: [JSON.stringify(dashboardsOf(own, options.clients))],
    });
    const originalDashboards = await start('sweep/originalDashboards.ts', {
      args: [
        JSON.stringify({
          port: original.port,
          sockets: options.clients,
          symbols: SYMBOLS,
        } satisfies OriginalOptions),
      ],
    });
    const witness = await connectWitness(own);
    sockets.push(witness);
    const contestants = [
      ownContestant(own, ownDashboards, witness),
      originalContestant(original, originalDashboards),
    ] as const;
    const rounds: { own: Times; original: Times }[] = [];
    for (let round = 1; round <= options.rounds + 1; round += 1) {
      const times = {
        own: await runSweep(contestants[0], round),
        original: await runSweep(contestants[1], round),
      };
      // The first round warms everything up.
      if (round > 1) rounds.push(times);
    }
    return {
      dashboards: options.clients,
      committedMs: compare(rounds, 'committedMs'),
      screenMs: compare(rounds, 'screenMs'),
      serverCpuMs: compare(rounds, 'cpuMs'),
      windows: median(rounds.map((it) => it.own.windows)),
    };
  } finally {
    for (const socket of sockets) socket.disconnect();
    for (const child of children) child.stop();
    await sleep(200);
    await postgres.stop();
    await rm(dir, { recursive: true, force: true });
  }
}

export function describeSweep(figures: SweepFigures, options: { clients: number; rounds: number }): string[] {
  const line = (what: string, it: Comparison) =>
    `  ${what.padEnd(38)} ${formatMs(it.own).padStart(10)} ${formatMs(it.original).padStart(12)} ${ratioOf(it.ratio).padStart(8)}`;
  return [
    `One sweep, ${SYMBOLS} symbols in chunks of ${SWEEP_CHUNKS.join('+')}, ${options.clients} dashboards, medians of ${options.rounds} rounds`,
    `  ${''.padEnd(38)} ${'ours'.padStart(10)} ${'row by row'.padStart(12)} ${'ratio'.padStart(8)}`,
    line('first post to last chunk committed', figures.committedMs),
    line('first post to last dashboard current', figures.screenMs),
    line('CPU of the server, without Postgres', figures.serverCpuMs),
    `  (ours in ${figures.windows} windows; the replaced client's own wait of 2 s and its refetch are part of its path to the screen)`,
  ];
}

async function runSweep(contestant: Contestant, round: number): Promise<Times> {
  const { server, headers } = contestant;
  const shown = await contestant.watch(round);
  const before = await server.ask<NodeJS.CpuUsage>({});
  const startedAt = Number(process.hrtime.bigint());
  const timestamp = new Date().toISOString();
  let first = 0;
  for (const size of SWEEP_CHUNKS) {
    const data = Array.from({ length: size }, (_, i) => item(first + i, round));
    first += size;
    const response = await fetch(`http://127.0.0.1:${server.port}/api/market/open-interest/ingest`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...headers },
      body: JSON.stringify({ data, timestamp, totalSymbols: size, source: 'realtime' }),
    });
    if (!response.ok)
      throw new Error(`${contestant.name} answered ${response.status}: ${await response.text()}`);
    await response.arrayBuffer();
  }
  const committedMs = (Number(process.hrtime.bigint()) - startedAt) / 1e6;
  const { lastAt, windows } = await shown();
  const after = await server.ask<NodeJS.CpuUsage>({});
  return {
    committedMs,
    screenMs: (lastAt - startedAt) / 1e6,
    cpuMs: (after.user + after.system - before.user - before.system) / 1_000,
    windows,
  };
}

/** A value that says which sweep it belongs to; the sweeps are close enough to be one market. */
function item(index: number, round: number) {
  const openInterestUsd = leastUsdOf(round) + 2 * index;
  return { symbol: `BENCH${index}USDT`, openInterest: openInterestUsd / 2, openInterestUsd, markPrice: 2 };
}

function leastUsdOf(round: number): number {
  return 2_000_000 + 2_000 * round;
}

function dashboardsOf(server: Child, pro: number): DashboardOptions {
  return { port: server.port, localAddress: '127.0.0.2', secret: server.secret!, pro, free: 0, slow: 0 };
}

/**
 * The witness reads its rows and says when the sweep is complete; the others only count frames, which are the same for all
 * of them, so they are current when each has as many bytes as the others.
 */
function ownContestant(server: Child, dashboards: Child, witness: Socket): Contestant {
  return {
    name: 'ours',
    server,
    headers: { 'X-API-Key': server.key! },
    async watch(round) {
      await dashboards.ask({ ask: 'arm' });
      const rows = new Set<string>();
      const complete = new Promise<void>((resolve) => {
        witness.removeAllListeners('open-interest-update');
        witness.on(
          'open-interest-update',
          (update: { rows: { symbol: string; openInterestUsd: number }[] }) => {
            for (const row of update.rows) if (row.openInterestUsd >= leastUsdOf(round)) rows.add(row.symbol);
            if (rows.size === SYMBOLS) resolve();
          },
        );
      });
      return async () => {
        await complete;
        await sleep(SETTLE_MS);
        const { lastAt, updates, bytes } = await dashboards.ask<Collected>({ ask: 'collect' });
        if (updates.least !== updates.most || bytes.least !== bytes.most || updates.least === 0)
          throw new Error(`dashboards differ: ${JSON.stringify({ updates, bytes })}`);
        return { lastAt, windows: updates.most };
      };
    },
  };
}

function originalContestant(server: Child, dashboards: Child): Contestant {
  return {
    name: 'row by row',
    server,
    headers: {},
    async watch(round) {
      await dashboards.ask({ ask: 'arm', marker: leastUsdOf(round) });
      return async () => ({
        ...(await dashboards.ask<{ lastAt: number }>({ ask: 'shown' })),
        windows: SYMBOLS,
      });
    },
  };
}

async function connectWitness({ port, token }: Child): Promise<Socket> {
  const socket = io(`http://127.0.0.1:${port}`, { auth: { token }, transports: ['websocket'] });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('connect_error', reject);
  });
  return socket;
}

function compare(rounds: { own: Times; original: Times }[], key: keyof Times): Comparison {
  return {
    own: median(rounds.map((it) => it.own[key])),
    original: median(rounds.map((it) => it.original[key])),
    ratio: median(rounds.map((it) => it.original[key] / it.own[key])),
  };
}
