import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export type RedisBinary = {
  program: string;
  env: NodeJS.ProcessEnv;
};

const CACHE = fileURLToPath(new URL('../../.cache/redis', import.meta.url));

/**
 * A real Redis server: the installed one, else the distribution's own signed package, fetched by apt-get and unpacked
 * under .cache (no root, nothing installed, no service). Without either the run fails: tests that need Redis are never
 * skipped, because a skipped test looks like a passed one.
 */
export function findRedisBinary(): RedisBinary {
  for (const program of ['redis-server', 'valkey-server']) {
    if (spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0)
      return { program, env: process.env };
  }
  try {
    if (!fs.existsSync(CACHE)) fetchPackages(CACHE);
    return unpackedBinary(CACHE);
  } catch (cause) {
    throw new Error(
      'The tests need a real Redis, and redis-server could neither be found nor fetched by apt-get. ' +
        'Install redis-server or valkey-server, or set TEST_REDIS_URL to a server that may be used for tests.',
      { cause },
    );
  }
}

function unpackedBinary(root: string): RedisBinary {
  const folders = ['usr/lib', 'lib']
    .map((folder) => path.join(root, folder))
    .filter((folder) => fs.existsSync(folder))
    .flatMap((folder) => fs.readdirSync(folder).map((entry) => path.join(folder, entry)));
  return {
    program: path.join(root, 'usr/bin/redis-server'),
    env: {
      ...process.env,
      LD_LIBRARY_PATH: [...folders, process.env['LD_LIBRARY_PATH'] ?? ''].filter(Boolean).join(':'),
    },
  };
}

function fetchPackages(target: string): void {
  const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'redis-packages-'));
  try {
    const apt = privateApt(scratch);
    apt('update');
    // What is installed here already needs not be fetched.
    const needed = [
      ...apt('-s', 'install', '--no-install-recommends', 'redis-server').matchAll(/^Inst (\S+)/gm),
    ];
    apt('download', 'redis-server', 'redis-tools', ...needed.map((match) => match[1] ?? ''));
    fs.mkdirSync(path.dirname(target), { recursive: true });
    const draft = fs.mkdtempSync(`${target}-`);
    for (const file of fs.readdirSync(scratch).filter((name) => name.endsWith('.deb'))) {
      execFileSync('dpkg', ['-x', path.join(scratch, file), draft]);
    }
    moveUnlessThere(draft, target);
  } finally {
    fs.rmSync(scratch, { recursive: true, force: true });
  }
}

/** apt-get with separate lists and archives: it needs no rights on the machine's and does not change them. */
function privateApt(scratch: string): (...args: string[]) => string {
  for (const folder of ['state/lists/partial', 'cache/archives/partial']) {
    fs.mkdirSync(path.join(scratch, folder), { recursive: true });
  }
  const settings = [
    `Dir::State=${scratch}/state`,
    'Dir::State::status=/var/lib/dpkg/status',
    `Dir::Cache=${scratch}/cache`,
    'Debug::NoLocking=1',
    // As root, apt would otherwise fetch as an account that may not enter the folder.
    ...(process.getuid?.() === 0 ? ['APT::Sandbox::User=root'] : []),
  ].flatMap((setting) => ['-o', setting]);
  return (...args) =>
    execFileSync('apt-get', [...settings, '-qq', ...args], {
      cwd: scratch,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
}

function moveUnlessThere(from: string, to: string): void {
  try {
    fs.renameSync(from, to);
  } catch (cause) {
    fs.rmSync(from, { recursive: true, force: true });
    if (!fs.existsSync(to)) throw cause;
  }
}
