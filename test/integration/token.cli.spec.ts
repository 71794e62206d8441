import { execFile } from 'node:child_process';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { startTestServer, type TestServer } from '../support/testServer.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const SECRET = 'a secret of the token spec, longer than thirty-two bytes';

let database: TestDatabase;
let server: TestServer;

beforeAll(async () => {
  database = await createTestDatabase();
  server = await startTestServer({ databaseUrl: database.url, env: { AUTH_JWT_SECRET: SECRET } });
});

afterAll(async () => {
  await server.close();
  await database.drop();
});

function runToken(args: string[], env: Record<string, string> = { AUTH_JWT_SECRET: SECRET }) {
  return new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    execFile(
      path.join(ROOT, 'node_modules/.bin/tsx'),
      [path.join(ROOT, 'src/server/token.ts'), ...args],
      { cwd: ROOT, env: { PATH: process.env['PATH'], ...env } },
      (fault, stdout, stderr) => resolve({ code: Number(fault?.code ?? 0), stdout, stderr }),
    );
  });
}

describe('npm run token', () => {
  it('prints a token that the server of the same settings takes, for who and what was asked', async () => {
    const { stdout, stderr } = await runToken(['--tier', 'elite', '--sub', 'ada', '--role', 'admin']);
    expect(stderr).not.toContain(SECRET);
    const answer = await server.get('/api/session', { Authorization: `Bearer ${stdout.trim()}` });
    expect(await answer.json()).toMatchObject({ tier: 'elite', role: 'admin' });
  });

  it.each([
    [['--tier', 'gold', '--sub', 'ada'], '--tier'],
    [['--tier', 'pro'], '--sub'],
    [['--tier', 'pro', '--sub', 'ada', '--hours', 'many'], '--hours'],
    [['--tire', 'pro'], '--tire'],
  ])('says what is wrong with %j and how it is used', async (args, fault) => {
    const { code, stdout, stderr } = await runToken(args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(fault);
    expect(stderr).toContain('npm run -s token --');
  });

  it('signs nothing where others hold the keys', async () => {
    const { code, stderr } = await runToken(['--tier', 'pro', '--sub', 'ada'], {
      AUTH_JWKS_URL: 'https://accounts.example/keys',
    });
    expect(code).toBe(1);
    expect(stderr).toContain('AUTH_JWKS_URL');
  });
});
