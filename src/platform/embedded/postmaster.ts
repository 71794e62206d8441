import { spawn, type ChildProcess } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { EmbeddedPostgresError } from './embeddedPostgresError.ts';
import { processCommand, processMark } from './processIdentity.ts';
import type { ProcessOwner } from './processOwner.ts';
import { programEnvironment } from './programEnvironment.ts';

export type Postmaster = ReturnType<typeof launchPostmaster>;

const POLL_MS = 20;
const FAST_STOP_MS = 15_000;
const IMMEDIATE_STOP_MS = 5_000;
const LOG_TAIL_BYTES = 2_000;

/** Starts the database's main process. */
export function launchPostmaster(options: {
  program: string;
  args: readonly string[];
  owner: ProcessOwner;
  logFile: string;
  /** Called when the process ends without `stop`. */
  onLost: (how: string) => void;
}) {
  const { logFile, owner, onLost } = options;
  // Keeps one earlier log, which has the reason of a crash.
  if (fs.existsSync(logFile)) fs.renameSync(logFile, `${logFile}.1`);
  const log = fs.openSync(logFile, 'a', 0o600);
  const { file, args } = owner.command(options.program, options.args);
  // In its own process group: Ctrl-C signals only this process, which then stops the database.
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
    hasEnded: (): boolean => child.pid === undefined || child.exitCode !== null || child.signalCode !== null,
    /** The end of the log of this run. */
    logTail: (): string => fs.readFileSync(logFile, 'utf8').slice(-LOG_TAIL_BYTES).trim(),
    /** Lets this process end while the database runs. */
    unref: (): void => child.unref(),
    /** Fast shutdown: rolls back open transactions and writes out everything committed. */
    stop(): Promise<void> {
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
 * Ends the database that an earlier, killed process left running on `data`, and removes its lock file. The pid in the
 * file counts only if that process runs on this folder; otherwise a reused pid would get another program killed, or
 * prevent the start for ever.
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
          `Process ${pid} is an earlier database on ${data} that does not end. Kill it and start again.`,
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
