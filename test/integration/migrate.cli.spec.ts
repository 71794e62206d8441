import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { listMigrations, listPendingMigrations } from '../../src/platform/migrations.ts';
import { createEmptyDatabase, type TestDatabase } from '../support/database.ts';

const PROGRAM = fileURLToPath(new URL('../../src/server/migrate.ts', import.meta.url));

describe('npm run migrate', () => {
  let database: TestDatabase;
  let all: string[];

  beforeAll(async () => {
    database = await createEmptyDatabase();
    all = await listMigrations();
  });

  afterAll(async () => {
    await database.drop();
  });

  it('names the missing setting and an example of it', () => {
    const { status, stderr } = migrate([], { DATABASE_URL: '' });
    expect(status).toBe(1);
    expect(stderr).toMatch(/DATABASE_URL: .*postgres:\/\//);
  });

  it('refuses arguments that it does not know, and shows those that it does', () => {
    for (const args of [['sideways'], ['down', '0'], ['down', 'all'], ['down', '1', '2']]) {
      const { status, stderr } = migrate(args);
      expect({ args, status }).toEqual({ args, status: 2 });
      expect(stderr).toContain('npm run migrate -- down [n]');
    }
  });

  it('says that nothing was migrated, and why, when the database cannot be reached', () => {
    const { status, stderr } = migrate([], { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/nothing' });
    expect(status).toBe(1);
    expect(stderr).toContain('Nothing was migrated: connect ECONNREFUSED 127.0.0.1:1');
  });

  it('applies what is pending, then has nothing to do, and takes back the last ones', async () => {
    const up = migrate([]);
    expect(up).toMatchObject({ status: 0, stdout: lines('applied', all) });
    expect(migrate([]).stdout).toBe('Nothing to do: the database is up to date.\n');

    expect(migrate(['down'])).toMatchObject({ status: 0, stdout: lines('took back', all.slice(-1)) });
    const taken = all.slice(0, -1).toReversed().slice(0, 2);
    expect(migrate(['down', '2'])).toMatchObject({ status: 0, stdout: lines('took back', taken) });
    expect(await listPendingMigrations(database.pool)).toEqual(all.slice(-3));
  });

  function migrate(args: string[], env: NodeJS.ProcessEnv = { DATABASE_URL: database.url }) {
    return spawnSync(process.execPath, ['--import', 'tsx', PROGRAM, ...args], {
      encoding: 'utf8',
      env: { ...process.env, ...env },
    });
  }
});

function lines(what: string, names: string[]): string {
  return names.map((name) => `${what}  ${name}\n`).join('');
}
