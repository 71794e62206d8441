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

/** Fails, with the packages' names, unless Debian's Python can import the Socket.IO client. */
export function requirePythonSocketIo(): void {
  const { status } = spawnSync('/usr/bin/python3', ['-c', 'import socketio, websocket, requests']);
  if (status !== 0)
    throw new Error(
      'This test needs the Socket.IO client of Python: apt-get install python3-socketio python3-websocket ' +
        'python3-requests, or run .ci/run as root, which installs them.',
    );
}
