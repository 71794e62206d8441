import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { findFreePort } from '../../src/platform/embedded/freePort.ts';
import { findTool } from './installedTool.ts';
import { createPool } from './pool.ts';
import { waitFor } from './waitFor.ts';

export type PgBouncer = {
  /** The given database, through the pooler. */
  url: string;
  stop(): Promise<void>;
};

/**
 * A real PgBouncer in transaction mode in front of a database: the installed one, with its defaults except `settings`.
 */
export async function startPgBouncer(
  databaseUrl: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<PgBouncer> {
  const program = findTool('pgbouncer');
  const target = new URL(databaseUrl);
  const name = target.pathname.slice(1);
  const port = await findFreePort();
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'open-interest-pgbouncer-'));
  const users = path.join(dir, 'users.txt');
  fs.writeFileSync(users, `"${target.username}" "${decodeURIComponent(target.password)}"\n`);
  const lines = {
    listen_addr: '127.0.0.1',
    listen_port: String(port),
    unix_socket_dir: '',
    auth_type: 'trust',
    auth_file: users,
    pool_mode: 'transaction',
    ...settings,
  };
  const file = path.join(dir, 'pgbouncer.ini');
  fs.writeFileSync(
    file,
    [
      '[databases]',
      `${name} = host=${target.hostname} port=${target.port} dbname=${name}`,
      '[pgbouncer]',
      ...Object.entries(lines).map(([key, value]) => `${key} = ${value}`),
    ].join('\n'),
  );
  const user = process.getuid?.() === 0 ? privilegesOf('nobody') : null;
  if (user) execFileSync('chown', ['-R', String(user.uid), dir]);
  const child = spawn(program, [file], { stdio: 'ignore', cwd: os.tmpdir(), ...user });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const url = new URL(databaseUrl);
  url.port = String(port);
  await waitFor('PgBouncer to answer', async () => {
    if (child.exitCode !== null) throw new Error(`PgBouncer ended with ${child.exitCode}`);
    const pool = createPool({ url: url.href, max: 1 });
    try {
      await pool.query('select 1');
      return true;
    } catch {
      return false;
    } finally {
      await pool.end();
    }
  });
  return {
    url: url.href,
    async stop() {
      child.kill('SIGTERM');
      child.kill('SIGINT');
      await ended;
      fs.rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** It refuses to run as root. */
function privilegesOf(user: string): { uid: number; gid: number } {
  const id = (what: string): number => Number(execFileSync('id', [what, user], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}
