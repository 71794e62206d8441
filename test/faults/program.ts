import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { transformSync } from 'esbuild';
import { childProcesses } from '../support/childProcesses.ts';
import type { NodeFaults } from './nodeFaults.types.ts';

const NO_FAULTS: NodeFaults = { clockAheadMs: 0, lostTimer: null, blockMs: 0, blockEveryMs: 0 };
const KEPT_OUTPUT = 200_000;

export type Settings = Readonly<Record<string, string | undefined>>;

/** One of our programs as a process that is ended, started again with other settings, and made to suffer. */
export type Program = {
  pid(): number;
  isRunning(): boolean;
  /** Everything it has written since its last start. */
  output(): string;
  /** Starts it with its own settings, and `changed` on top; `undefined` takes a setting away. */
  start(changed?: Settings, args?: readonly string[]): void;
  /** SIGTERM, and waits for the end. */
  stop(): Promise<void>;
  /** SIGKILL to it, and waits for the end. */
  kill(): Promise<void>;
  signal(signal: NodeJS.Signals): void;
  /** Each call sets all of them: what is left out is well again. */
  suffer(faults: Partial<NodeFaults>): void;
  /** Of the processes that it has started, such as the embedded database. */
  children(): number[];
};

const children = new Set<ChildProcess>();
// However this process ends: a stopped rig has no owner who would end its programs.
process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});

/** Not started yet. `folder` takes the file by which it is made to suffer. */
export function createProgram(options: { file: string; folder: string; settings: Settings }): Program {
  const { file, folder, settings } = options;
  const ownFolder = fs.mkdtempSync(path.join(folder, 'program-'));
  const faultsFile = path.join(ownFolder, 'faults.json');
  const preload = writePreload(ownFolder);
  let child: ChildProcess | undefined;
  let closed: Promise<unknown> | undefined;
  let output = '';

  const isRunning = (): boolean =>
    child !== undefined && child.exitCode === null && child.signalCode === null;

  function running(): ChildProcess {
    if (child === undefined || !isRunning()) {
      throw new Error(`${path.basename(path.dirname(file))} has ended:\n${output.slice(-2_000)}`);
    }
    return child;
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    if (child === undefined) return;
    // A stopped process does not see SIGTERM until it goes on.
    child.kill('SIGCONT');
    child.kill(signal);
    await closed;
  }

  return {
    pid: () => running().pid!,
    isRunning,
    output: () => output,
    start(changed = {}, args = []) {
      if (isRunning()) throw new Error(`${file} runs already`);
      const env = Object.entries({ ...settings, ...changed }).filter(([, value]) => value !== undefined);
      output = '';
      child = spawn(process.execPath, ['--import', preload, file, ...args], {
        cwd: folder,
        env: { PATH: process.env['PATH'], NODE_FAULTS_FILE: faultsFile, ...Object.fromEntries(env) },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const started = child;
      children.add(started);
      started.once('exit', () => children.delete(started));
      closed = once(child, 'close');
      for (const stream of [child.stdout, child.stderr]) {
        stream?.on('data', (text) => (output = (output + String(text)).slice(-KEPT_OUTPUT)));
      }
    },
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    signal: (signal) => void running().kill(signal),
    suffer(faults) {
      fs.writeFileSync(faultsFile, JSON.stringify({ ...NO_FAULTS, ...faults }));
      running().kill('SIGUSR2');
    },
    children: () => childProcesses(running().pid!),
  };
}

/** As JavaScript: the programs are started by plain Node, as operators start them. */
function writePreload(folder: string): string {
  const source = fs.readFileSync(path.join(import.meta.dirname, 'nodeFaults.ts'), 'utf8');
  const file = path.join(folder, 'nodeFaults.mjs');
  fs.writeFileSync(file, transformSync(source, { loader: 'ts' }).code);
  return file;
}
