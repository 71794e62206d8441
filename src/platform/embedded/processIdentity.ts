import { spawnSync } from 'node:child_process';
import fs from 'node:fs';

/**
 * What tells a process from a later one that got the same number: when it was started, and in which run of the
 * machine. `null` when no such process runs. A number alone proves nothing: after a reboot, or in a new container,
 * the number in a stale file belongs to somebody else.
 */
export function processMark(pid: number): string | null {
  if (!Number.isSafeInteger(pid) || pid <= 0) return null;
  if (process.platform === 'linux') return linuxMark(pid);
  if (process.platform === 'win32') return signalReaches(pid) ? 'running' : null;
  const [state = '', ...startedAt] = askPs(pid, 'state=,lstart=').split(/\s+/);
  return state === '' || state.startsWith('Z') ? null : startedAt.join(' ');
}

/** The program and its arguments, blank-separated; empty when the process has ended or may not be looked at. */
export function processCommand(pid: number): string {
  if (process.platform !== 'linux') return askPs(pid, 'command=');
  return readOrEmpty(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim();
}

function linuxMark(pid: number): string | null {
  const stat = readOrEmpty(`/proc/${pid}/stat`);
  // The name in parentheses may hold blanks and parentheses of its own; what follows the last one is regular,
  // starting with field 3 (state); field 22 is the start in clock ticks since boot.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const state = fields[0];
  const startTicks = fields[19];
  // Z and X: ended, and only its parent has not been told yet.
  if (startTicks === undefined || state === 'Z' || state === 'X') return null;
  return `${readOrEmpty('/proc/sys/kernel/random/boot_id').trim()}:${startTicks}`;
}

function askPs(pid: number, columns: string): string {
  const answer = spawnSync('ps', ['-o', columns, '-p', String(pid)], {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C' },
  });
  return answer.status === 0 ? answer.stdout.trim() : '';
}

function signalReaches(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function readOrEmpty(file: string): string {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
