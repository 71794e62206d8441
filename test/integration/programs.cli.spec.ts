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
/** All programs parse their arguments by the same function: the spellings are tried on one. */
const QUICKEST = 'server/token';

/** A program that ignores its arguments fails here with another message. */
const UNUSABLE = { HOST: '192.0.2.1', SIMULATOR_HOST: '192.0.2.1', DATA_DIR: '/dev/null/none' };

/** A process start takes seconds on a busy machine. */
const PATIENCE_MS = 120_000;

function run(program: string, ...args: string[]): Promise<ProgramEnd> {
  return runProgram(program, args, UNUSABLE);
}

async function expectRefusal(program: string, argument: string): Promise<void> {
  const { code, stdout, stderr } = await run(program, argument);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr.split('\n')[0]).toContain(argument);
  expect(stderr).toContain('\nUsage: ');
}

describe('programs', () => {
  it.each(PROGRAMS)(
    '%s answers --help and --version, refuses --chekc by its name, and starts nothing',
    async (program) => {
      const [help, versionAnswer] = await Promise.all([
        run(program, '--help'),
        run(program, '--version'),
        expectRefusal(program, '--chekc'),
      ]);
      expect(help).toMatchObject({ code: 0, stderr: '' });
      expect(help.stdout).toMatch(new RegExp(`^Usage: node dist/${program}.js.+--version`, 's'));
      expect(versionAnswer).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
    },
    PATIENCE_MS,
  );

  it(
    'know -h, and refuse a word without dashes',
    async () => {
      const [help, short] = await Promise.all([
        run(QUICKEST, '--help'),
        run(QUICKEST, '-h'),
        expectRefusal(QUICKEST, 'sideways'),
      ]);
      expect(short).toEqual(help);
    },
    PATIENCE_MS,
  );
});
