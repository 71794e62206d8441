import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { findFreePort } from '../../src/platform/embedded/freePort.ts';
import { waitFor } from './waitFor.ts';

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));

export type Build = {
  /** `node PROGRAM` is what `npm start` runs. */
  program: string;
  remove(): void;
};

/** The server as `npm run build` makes it, in a folder of its own: nobody's `dist` is touched. */
export async function buildServerProgram(): Promise<Build> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'open-interest-build-'));
  for (const needed of ['node_modules', 'migrations', 'package.json']) {
    fs.symlinkSync(path.join(REPOSITORY, needed), path.join(folder, needed));
  }
  const program = path.join(folder, 'dist/server/main.js');
  const compiler = path.join(REPOSITORY, 'node_modules/.bin/tsc');
  const args = ['-p', path.join(REPOSITORY, 'src/tsconfig.json'), '--outDir', path.join(folder, 'dist')];
  // Types are checked elsewhere; what counts here is that there is a program.
  const output = await new Promise<string>((resolve) => {
    execFile(compiler, [...args, '--sourceMap', 'false'], (_fault, stdout, stderr) =>
      resolve(stdout + stderr),
    );
  });
  if (!fs.existsSync(program)) throw new Error(`the server could not be built:\n${output}`);
  return { program, remove: () => fs.rmSync(folder, { recursive: true, force: true }) };
}

export type ServerProcess = {
  url: string;
  port: number;
  /** What it has written so far. */
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

/** The server as operators run it: a process of its own, which may be killed. Its environment is what is given, no more. */
export async function startServerProcess(options: {
  program: string;
  env?: Record<string, string>;
  /** To come back where clients know it. */
  port?: number;
  cwd?: string;
}): Promise<ServerProcess> {
  const port = options.port ?? (await findFreePort());
  const child = spawn(process.execPath, [options.program], {
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
    output: () => output,
    ended: () => ended,
    async ready() {
      await waitFor('the process to be ready', async () => ended ?? (await fetch(`${url}/readyz`)).ok, {
        timeoutMs: 30_000,
      });
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
