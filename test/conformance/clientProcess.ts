import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { BoardPosition, BoardRow } from '../../src/openInterest/openInterest.types.ts';

/** What a client prints, on one line of JSON, for each line it reads. */
type PrintedBoard = Partial<BoardPosition> & { rows: BoardRow[] };

export type ClientProcess = ReturnType<typeof startClient>;

/** Starts a client of the protocol; its environment names the server and the file of its token. */
export function startClient(command: readonly string[], env: { OI_URL: string; OI_TOKEN_FILE: string }) {
  const [program, ...args] = command;
  const child = spawn(program!, args, { env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
  const waiting: ((line: string) => void)[] = [];
  let errors = '';
  child.stderr.on('data', (bytes: Buffer) => (errors += bytes.toString()));
  child.stdin.on('error', () => undefined);
  createInterface({ input: child.stdout }).on('line', (line) => waiting.shift()?.(line));

  return {
    async board(): Promise<PrintedBoard> {
      if (child.exitCode !== null) throw new Error(`the client has ended: ${errors}`);
      const line = await new Promise<string>((resolve) => {
        waiting.push(resolve);
        child.stdin.write('board\n');
      });
      return JSON.parse(line) as PrintedBoard;
    },
    stop: (): boolean => child.kill('SIGSTOP'),
    resume: (): boolean => child.kill('SIGCONT'),
    kill: (): boolean => child.kill('SIGKILL'),
  };
}
