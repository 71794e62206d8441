import { spawnSync } from 'node:child_process';

/** Debian's package of each tool that a spec runs; `.ci/run` installs the same list as root. */
const PACKAGES = {
  caddy: 'caddy',
  nginx: 'nginx-light',
  openssl: 'openssl',
  pgbouncer: 'pgbouncer',
  promtool: 'prometheus',
  'systemd-analyze': 'systemd',
} as const;

/**
 * The path of a tool, in /usr/sbin too, where Debian puts servers. A missing tool fails the spec and names its package: a
 * skipped test looks like a passed one.
 */
export function findTool(name: keyof typeof PACKAGES): string {
  for (const program of [name, `/usr/sbin/${name}`]) {
    if (spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined) return program;
  }
  throw new Error(
    `This test needs ${name}: apt-get install ${PACKAGES[name]}, or run .ci/run as root, which installs it.`,
  );
}
