import path from 'node:path';
import { fileURLToPath } from 'node:url';

const PROGRAMS = { migrate: 'server/migrate', token: 'server/token', collector: 'collector/main' } as const;

/**
 * How one of our programs is called where this code runs. Built files need Node alone; the sources need tsx, which is a
 * development package behind `npm run`. A message that names a command takes it from here.
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
