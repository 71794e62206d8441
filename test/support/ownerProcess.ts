import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import readline from 'node:readline';
import { z } from 'zod';
import { programFile } from './programs.ts';
import { waitFor } from './waitFor.ts';

const Announced = z.object({ url: z.string(), pid: z.number() });

export type OwnerProcess = {
  child: ChildProcess;
  url: string;
  /** Of the database, not of its owner. */
  postgresPid: number;
  /** The number of committed rows that the owner has printed. */
  committed(): number;
  /** `kill -9`. */
  kill(): Promise<void>;
};

/** Starts a process that owns an embedded database in `dir` and keeps writing to it. */
export async function startOwnerProcess(dir: string, env: NodeJS.ProcessEnv = {}): Promise<OwnerProcess> {
  const child = spawn(process.execPath, [programFile('test/support/embeddedPostgresOwner.js'), dir], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  let complaints = '';
  readline.createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  child.stderr.on('data', (chunk) => (complaints += String(chunk)));
  await waitFor('the owner to announce its database', () => lines[0] ?? child.exitCode !== null);
  if (lines[0] === undefined) throw new Error(`the owner ended: ${complaints}`);
  const { url, pid } = Announced.parse(JSON.parse(lines[0]));
  return {
    child,
    url,
    postgresPid: pid,
    committed: () => Number(lines.length > 1 ? lines.at(-1) : 0),
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const closed = once(child, 'close');
      child.kill('SIGKILL');
      await closed;
    },
  };
}
