import { spawnSync } from 'node:child_process';
import os from 'node:os';
import { EmbeddedPostgresError } from './embeddedPostgresError.ts';

/** The account of the database's programs, and how to start a program under it. */
export type ProcessOwner = {
  how: 'direct' | 'user namespace' | 'nobody';
  /** Set if it is another account, which must then own the files. */
  uid: number | undefined;
  command(program: string, args: readonly string[]): { file: string; args: string[] };
};

/** Whether a command exits with 0 on this machine. */
export type CommandProbe = (file: string, args: readonly string[]) => boolean;

const NOBODY = 65_534;

/**
 * Linux does not signal the children of a killed process unless they request it. INT is the database's fast shutdown, so
 * even `kill -9` of the server shuts the database down cleanly. The parent is a thread: launch from the main thread.
 */
const DEATH_SIGNAL = ['--pdeathsig', 'INT'];

/** PostgreSQL refuses to run as root and as a uid without a user name. */
export type Account = { isRoot: boolean; hasName: boolean };

/**
 * As root, or as a uid without a user name (containers with `--user`), the database runs in a new user namespace, where
 * the uid maps to `nobody`. If namespaces are forbidden, root switches to `nobody` with the capability to enter root's
 * folders.
 */
export function chooseProcessOwner(
  probe: CommandProbe = succeeds,
  account: Account = ownAccount(),
): ProcessOwner {
  const deathSignal = probe('setpriv', [...DEATH_SIGNAL, 'true']) ? DEATH_SIGNAL : [];
  const dying = deathSignal.length > 0 ? ['setpriv', ...deathSignal] : [];
  if (!account.isRoot && account.hasName) return createOwner('direct', undefined, dying);
  if (probe('unshare', ['-U', 'true'])) {
    return createOwner('user namespace', undefined, ['unshare', '-U', ...dying]);
  }
  const asNobody = [
    `--reuid=${NOBODY}`,
    `--regid=${NOBODY}`,
    '--clear-groups',
    '--inh-caps=+dac_override',
    '--ambient-caps=+dac_override',
    ...deathSignal,
  ];
  if (account.isRoot && probe('setpriv', [...asNobody, 'true'])) {
    return createOwner('nobody', NOBODY, ['setpriv', ...asNobody]);
  }
  throw new EmbeddedPostgresError(
    'PostgreSQL runs neither as root nor as a user without a name, and `unshare -U` (and `setpriv`, for root) of ' +
      'util-linux fail on this machine. Run as an ordinary user, or set DATABASE_URL to an external database.',
  );
}

function ownAccount(): Account {
  return { isRoot: process.getuid?.() === 0, hasName: hasName() };
}

function hasName(): boolean {
  try {
    return os.userInfo().username !== '';
  } catch {
    return false;
  }
}

function createOwner(
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

function succeeds(file: string, args: readonly string[]): boolean {
  return spawnSync(file, [...args], { stdio: 'ignore' }).status === 0;
}
