import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { runProgram, type ProgramEnd } from '../support/runProgram.ts';

const { version } = JSON.parse(
  readFileSync(path.resolve(import.meta.dirname, '../../package.json'), 'utf8'),
) as { version: string };

const PROGRAMS = [
  'server/main',
  'server/migrate',
  'server/token',
  'collector/main',
  'simulator/main',
  'demo/main',
];

/** A program that ignores its arguments fails here with another message. */
const UNUSABLE = { HOST: '192.0.2.1', SIMULATOR_HOST: '192.0.2.1', DATA_DIR: '/dev/null/none' };

/** A process start takes seconds on a busy machine. */
const PATIENCE_MS = 120_000;

function run(program: string, ...args: string[]): Promise<ProgramEnd> {
  return runProgram(program, args, UNUSABLE);
}

describe.each(PROGRAMS)('%s', (program) => {
  it(
    'answers --help and --version, and starts nothing',
    async () => {
      const help = await run(program, '--help');
      expect(help).toMatchObject({ code: 0, stderr: '' });
      expect(help.stdout).toMatch(new RegExp(`^Usage: node dist/${program}.js.+--version`, 's'));
      expect((await run(program, '-h')).stdout).toBe(help.stdout);
      expect(await run(program, '--version')).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
    },
    PATIENCE_MS,
  );

  it.each(['--chekc', 'sideways'])(
    'refuses %s by its name and prints its usage',
    async (argument) => {
      const { code, stdout, stderr } = await run(program, argument);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr.split('\n')[0]).toContain(argument);
      expect(stderr).toContain('\nUsage: ');
    },
    PATIENCE_MS,
  );
});
