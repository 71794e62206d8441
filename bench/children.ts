import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export type Child = {
  port: number;
  key?: string;
  token?: string;
  secret?: string;
  /** Sends a message and resolves with the next one of the child. */
  ask: <Answer>(message: object) => Promise<Answer>;
  stop: () => void;
};

/** Starts a process of the benchmarks; resolves with its first message. It ends with this process. */
export function startChild(
  file: string,
  { args = [], env = {} }: { args?: readonly string[]; env?: Record<string, string> } = {},
): Promise<Child> {
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), args, {
    env: { ...process.env, ...env },
    execArgv: process.execArgv,
  });
  async function ask<Answer>(message: object): Promise<Answer> {
    const answer = once(child, 'message') as Promise<[Answer]>;
    child.send(message);
    return (await answer)[0];
  }
  return new Promise((resolve, reject) => {
    child.once('message', (message) =>
      resolve({ ...(message as Omit<Child, 'stop' | 'ask'>), ask, stop: () => child.disconnect() }),
    );
    child.once('exit', (code) => reject(new Error(`${file} ended with ${code} before it listened`)));
  });
}
