import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export type Child = { port: number; key?: string; token?: string; stop: () => void };

/** Starts a server of the benchmarks; resolves with what it says when it listens. It ends with this process. */
export function startChild(
  file: string,
  { args = [], env = {} }: { args?: readonly string[]; env?: Record<string, string> } = {},
): Promise<Child> {
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), args, {
    env: { ...process.env, ...env },
    execArgv: process.execArgv,
  });
  return new Promise((resolve, reject) => {
    child.once('message', (message) =>
      resolve({ ...(message as Omit<Child, 'stop'>), stop: () => child.disconnect() }),
    );
    child.once('exit', (code) => reject(new Error(`${file} ended with ${code} before it listened`)));
  });
}
