import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { io, type Socket } from 'socket.io-client';
import { startEmbeddedPostgres } from '../src/platform/embedded/embeddedPostgres.ts';
import { startChild, type Child } from './children.ts';
import { formatMs, median, ratioOf } from './figures.ts';

/**
 * One sweep of 343 symbols in four chunks, as a poller posts it: how long until the last chunk is acknowledged (it is
 * committed then), and how long until every dashboard shows the last symbol. Our server against the pattern it replaces,
 * both running, taking turns round by round on one machine; the figures to look at are the ratios.
 */
const SWEEP_CHUNKS = [100, 100, 100, 43];
const SYMBOLS = SWEEP_CHUNKS.reduce((sum, size) => sum + size, 0);
/** What the replaced client waits after an event before it fetches everything. */
const ORIGINAL_DEBOUNCE_MS = 2_000;

type Contestant = {
  name: string;
  port: number;
  headers: Record<string, string>;
  sockets: Socket[];
  /** Settles when every client shows sweep `round`. */
  everybodyShows(round: number): Promise<void>;
};

export type SweepFigures = {
  committedMs: { own: number; original: number; ratio: number };
  screenMs: { own: number; original: number; ratio: number };
};

export async function measureSweep(options: { clients: number; rounds: number }): Promise<SweepFigures> {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'oi-bench-'));
  const postgres = await startEmbeddedPostgres({ dir, database: 'own' });
  const admin = new pg.Client({ connectionString: postgres.urlFor('postgres') });
  await admin.connect();
  await admin.query('create database original');
  await admin.end();
  const children: Child[] = [];
  const contestants: Contestant[] = [];
  try {
    const own = await startChild('ownServer.ts', { env: { DATABASE_URL: postgres.urlFor('own') } });
    children.push(own);
    const original = await startChild('originalPattern.ts', {
      env: { DATABASE_URL: postgres.urlFor('original') },
    });
    children.push(original);
    contestants.push(
      await connectOwn(own, options.clients),
      await connectOriginal(original, options.clients),
    );
    const [ownContestant, originalContestant] = contestants as [Contestant, Contestant];
    const rounds: { own: Times; original: Times }[] = [];
    for (let round = 0; round <= options.rounds; round += 1) {
      const ownTimes = await runSweep(ownContestant, round);
      const originalTimes = await runSweep(originalContestant, round);
      // The first round warms everything up.
      if (round > 0) rounds.push({ own: ownTimes, original: originalTimes });
    }
    return {
      committedMs: compare(rounds, 'committedMs'),
      screenMs: compare(rounds, 'screenMs'),
    };
  } finally {
    for (const { sockets } of contestants) for (const socket of sockets) socket.disconnect();
    for (const child of children) child.stop();
    await sleep(200);
    await postgres.stop();
    await rm(dir, { recursive: true, force: true });
  }
}

export function describeSweep(figures: SweepFigures, options: { clients: number; rounds: number }): string[] {
  const line = (what: string, it: { own: number; original: number; ratio: number }) =>
    `  ${what.padEnd(38)} ${formatMs(it.own).padStart(10)} ${formatMs(it.original).padStart(12)} ${ratioOf(it.ratio).padStart(8)}`;
  return [
    `One sweep, ${SYMBOLS} symbols in chunks of ${SWEEP_CHUNKS.join('+')}, ${options.clients} dashboards, medians of ${options.rounds} rounds`,
    `  ${''.padEnd(38)} ${'ours'.padStart(10)} ${'row by row'.padStart(12)} ${'ratio'.padStart(8)}`,
    line('first post to last chunk committed', figures.committedMs),
    line('first post to last dashboard current', figures.screenMs),
    `  (the replaced client's own wait of ${ORIGINAL_DEBOUNCE_MS / 1_000} s and its refetch are part of its path to the screen)`,
  ];
}

type Times = { committedMs: number; screenMs: number };

async function runSweep(contestant: Contestant, round: number): Promise<Times> {
  const shown = contestant.everybodyShows(round);
  const startedAt = performance.now();
  const timestamp = new Date().toISOString();
  let first = 0;
  for (const size of SWEEP_CHUNKS) {
    const data = Array.from({ length: size }, (_, i) => item(first + i, round));
    first += size;
    const response = await fetch(`http://127.0.0.1:${contestant.port}/api/market/open-interest/ingest`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...contestant.headers },
      body: JSON.stringify({ data, timestamp, totalSymbols: size, source: 'realtime' }),
    });
    if (!response.ok)
      throw new Error(`${contestant.name} answered ${response.status}: ${await response.text()}`);
    await response.arrayBuffer();
  }
  const committedMs = performance.now() - startedAt;
  await shown;
  return { committedMs, screenMs: performance.now() - startedAt };
}

/** A value that tells which sweep it belongs to. */
function item(index: number, round: number) {
  const openInterest = 1_000_000 * (round + 1) + index;
  return { symbol: `BENCH${index}USDT`, openInterest, openInterestUsd: openInterest * 2, markPrice: 2 };
}

function roundOf(openInterestUsd: number): number {
  return Math.floor(openInterestUsd / 2 / 1_000_000) - 1;
}

async function connectOwn(server: Child, clients: number): Promise<Contestant> {
  const url = `http://127.0.0.1:${server.port}`;
  const sockets = await connect(url, clients, { token: server.token });
  const shows = sockets.map((socket) => {
    const rows = new Map<string, number>();
    let wake = () => undefined as void;
    socket.on('open-interest-update', (update: { rows: { symbol: string; openInterestUsd: number }[] }) => {
      for (const row of update.rows) rows.set(row.symbol, roundOf(row.openInterestUsd));
      wake();
    });
    return (round: number) =>
      new Promise<void>((resolve) => {
        wake = () => {
          let current = 0;
          for (const shown of rows.values()) if (shown === round) current += 1;
          if (current === SYMBOLS) resolve();
        };
      });
  });
  return {
    name: 'ours',
    port: server.port,
    headers: { 'X-API-Key': server.key ?? '' },
    sockets,
    everybodyShows: async (round) => void (await Promise.all(shows.map((show) => show(round)))),
  };
}

async function connectOriginal(server: Child, clients: number): Promise<Contestant> {
  const url = `http://127.0.0.1:${server.port}`;
  const sockets = await connect(url, clients, {});
  const shows = sockets.map((socket) => {
    let debounce: NodeJS.Timeout | undefined;
    let done: ((shown: Record<string, number>) => void) | undefined;
    socket.on('open-interest-update', () => {
      clearTimeout(debounce);
      debounce = setTimeout(() => {
        void fetch(`${url}/api/market/open-interest`)
          .then((response) => response.json() as Promise<{ data: Record<string, number> }>)
          .then((body) => done?.(body.data));
      }, ORIGINAL_DEBOUNCE_MS);
    });
    return (round: number) =>
      new Promise<void>((resolve) => {
        done = (data) => {
          const values = Object.values(data);
          if (values.length === SYMBOLS && values.every((usd) => roundOf(usd) === round)) resolve();
        };
      });
  });
  return {
    name: 'row by row',
    port: server.port,
    headers: {},
    sockets,
    everybodyShows: async (round) => void (await Promise.all(shows.map((show) => show(round)))),
  };
}

async function connect(url: string, clients: number, auth: Record<string, unknown>): Promise<Socket[]> {
  const sockets = Array.from({ length: clients }, () =>
    io(url, { auth, transports: ['websocket'], forceNew: true }),
  );
  await Promise.all(
    sockets.map(
      (socket) =>
        new Promise<void>((resolve, reject) => {
          socket.once('connect', resolve);
          socket.once('connect_error', reject);
        }),
    ),
  );
  return sockets;
}

function compare(rounds: { own: Times; original: Times }[], key: keyof Times) {
  return {
    own: median(rounds.map((it) => it.own[key])),
    original: median(rounds.map((it) => it.original[key])),
    ratio: median(rounds.map((it) => it.original[key] / it.own[key])),
  };
}
