import { execFile } from 'node:child_process';
import path from 'node:path';
import { programFile } from './programs.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');

export type ProgramEnd = { code: number; stdout: string; stderr: string };

/** Runs a program, e.g. `server/history`, until it ends, with PATH and the given environment. */
export function runProgram(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<ProgramEnd> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [programFile(`dist/${program}.js`), ...args],
      { cwd: ROOT, env: { PATH: process.env['PATH'], ...env }, timeout: 60_000 },
      (fault, stdout, stderr) => resolve({ code: fault ? Number(fault.code ?? -1) : 0, stdout, stderr }),
    );
  });
}
