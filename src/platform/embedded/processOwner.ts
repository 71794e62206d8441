import { spawnSync } from 'node:child_process';
import os from 'node:os';
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

/** Who we are: PostgreSQL runs neither as root nor as a number without a name. */
export type Account = { isRoot: boolean; hasName: boolean };

/**
 * As root, or under a number that no account has (containers with `--user`), the database runs in a user namespace of
 * its own, in which our number is that of `nobody`. Where those are forbidden, root becomes `nobody` itself, with
 * the right to pass through root's closed folders.
 */
export function chooseProcessOwner(
  probe: CommandProbe = runsWell,
  account: Account = ownAccount(),
): ProcessOwner {
  const deathSignal = probe('setpriv', [...DEATH_SIGNAL, 'true']) ? DEATH_SIGNAL : [];
  const dying = deathSignal.length > 0 ? ['setpriv', ...deathSignal] : [];
  if (!account.isRoot && account.hasName) return ownerWith('direct', undefined, dying);
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
  if (account.isRoot && probe('setpriv', [...asNobody, 'true'])) {
    return ownerWith('nobody', NOBODY, ['setpriv', ...asNobody]);
  }
  throw new EmbeddedPostgresError(
    'PostgreSQL runs neither as root nor as a user without a name, and `unshare -U` (and `setpriv`, for root) of ' +
      'util-linux do not work here. Run as an ordinary user, or set DATABASE_URL to a database of your own.',
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
