import { spawn } from 'node:child_process';
import { once } from 'node:events';
import readline from 'node:readline';
import { programFile } from './programs.ts';

export type CollectorProcess = {
  pid: number;
  /** Every line it has logged so far, parsed. */
  lines: readonly Record<string, unknown>[];
  linesOf(message: string): Record<string, unknown>[];
  /** Its output that is not a log line. */
  complaints(): string;
  exited(): boolean;
  /** `kill -9` unless another signal is named; settles when it has ended. */
  end(signal?: NodeJS.Signals): Promise<number | null>;
};

/** The collector in a separate process, `npm run collector -- …args`, with only PATH of this environment. */
export function startCollectorProcess(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): CollectorProcess {
  const child = spawn(process.execPath, [programFile('dist/collector/main.js'), ...args], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: Record<string, unknown>[] = [];
  let complaints = '';
  readline.createInterface({ input: child.stdout }).on('line', (line) => {
    if (line.startsWith('{')) lines.push(JSON.parse(line) as Record<string, unknown>);
  });
  child.stderr.on('data', (part: Buffer) => (complaints += part.toString()));
  // Also for the output that is still in the pipe.
  const closed = once(child, 'close');
  return {
    pid: child.pid!,
    lines,
    linesOf: (message) => lines.filter((it) => it['msg'] === message),
    complaints: () => complaints,
    exited: () => child.exitCode !== null || child.signalCode !== null,
    async end(signal = 'SIGKILL') {
      child.kill(signal);
      await closed;
      return child.exitCode;
    },
  };
}
