import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { createEmptyDatabase } from '../support/database.ts';
import { runProgram, type ProgramEnd } from '../support/runProgram.ts';
import { TEST_KEYS } from '../support/serverProcess.ts';
import { createTempDir } from '../support/tempDir.ts';
import { withOpened } from '../support/withOpened.ts';
import { withDatabase } from '../support/withServer.ts';

/** A process start takes seconds on a busy machine. */
const PATIENCE_MS = 120_000;

const folder = withOpened(createTempDir, 'remove');
const database = withDatabase();
const empty = withOpened(createEmptyDatabase, 'drop');

function run(args: string[], env: Record<string, string>): Promise<ProgramEnd> {
  return runProgram('server/main', args, {
    ...TEST_KEYS,
    HOST: '127.0.0.1',
    PORT: '0',
    DATABASE_URL: database.url,
    ...env,
  });
}

function databaseUrlWith(change: (url: URL) => void): string {
  const url = new URL(database.url);
  change(url);
  return url.href;
}

/** Ways not to start, and the one sentence that names the setting and the remedy. */
const FAULTS: [string, () => Record<string, string>, RegExp][] = [
  [
    'a wrong password',
    () => ({ DATABASE_URL: databaseUrlWith((it) => (it.password = 'wrong-secret')) }),
    /^DATABASE_URL: 127\.0\.0\.1:\d+\/spec_\w+ cannot be used: password authentication failed for user "postgres" \(28P01\); correct the user or password\n$/,
  ],
  [
    'a database that does not exist',
    () => ({ DATABASE_URL: databaseUrlWith((it) => (it.pathname = '/missing')) }),
    /^DATABASE_URL: 127\.0\.0\.1:\d+\/missing cannot be used: database "missing" does not exist \(3D000\); create this database, or name another one\n$/,
  ],
  [
    'a database without TLS',
    () => ({ DATABASE_URL: `${database.url}?sslmode=verify-full` }),
    /^DATABASE_URL: .+ cannot be used: The server does not support SSL connections; .+\n$/,
  ],
  [
    'a database that lacks migrations',
    () => ({ DATABASE_URL: empty.url }),
    /^The database lacks \d+ migrations? \(.+dist\/server\/migrate\.js.*\n$/,
  ],
  [
    'a folder that cannot be written',
    () => ({ INGEST_API_KEYS: '', DATA_DIR: '/dev/null/data' }),
    /^DATA_DIR: this account cannot write to .+ \(ENOTDIR\); make the folder writable, or set DATA_DIR to another one\n$/,
  ],
  [
    'a secret file that is not there',
    () => ({ DATABASE_URL: '', DATABASE_URL_FILE: '/nowhere/url' }),
    /^These settings cannot be used:\n {2}DATABASE_URL_FILE: \/nowhere\/url cannot be read: ENOENT.+\nSee .+\n$/,
  ],
  [
    'two settings that cannot be used',
    () => ({ AUTH_JWT_SECRET: 'wrong-secret', OI_RETENTION_DAYS: 'many' }),
    /^These settings cannot be used:\n(?=[^]*AUTH_JWT_SECRET: .*32 bytes)(?=[^]*OI_RETENTION_DAYS: )[^]*\nSee .+\n$/,
  ],
];

describe('a failing start', () => {
  it.each(FAULTS)(
    'D5 ends with one sentence and no stack: %s',
    async (_what, env, expected) => {
      // One after the other: two starts at once miss the connect timeout on a busy machine.
      for (const args of [[], ['--check']]) {
        const { code, stderr } = await run(args, env());
        expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(expected) });
        expect(stderr).not.toContain('wrong-secret');
      }
    },
    PATIENCE_MS,
  );

  it(
    'D5 names the setting of a port in use',
    async () => {
      const taken = createServer().listen(0, '127.0.0.1');
      await once(taken, 'listening');
      const { port } = taken.address() as AddressInfo;
      const env = { PORT: String(port), TRUST_PROXY_HOP: '1', LOG_FORMAT: 'pretty' };
      const { code, stdout, stderr } = await run([], env);
      taken.close();
      expect(stdout).toMatch(/WARN.+: unknown setting ignored.+"nearest":"TRUST_PROXY_HOPS"/);
      expect({ code, stderr }).toEqual({
        code: 1,
        stderr: `PORT: ${port} is in use; set PORT to a free one\n`,
      });
    },
    PATIENCE_MS,
  );
});

describe('main.js --check', () => {
  it(
    'reports that a start would succeed, with secrets from files, and starts nothing',
    async () => {
      const file = path.join(folder.path, 'database-url');
      writeFileSync(file, `${database.url}\n`);
      const { code, stdout, stderr } = await run(['--check'], { DATABASE_URL: '', DATABASE_URL_FILE: file });
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).toMatch(
        /^settings {4}ok\ndatabase {4}127\.0\.0\.1:\d+\/spec_\w+ answers, PostgreSQL \d+\S*\nmigrations {2}current\n$/,
      );
    },
    PATIENCE_MS,
  );

  it(
    'reports a database that does not answer, which a start waits for',
    async () => {
      const { code, stderr } = await run(['--check'], { DATABASE_URL: 'postgres://u@127.0.0.1:1/x' });
      expect({ code, stderr }).toEqual({
        code: 1,
        stderr:
          'DATABASE_URL: 127.0.0.1:1/x cannot be used: connect ECONNREFUSED 127.0.0.1:1; start PostgreSQL there, or correct the address\n',
      });
    },
    PATIENCE_MS,
  );

  it(
    'fails on a misspelled setting, and names one that only shares our prefix',
    async () => {
      const misspelled = await run(['--check'], { TRUST_PROXY_HOP: '1' });
      expect(misspelled).toMatchObject({
        code: 1,
        stderr: 'These settings are misspelled and have no effect: TRUST_PROXY_HOP (TRUST_PROXY_HOPS?)\n',
      });
      const foreign = await run(['--check'], { DATABASE_NAME: 'x' });
      expect(foreign.code).toBe(0);
      expect(foreign.stdout).toMatch(
        /^settings {4}unknown setting DATABASE_NAME is ignored; nearest: DATABASE_URL\n/,
      );
    },
    PATIENCE_MS,
  );

  it(
    'prints the locations of the embedded database and Redis',
    async () => {
      const { code, stdout } = await run(['--check'], {
        DATABASE_URL: '',
        DATA_DIR: path.join(folder.path, 'data'),
        REDIS_URL: 'redis://127.0.0.1:1',
      });
      expect(code).toBe(0);
      expect(stdout).toMatch(
        /\ndata {8}.+ is writable\ndatabase {4}embedded: .+\nredis {7}does not answer \(.+\); .+\n$/,
      );
    },
    PATIENCE_MS,
  );
});
