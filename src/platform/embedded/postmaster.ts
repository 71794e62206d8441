import { spawn, type ChildProcess } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { EmbeddedPostgresError } from './embeddedPostgresError.ts';
import { processCommand, processMark } from './processIdentity.ts';
import type { ProcessOwner } from './processOwner.ts';
import { programEnvironment } from './programEnvironment.ts';

/** The database's main process. */
export type Postmaster = {
  pid: number;
  hasEnded(): boolean;
  /** What it has written since it was started, its end only. */
  logTail(): string;
  /** Lets our process end while this one runs. */
  unref(): void;
  /** Fast shutdown: transactions are rolled back, everything committed is written out. */
  stop(): Promise<void>;
};

const POLL_MS = 20;
const FAST_STOP_MS = 15_000;
const IMMEDIATE_STOP_MS = 5_000;
const LOG_TAIL_BYTES = 2_000;

export function launchPostmaster(options: {
  program: string;
  args: readonly string[];
  owner: ProcessOwner;
  logFile: string;
  /** Called when it ends without having been asked to. */
  onLost: (how: string) => void;
}): Postmaster {
  const { logFile, owner, onLost } = options;
  // One earlier log is kept: the reason for a crash stands in it.
  if (fs.existsSync(logFile)) fs.renameSync(logFile, `${logFile}.1`);
  const log = fs.openSync(logFile, 'a', 0o600);
  const { file, args } = owner.command(options.program, options.args);
  // A process group of its own: Ctrl-C reaches our process, which then stops the database in its turn.
  const child = spawn(file, args, {
    stdio: ['ignore', log, log],
    detached: true,
    cwd: '/',
    env: programEnvironment(),
  });
  fs.closeSync(log);

  let stopping: Promise<void> | undefined;
  const ended = new Promise<void>((resolve) => {
    child.once('error', () => resolve());
    child.once('exit', (code, signal) => {
      if (!stopping) onLost(signal ?? `exit code ${code}`);
      resolve();
    });
  });
  return {
    pid: child.pid ?? 0,
    hasEnded: () => child.pid === undefined || child.exitCode !== null || child.signalCode !== null,
    logTail: () => fs.readFileSync(logFile, 'utf8').slice(-LOG_TAIL_BYTES).trim(),
    unref: () => child.unref(),
    stop() {
      stopping ??= stopChild(child, ended);
      return stopping;
    },
  };
}

async function stopChild(child: ChildProcess, ended: Promise<void>): Promise<void> {
  child.ref();
  for (const [signal, waitMs] of [
    ['SIGINT', FAST_STOP_MS],
    ['SIGQUIT', IMMEDIATE_STOP_MS],
    ['SIGKILL', IMMEDIATE_STOP_MS],
  ] as const) {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    const timeout = new AbortController();
    await Promise.race([ended, delay(waitMs, undefined, { signal: timeout.signal }).catch(() => undefined)]);
    timeout.abort();
  }
}

/**
 * Ends the database that an earlier, killed process left running on `data`, and removes its lock. The lock's number
 * is believed only if that process runs on this very folder: a number that has been given to another program since
 * would otherwise cost that program its life, or keep the database from ever starting.
 */
export async function endLeftoverPostmaster(data: string): Promise<void> {
  const lock = path.join(data, 'postmaster.pid');
  if (!fs.existsSync(lock)) return;
  const pid = Number(fs.readFileSync(lock, 'utf8').split('\n')[0]);
  const mark = processMark(pid);
  if (mark !== null && runsOn(pid, data)) {
    process.kill(pid, 'SIGINT');
    for (let waitedMs = 0; processMark(pid) === mark; waitedMs += POLL_MS) {
      if (waitedMs >= FAST_STOP_MS) {
        throw new EmbeddedPostgresError(
          `Process ${pid} is an earlier database on ${data} and does not end. End it and start again.`,
        );
      }
      await delay(POLL_MS);
    }
  }
  fs.rmSync(lock, { force: true });
}

function runsOn(pid: number, data: string): boolean {
  const command = processCommand(pid);
  return command.includes('postgres') && command.includes(data);
}
