import path from 'node:path';
import { fileURLToPath } from 'node:url';

const PROGRAMS = { migrate: 'server/migrate', token: 'server/token', collector: 'collector/main' } as const;

/**
 * The command line of a program, for messages. Built files run on Node alone; sources need tsx, a development package, and
 * so `npm run`.
 */
export function commandLine(
  program: keyof typeof PROGRAMS,
  args: readonly string[] = [],
  here: string = import.meta.url,
): string {
  if (here.endsWith('.js')) {
    const file = fileURLToPath(new URL(`../${PROGRAMS[program]}.js`, here));
    return ['node', path.relative(process.cwd(), file), ...args].join(' ');
  }
  return [`npm run ${program}`, ...(args.length > 0 ? ['--', ...args] : [])].join(' ');
}
