import { spawnSync } from 'node:child_process';
import { EmbeddedPostgresError } from './embeddedPostgresError.ts';

/** The account under which the database's programs run, and what has to stand before their command for it. */
export type ProcessOwner = {
  how: 'direct' | 'user namespace' | 'nobody';
  /** Set when it is another account than ours: files must then be handed to it. */
  uid: number | undefined;
  command(program: string, args: readonly string[]): { file: string; args: string[] };
};

/** Tells whether a command runs and ends well here. */
export type CommandProbe = (file: string, args: readonly string[]) => boolean;

const NOBODY = 65_534;

/**
 * Linux kills nobody's children when a process is killed; this asks for it. INT is the database's fast shutdown, so
 * that `kill -9` of the server still ends the database in good order. It follows the thread that spawned it:
 * the launcher must run in a main thread.
 */
const DEATH_SIGNAL = ['--pdeathsig', 'INT'];

/**
 * PostgreSQL refuses to run as root. As root it runs in a user namespace of its own, in which our number is not 0;
 * where those are forbidden (many containers), as `nobody` with the right to pass through root's closed folders.
 */
export function chooseProcessOwner(
  probe: CommandProbe = runsWell,
  isRoot: boolean = process.getuid?.() === 0,
): ProcessOwner {
  const deathSignal = probe('setpriv', [...DEATH_SIGNAL, 'true']) ? DEATH_SIGNAL : [];
  const dying = deathSignal.length > 0 ? ['setpriv', ...deathSignal] : [];
  if (!isRoot) return ownerWith('direct', undefined, dying);
  if (probe('unshare', ['-U', 'true'])) {
    return ownerWith('user namespace', undefined, ['unshare', '-U', ...dying]);
  }
  const asNobody = [
    `--reuid=${NOBODY}`,
    `--regid=${NOBODY}`,
    '--clear-groups',
    '--inh-caps=+dac_override',
    '--ambient-caps=+dac_override',
    ...deathSignal,
  ];
  if (probe('setpriv', [...asNobody, 'true'])) return ownerWith('nobody', NOBODY, ['setpriv', ...asNobody]);
  throw new EmbeddedPostgresError(
    'PostgreSQL does not run as root, and neither `unshare -U` nor `setpriv` (Debian: util-linux) works here. ' +
      'Run as another user, or set DATABASE_URL to a database of your own.',
  );
}

function ownerWith(
  how: ProcessOwner['how'],
  uid: number | undefined,
  prefix: readonly string[],
): ProcessOwner {
  return {
    how,
    uid,
    command(program, args) {
      const [file = program, ...rest] = [...prefix, program, ...args];
      return { file, args: rest };
    },
  };
}

function runsWell(file: string, args: readonly string[]): boolean {
  return spawnSync(file, [...args], { stdio: 'ignore' }).status === 0;
}
