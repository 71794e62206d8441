import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { startEmbeddedPostgres } from '../../src/platform/embedded/embeddedPostgres.ts';
import { processMark } from '../../src/platform/embedded/processIdentity.ts';
import { startOwnerProcess } from '../support/ownerProcess.ts';
import { waitFor } from '../support/waitFor.ts';

const isRoot = process.getuid?.() === 0;

describe('startEmbeddedPostgres', () => {
  let dir: string;
  const releases: (() => unknown)[] = [];

  beforeEach(() => {
    dir = fs.mkdtempSync(path.join(os.tmpdir(), 'open-interest-embedded-'));
    releases.push(() => fs.rmSync(dir, { recursive: true, force: true }));
  });

  afterEach(async () => {
    for (let release = releases.pop(); release; release = releases.pop()) await release();
  });

  async function start(): ReturnType<typeof startEmbeddedPostgres> {
    const postgres = await startEmbeddedPostgres({ dir });
    releases.push(() => postgres.stop());
    return postgres;
  }

  it('starts a durable database that listens on loopback only and has no unix socket', async () => {
    const { url } = await start();
    expect(await settings(url)).toEqual({
      fsync: 'on',
      synchronous_commit: 'on',
      full_page_writes: 'on',
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '',
      password_encryption: 'scram-sha-256',
    });
  });

  it('refuses a connection with another password', async () => {
    const { url } = await start();
    const wrong = new URL(url);
    wrong.password = 'postgres';
    await expect(select(wrong.href, 'select 1')).rejects.toMatchObject({ code: '28P01' });
  });

  it('keeps its rows and its password over a stop and a start', async () => {
    const first = await start();
    await select(first.url, 'create table kept as select 42 as n');
    await first.stop();
    const second = await start();
    expect(new URL(second.url).password).toBe(new URL(first.url).password);
    expect(await select(second.url, 'select n from kept')).toEqual([{ n: 42 }]);
  });

  it('leaves no process and no lock behind when it is stopped, and may be stopped twice', async () => {
    const postgres = await start();
    await postgres.stop();
    await postgres.stop();
    expect(processMark(postgres.pid)).toBeNull();
    expect(fs.readdirSync(dir).toSorted()).toEqual(['password', 'pgdata', 'postgres.log']);
    expect(fs.existsSync(path.join(dir, 'pgdata/postmaster.pid'))).toBe(false);
  });

  it('refuses a folder that another process uses, with the remedy', async () => {
    const owner = await startOwnerProcess(dir);
    releases.push(() => owner.kill());
    await expect(startEmbeddedPostgres({ dir })).rejects.toThrow(
      new RegExp(`in use by process ${owner.child.pid}\\. Stop that process, or set DATA_DIR .*DATABASE_URL`),
    );
    expect(processMark(owner.postgresPid)).not.toBeNull();
  });

  it('refuses a folder that this process already uses', async () => {
    await start();
    await expect(startEmbeddedPostgres({ dir })).rejects.toThrow('in use by this process already');
  });

  it('gives the folder to one of several concurrent starts, even with a stale claim on it', async () => {
    fs.writeFileSync(path.join(dir, 'owner.pid'), `${process.pid}\nthe mark of an earlier process\n`);
    const starts = await Promise.allSettled(Array.from({ length: 3 }, () => startOwnerProcess(dir)));
    const owners = starts.filter((it) => it.status === 'fulfilled').map((it) => it.value);
    for (const owner of owners) releases.push(() => owner.kill());
    expect(owners).toHaveLength(1);
    for (const refusal of starts.filter((it) => it.status === 'rejected')) {
      expect(String(refusal.reason)).toMatch(/in use by process \d+\. Stop that process/);
    }
    await waitFor('a committed row of the one', () => (owners[0]?.committed() ?? 0) >= 1);
  });

  it('starts again immediately after its main process alone was killed, with a backend still running', async () => {
    const killed = await start();
    const busy = select(killed.url, 'select pg_sleep(30)').catch((thrown: unknown) => thrown);
    await waitFor('the backend to be busy', async () => {
      const rows = await select(
        killed.url,
        "select 1 from pg_stat_activity where query = 'select pg_sleep(30)'",
      );
      return rows.length > 0;
    });
    process.kill(killed.pid, 'SIGKILL');
    await killed.stop();
    const { url } = await start();
    expect(await select(url, 'select 1 as one')).toEqual([{ one: 1 }]);
    expect(await busy).toBeInstanceOf(Error);
  });

  it('I1 keeps every committed row when its owner is killed, and ends with it', async () => {
    const owner = await startOwnerProcess(dir);
    await waitFor('a hundred committed rows', () => owner.committed() >= 100);
    await owner.kill();
    const committed = owner.committed();
    if (process.platform === 'linux') {
      await waitFor('the database to end with its owner', () => processMark(owner.postgresPid) === null);
    }
    const { url } = await start();
    expect(await select(url, `select count(*)::int as n from written where n <= ${committed}`)).toEqual([
      { n: committed },
    ]);
  });

  it('ends a database that outlived its owner, and starts a new one on the same rows', async () => {
    // Without the death signal the database does not notice the death of its owner.
    const owner = await startOwnerProcess(dir, { PATH: pathRefusing('setpriv', '--pdeathsig') });
    releases.push(() => processMark(owner.postgresPid) && process.kill(owner.postgresPid, 'SIGQUIT'));
    await waitFor('a committed row', () => owner.committed() >= 1);
    await owner.kill();
    expect(processMark(owner.postgresPid)).not.toBeNull();
    const { url } = await start();
    expect(processMark(owner.postgresPid)).toBeNull();
    const [row] = await select(url, 'select count(*)::int as n from written');
    expect((row as { n: number }).n).toBeGreaterThanOrEqual(owner.committed());
  });

  it('replaces locks whose process numbers belong to other programs, and leaves those programs alone', async () => {
    await (await start()).stop();
    const stranger = spawn('sleep', ['60'], { stdio: 'ignore' });
    releases.push(() => stranger.kill());
    fs.writeFileSync(path.join(dir, 'owner.pid'), `${stranger.pid}\nthe mark of an earlier process\n`);
    fs.writeFileSync(
      path.join(dir, 'pgdata/postmaster.pid'),
      `${stranger.pid}\n${dir}/pgdata\n1\n5432\n\n127.0.0.1\n`,
    );
    const { url } = await start();
    expect(await select(url, 'select 1 as one')).toEqual([{ one: 1 }]);
    expect(processMark(stranger.pid ?? 0)).not.toBeNull();
  });

  it('starts over when an earlier start was cut short while it created the files', async () => {
    fs.mkdirSync(path.join(dir, 'pgdata.init/base'), { recursive: true });
    fs.writeFileSync(path.join(dir, 'password'), 'of the start that was cut short\n');
    const { url } = await start();
    expect(await select(url, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('quotes the log when the database does not start, and frees the folder', async () => {
    await expect(startEmbeddedPostgres({ dir, flags: ['-c', 'no_such_setting=1'] })).rejects.toThrow(
      'unrecognized configuration parameter "no_such_setting"',
    );
    const { url } = await start();
    expect(await select(url, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  // Only root has to change its account.
  if (isRoot) {
    it('runs as the user nobody where root has no user namespaces', async () => {
      const owner = await startOwnerProcess(dir, { PATH: pathRefusing('unshare', '-U') });
      releases.push(() => owner.kill());
      const status = fs.readFileSync(`/proc/${owner.postgresPid}/status`, 'utf8');
      expect(/^Uid:\s+(\d+)/m.exec(status)?.[1]).toBe('65534');
      await waitFor('a committed row', () => owner.committed() >= 1);
      await owner.kill();
      await waitFor('the database to end with its owner', () => processMark(owner.postgresPid) === null);
      // And the files go back to root's own account where namespaces are allowed.
      const { url } = await start();
      const [row] = await select(url, 'select count(*)::int as n from written');
      expect((row as { n: number }).n).toBeGreaterThanOrEqual(owner.committed());
    });
  }

  /** A PATH on which `command` fails if `option` is among its arguments. */
  function pathRefusing(command: string, option: string): string {
    const folder = path.join(dir, `refusing-${command}`);
    const realPath = process.env['PATH'];
    fs.mkdirSync(folder);
    fs.writeFileSync(
      path.join(folder, command),
      `#!/bin/sh\ncase "$*" in *${option}*) exit 1 ;; esac\nPATH='${realPath}' exec ${command} "$@"\n`,
      { mode: 0o755 },
    );
    return `${folder}:${realPath}`;
  }
});

async function select(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return (await client.query(sql)).rows as unknown[];
  } finally {
    await client.end();
  }
}

async function settings(url: string): Promise<Record<string, string>> {
  const names = [
    'fsync',
    'synchronous_commit',
    'full_page_writes',
    'listen_addresses',
    'unix_socket_directories',
    'password_encryption',
  ];
  const rows = await select(
    url,
    `select name, setting from pg_settings where name in (${names.map((name) => `'${name}'`).join(', ')})`,
  );
  return Object.fromEntries(
    (rows as { name: string; setting: string }[]).map((row) => [row.name, row.setting]),
  );
}
