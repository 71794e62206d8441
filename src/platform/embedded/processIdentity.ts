import { spawnSync } from 'node:child_process';
import fs from 'node:fs';

/**
 * Distinguishes a process from a later one with the same pid: its start time and the machine's boot. `null` if no such
 * process runs. A pid alone proves nothing, because it is reused after a reboot or in a new container.
 */
export function processMark(pid: number): string | null {
  if (!Number.isSafeInteger(pid) || pid <= 0) return null;
  if (process.platform === 'linux') return linuxMark(pid);
  if (process.platform === 'win32') return signalReaches(pid) ? 'running' : null;
  const [state = '', ...startedAt] = askPs(pid, 'state=,lstart=').split(/\s+/);
  return state === '' || state.startsWith('Z') ? null : startedAt.join(' ');
}

/** The program and its arguments, blank-separated; empty if the process has ended or is not readable. */
export function processCommand(pid: number): string {
  if (process.platform !== 'linux') return askPs(pid, 'command=');
  return readOrEmpty(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim();
}

function linuxMark(pid: number): string | null {
  const stat = readOrEmpty(`/proc/${pid}/stat`);
  // The name in parentheses may contain blanks and parentheses. Field 3 (state) follows the last one; field 22 is the start
  // in clock ticks since boot.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const state = fields[0];
  const startTicks = fields[19];
  // Z and X: ended, but not reaped by its parent.
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

export function readOrEmpty(file: string): string {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
