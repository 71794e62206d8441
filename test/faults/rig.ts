import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { planUniverse } from '../../src/demo/universe.ts';
import { findFreePort } from '../../src/platform/embedded/freePort.ts';
import { loadSymbolFacts } from '../../src/simulator/facts/facts.ts';
import { programFile } from '../support/programs.ts';
import { startRedisServer, type RedisServer } from '../support/redis.ts';
import { TEST_KEYS } from '../support/serverProcess.ts';
import { INGEST_KEY } from '../support/testServer.ts';
import { waitFor } from '../support/waitFor.ts';
import { startExchangeGate, type ExchangeGate } from './exchangeGate.ts';
import { startPoster, type Poster } from './poster.ts';
import { createProgram, type Program, type Settings } from './program.ts';
import { startRigDatabase, type RigDatabase } from './rigDatabase.ts';
import { mountSmallDisk, type SmallDisk } from './smallDisk.ts';

/** What a rig consists of, besides a server. */
export type RigPlan = {
  /** `external`: of its own, behind a proxy. `embedded`: the server brings it. */
  database: 'external' | 'embedded';
  redis?: boolean;
  /** Who posts: our collector at a simulated exchange, or a poller of the original's kind. */
  sender: 'collector' | 'poster';
  /** The database and the collector's state lie on small disks that can be filled. */
  smallDisks?: boolean;
  server?: Settings;
  poster?: { everyMs: number };
};

type Exchange = {
  program: Program;
  gate: ExchangeGate;
  url: string;
  /** `POST /simulator/faults` */
  faults(change: Record<string, unknown>): Promise<void>;
};

/** Real processes that make one system, to which anything may happen. */
export type Rig = {
  url: string;
  folder: string;
  server: Program;
  database: RigDatabase | null;
  redis: RedisServer | null;
  exchange: Exchange | null;
  collector: Program | null;
  poster: Poster | null;
  disks: { database: SmallDisk; collector: SmallDisk } | null;
  /** What those of its programs have said that should run and have ended. */
  ended(): string;
  /** The last lines that each of its programs has written. */
  logs(): Record<string, string>;
  /** Members of the universe. */
  symbols: readonly string[];
  newServer(changed: Settings): Promise<{ url: string; program: Program }>;
  newCollector(changed: Settings): Program;
  close(): Promise<void>;
};

const SYMBOLS = 40;
/** Chunks in one sweep of a poster. */
const SWEEP_CHUNKS = 4;
const LOG_TAIL = 4_000;
const READY_WITHIN_MS = 180_000;

/** Ends every rig that is open: a run that is broken off leaves nothing behind. */
export async function closeAllRigs(): Promise<void> {
  await Promise.allSettled([...open].map((close) => close()));
}

const open = new Set<() => Promise<void>>();

/** Of the part that a plan leaves out, a fault cannot be asked. */
export function part<Part>(given: Part | null): Part {
  if (given === null) throw new Error('this rig has no such part');
  return given;
}

/** Where the parts of one rig run, and what ends them. */
type Site = {
  folder: string;
  /** Of the database and of the collector. */
  disks: Rig['disks'];
  programs: [string, Program][];
  /** Runs at the end, the last one first. */
  onClose(release: () => unknown): void;
  newProgram(name: string, settings: Settings): Program;
};

export async function openRig(plan: RigPlan): Promise<Rig> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'open-interest-rig-'));
  // The database runs under an account of its own, which has to get through.
  fs.chmodSync(folder, 0o755);
  const releases: (() => unknown)[] = [() => fs.rmSync(folder, { recursive: true, force: true })];
  const close = async (): Promise<void> => {
    open.delete(close);
    for (let release = releases.pop(); release; release = releases.pop()) await release();
  };
  open.add(close);
  const site: Site = {
    folder,
    disks: null,
    programs: [],
    onClose: (release) => void releases.push(release),
    newProgram(name, settings) {
      const program = createProgram({ file: programFile(`dist/${name}/main.js`), folder, settings });
      site.programs.push([`${name} ${site.programs.length + 1}`, program]);
      site.onClose(() => program.kill());
      return program;
    },
  };
  try {
    return { ...(await build(site, plan)), close };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}

async function build(site: Site, plan: RigPlan): Promise<Omit<Rig, 'close'>> {
  const { folder, programs, onClose } = site;
  if (plan.smallDisks) site.disks = await openDisks(site);
  const { disks } = site;
  const database =
    plan.database === 'external' ? await startRigDatabase(disks?.database.path ?? folder) : null;
  if (database) onClose(database.remove);
  const redis = plan.redis
    ? await startRedisServer(['--enable-protected-configs', 'yes', '--dir', folder])
    : null;
  if (redis) onClose(redis.kill);

  const stores = { DATABASE_URL: database?.url, REDIS_URL: redis?.url };
  const newServer: Rig['newServer'] = (changed) =>
    startServer(site, { ...stores, ...plan.server, ...changed });
  const { url, program: server } = await newServer({});
  const exchange = plan.sender === 'collector' ? await openExchange(site) : null;
  const { symbols, thresholds } = planUniverse({ contracts: () => loadSymbolFacts(Date.now()) }, SYMBOLS);
  const newCollector: Rig['newCollector'] = (changed) =>
    createCollector(site, {
      VOLSPIKE_API_URL: url,
      BINANCE_REST_URL: exchange?.gate.url,
      BINANCE_WS_URL: exchange?.url.replace('http', 'ws'),
      OI_LIQUID_ENTER_QUOTE_24H: String(thresholds.enter),
      OI_LIQUID_EXIT_QUOTE_24H: String(thresholds.exit),
      ...changed,
    });
  const collector = exchange ? newCollector({}) : null;
  collector?.start();
  const poster = plan.sender === 'poster' ? startPoster({ url, manners: { symbols, ...plan.poster } }) : null;
  if (poster) onClose(poster.stop);
  // One sweep is no pace: the gap of a fault right after it would become the usual interval.
  if (poster && !plan.poster) {
    await waitFor('three sweeps', () => (poster.answered().get(200) ?? 0) >= 3 * SWEEP_CHUNKS, {
      timeoutMs: READY_WITHIN_MS,
    });
  }
  return {
    ...{ url, folder, server, database, redis, exchange, collector, poster, disks, symbols },
    ...{ newServer, newCollector },
    ended: () =>
      [server, exchange?.program, collector]
        .flatMap((it) => (it && !it.isRunning() ? it.output().slice(-LOG_TAIL) : []))
        .join('\n'),
    logs: () => Object.fromEntries(programs.map(([name, it]) => [name, it.output().slice(-LOG_TAIL)])),
  };
}

async function openDisks({ folder, onClose }: Site): Promise<Rig['disks']> {
  const disks = {
    database: await mountSmallDisk(path.join(folder, 'database'), 160),
    collector: await mountSmallDisk(path.join(folder, 'collector'), 24),
  };
  onClose(disks.database.unmount);
  onClose(disks.collector.unmount);
  return disks;
}

async function startServer(
  { folder, newProgram }: Site,
  settings: Settings,
): Promise<{ url: string; program: Program }> {
  const port = await findFreePort();
  const program = newProgram('server', {
    ...TEST_KEYS,
    INGEST_RATE_LIMIT_PER_MIN: undefined,
    HOST: '127.0.0.1',
    PORT: String(port),
    LOG_LEVEL: 'warn',
    DATA_DIR: path.join(folder, `data-${port}`),
    ...settings,
  });
  program.start();
  const url = `http://127.0.0.1:${port}`;
  await untilReady(url, program);
  return { url, program };
}

async function openExchange({ newProgram, onClose }: Site): Promise<Exchange> {
  const port = await findFreePort();
  const program = newProgram('simulator', { SIMULATOR_PORT: String(port) });
  program.start();
  const url = `http://127.0.0.1:${port}`;
  await waitFor('the simulated exchange', async () => (await fetch(`${url}/fapi/v1/time`)).ok, {
    timeoutMs: READY_WITHIN_MS,
  });
  const gate = await startExchangeGate(port);
  onClose(gate.close);
  return {
    program,
    gate,
    url,
    async faults(change) {
      const body = JSON.stringify(change);
      const headers = { 'Content-Type': 'application/json' };
      const answer = await fetch(`${url}/simulator/faults`, { method: 'POST', headers, body });
      if (!answer.ok) throw new Error(await answer.text());
    },
  };
}

function createCollector({ disks, folder, newProgram }: Site, settings: Settings): Program {
  return newProgram('collector', {
    COLLECTOR_STATE_DIR: disks?.collector.path ?? fs.mkdtempSync(path.join(folder, 'collector-')),
    VOLSPIKE_API_KEY: INGEST_KEY,
    OI_MAX_REQ_PER_MIN: '600',
    FUNDING_API_PORT: '0',
    PROXY_PORT: '0',
    PROXY_HOST: '127.0.0.1',
    LOG_LEVEL: 'warn',
    ...settings,
  });
}

async function untilReady(url: string, program: Program): Promise<void> {
  await waitFor(
    'the server to be ready',
    async () => !program.isRunning() || (await fetch(`${url}/readyz`)).ok,
    { timeoutMs: READY_WITHIN_MS, everyMs: 100 },
  );
  if (!program.isRunning()) throw new Error(`the server ended:\n${program.output()}`);
}

/** Ends the server and starts it with other settings. */
export async function restartServer({ server, url }: Rig, changed: Settings = {}): Promise<void> {
  await server.stop();
  server.start(changed);
  await untilReady(url, server);
}

export async function restartCollector(rig: Rig, changed: Settings = {}, jobs: readonly string[] = []) {
  const collector = part(rig.collector);
  await collector.kill();
  collector.start(changed, jobs);
}
