import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {
  startEmbeddedPostgres,
  type EmbeddedPostgres,
} from '../../src/platform/embedded/embeddedPostgres.ts';
import { findFreePort } from '../../src/platform/embedded/freePort.ts';
import { runMigrations } from '../../src/platform/database/migrations.ts';
import { childProcesses } from './childProcesses.ts';
import { waitFor } from './waitFor.ts';

export type PrivatePostgres = {
  /** Of a migrated database; the same before and after a restart. */
  url: string;
  port: number;
  /** Of the main process; another one after a restart. */
  pid(): number;
  /** Stops it in order: clients get 57P01. */
  stop(): Promise<void>;
  /** Ends all its processes without warning. */
  kill(): Promise<void>;
  /** Stops all its processes without ending them: the port accepts, nothing answers. */
  pause(): void;
  resume(): void;
  /** Runs it again after `stop` or `kill`, on the same port and files. */
  start(): Promise<void>;
  /** Ends it and deletes its files. */
  remove(): Promise<void>;
};

/** A durable cluster of a spec's own, for what may happen to a database. */
export async function startPrivatePostgres(
  options: { flags?: readonly string[]; migrated?: boolean; parentDir?: string } = {},
): Promise<PrivatePostgres> {
  const { flags = [], migrated = true, parentDir = os.tmpdir() } = options;
  const dir = fs.mkdtempSync(path.join(parentDir, 'open-interest-private-'));
  const port = await findFreePort();
  const launch = (): Promise<EmbeddedPostgres> => startEmbeddedPostgres({ dir, port, flags });
  let running = await launch();
  if (migrated) await runMigrations({ url: running.url });

  const family = (): number[] => [running.pid, ...childProcesses(running.pid)];
  /** Kills the main process first, so that it does not notice its children end and notify the clients. */
  const signalAll = (signal: NodeJS.Signals): void => {
    for (const pid of family()) sendSignal(pid, signal);
  };

  return {
    url: running.url,
    port,
    pid: () => running.pid,
    stop: () => running.stop(),
    async kill() {
      const killed = family();
      signalAll('SIGSTOP');
      // Between the look and the signal the main process may have started one more.
      const all = new Set([...killed, ...family()]);
      for (const pid of all) sendSignal(pid, 'SIGKILL');
      await waitFor('all processes of the killed database to end', () =>
        [...all].every((pid) => !exists(pid)),
      );
      await running.stop();
    },
    pause: () => signalAll('SIGSTOP'),
    resume: () => signalAll('SIGCONT'),
    async start() {
      running = await launch();
    },
    async remove() {
      signalAll('SIGCONT');
      await running.stop();
      fs.rmSync(dir, { recursive: true, force: true });
    },
  };
}

function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended already.
  }
}

function exists(pid: number): boolean {
  return fs.existsSync(`/proc/${pid}`);
}
