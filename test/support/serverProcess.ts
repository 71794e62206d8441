import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { findFreePort } from '../../src/platform/embedded/freePort.ts';
import { programFile } from './programs.ts';
import { INGEST_KEY, OPERATOR_KEY } from './testServer.ts';
import { waitFor } from './waitFor.ts';

type StartOptions = { env?: Record<string, string>; port?: number; cwd?: string };

export type ServerBox = {
  /** Starts the server as operators run it, with only the given environment. */
  start(options: StartOptions): Promise<ServerProcess>;
  /** A new folder to start it in. */
  newFolder(): string;
  killAll(): Promise<void>;
  /** Ends what runs and deletes what was made. */
  remove(): Promise<void>;
};

/** Servers in processes of their own, which may be killed, and whatever they leave behind. */
export function createServerBox(): ServerBox {
  const running: ServerProcess[] = [];
  const folders: string[] = [];

  function newFolder(): string {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'open-interest-server-'));
    folders.push(folder);
    return folder;
  }

  async function killAll(): Promise<void> {
    await Promise.all(running.splice(0).map((it) => it.kill()));
  }

  return {
    async start(options) {
      const server = await startServerProcess(options);
      running.push(server);
      return server;
    },
    newFolder,
    killAll,
    async remove() {
      await killAll();
      for (const folder of folders.splice(0)) fs.rmSync(folder, { recursive: true, force: true });
    },
  };
}

export type ServerProcess = {
  url: string;
  port: number;
  pid: number;
  /** Its output so far. */
  output(): string;
  /** How it ended; `null` while it runs. */
  ended(): { code: number | null; signal: NodeJS.Signals | null } | null;
  /** Waits until it is ready; throws when it ends instead. */
  ready(): Promise<void>;
  signal(signal: NodeJS.Signals): void;
  /** `kill -9`, and waits for the end. */
  kill(): Promise<void>;
  untilEnd(timeoutMs: number): Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
};

/** Settings that a spec's server needs besides its database. */
export const TEST_KEYS = {
  INGEST_API_KEYS: INGEST_KEY,
  OPERATOR_API_KEYS: OPERATOR_KEY,
  AUTH_JWT_SECRET: 'a secret of the tests, longer than thirty-two bytes',
  INGEST_RATE_LIMIT_PER_MIN: '0',
};

/** When each symbol of its board was sampled, epoch ms. */
export async function readBoardTimes(server: ServerProcess): Promise<Map<string, number>> {
  const answer = await fetch(`${server.url}/api/market/open-interest/cache`, {
    headers: { 'X-API-Key': OPERATOR_KEY },
  });
  const { entries } = Cache.parse(await answer.json());
  return new Map(entries.map((it) => [it.symbol, Date.parse(it.ts)]));
}

const Cache = z.object({ entries: z.array(z.object({ symbol: z.string(), ts: z.iso.datetime() })) });

async function startServerProcess(options: StartOptions): Promise<ServerProcess> {
  const port = options.port ?? (await findFreePort());
  const child = spawn(process.execPath, [programFile('dist/server/main.js')], {
    cwd: options.cwd,
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      PORT: String(port),
      HOST: '127.0.0.1',
      ...options.env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const closed = once(child, 'close');
  let output = '';
  let ended: ReturnType<ServerProcess['ended']> = null;
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += String(text)));
  child.on('exit', (code, signal) => (ended = { code, signal }));
  const url = `http://127.0.0.1:${port}`;

  return {
    url,
    port,
    pid: child.pid!,
    output: () => output,
    ended: () => ended,
    async ready() {
      await waitFor('the process to be ready', async () => ended ?? (await fetch(`${url}/readyz`)).ok);
      if (ended) throw new Error(`the server ended instead of becoming ready:\n${output}`);
    },
    signal: (signal) => void child.kill(signal),
    async kill() {
      if (ended === null) child.kill('SIGKILL');
      await closed;
    },
    async untilEnd(timeoutMs) {
      const how = await waitFor(`the process to end within ${timeoutMs} ms`, () => ended, { timeoutMs });
      await closed;
      return how;
    },
  };
}
