import { spawnSync } from 'node:child_process';
import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import { listMigrations, listPendingMigrations } from '../../src/platform/database/migrations.ts';
import { createEmptyDatabase } from '../support/database.ts';
import { programFile } from '../support/programs.ts';
import { withOpened } from '../support/withOpened.ts';

describe('npm run migrate', () => {
  const database = withOpened(createEmptyDatabase, 'drop');
  let all: string[];

  beforeAll(async () => {
    all = await listMigrations();
  });

  it('names the missing setting and an example of it', () => {
    const { status, stderr } = migrate([], { DATABASE_URL: '' });
    expect(status).toBe(1);
    expect(stderr).toMatch(/DATABASE_URL: .*postgres:\/\//);
  });

  it('refuses unknown arguments, and lists the known ones', () => {
    for (const args of [['sideways'], ['down', '0'], ['down', 'all'], ['down', '1', '2']]) {
      const { status, stderr } = migrate(args);
      expect({ args, status }).toEqual({ args, status: 2 });
      expect(stderr).toContain('migrate.js down [N]');
    }
  });

  it('reports that nothing was migrated, and why, when the database cannot be reached', () => {
    const { status, stderr } = migrate([], { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/nothing' });
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /^Nothing was migrated: DATABASE_URL: 127\.0\.0\.1:1\/nothing cannot be used: connect ECONNREFUSED 127\.0\.0\.1:1; .+\n$/,
    );
  });

  it('applies pending migrations, then does nothing, and reverts the last ones', async () => {
    const up = migrate([]);
    expect(up).toMatchObject({ status: 0, stdout: lines('applied', all) });
    expect(migrate([]).stdout).toBe('Nothing to do: the database is up to date.\n');

    expect(migrate(['down'])).toMatchObject({ status: 0, stdout: lines('reverted', all.slice(-1)) });
    const taken = all.slice(0, -1).toReversed().slice(0, 2);
    expect(migrate(['down', '2'])).toMatchObject({ status: 0, stdout: lines('reverted', taken) });
    expect(await listPendingMigrations(database.pool)).toEqual(all.slice(-3));
  });

  it('reverts nothing when fewer migrations are applied than requested', async () => {
    migrate([]);
    const { status, stdout, stderr } = migrate(['down', '9999', '--yes']);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toBe('Nothing was migrated: the database has fewer than 9999 migrations to revert\n');
    expect(await listPendingMigrations(database.pool)).toEqual([]);
  });

  it('drops data only with --yes, and lists beforehand what it would drop', async () => {
    migrate([]);
    await database.pool.query(
      `insert into open_interest_liquid_symbols (symbol, quote_volume_24h, entered_at, last_seen_at)
       values ('BTCUSDT', 1e9, now(), now())`,
    );
    const count = all.length - all.findIndex((it) => it.endsWith('_open-interest-liquid-universe'));
    const asked = migrate(['down', String(count)]);
    expect({ status: asked.status, stdout: asked.stdout }).toEqual({ status: 1, stdout: '' });
    expect(asked.stderr).toMatch(
      /drops these with their data:\n(?: {2}\S+\.\w+ +\d+ kB\n)* {2}open_interest_liquid_symbols +\d+ kB\n.*--yes/,
    );
    expect(asked.stderr).not.toContain('open_interest_liquid_journal');
    expect(await listPendingMigrations(database.pool)).toEqual([]);

    expect(migrate(['down', String(count), '--yes'])).toMatchObject({ status: 0 });
    expect(await listPendingMigrations(database.pool)).toEqual(all.slice(-count));
  });

  // A process start takes seconds on a busy machine.
  jest.setTimeout(120_000);

  function migrate(args: string[], env: NodeJS.ProcessEnv = { DATABASE_URL: database.url }) {
    return spawnSync(process.execPath, [programFile('dist/server/migrate.js'), ...args], {
      encoding: 'utf8',
      env: { ...process.env, ...env },
    });
  }
});

function lines(what: string, names: string[]): string {
  return names.map((name) => `${what}  ${name}\n`).join('');
}
