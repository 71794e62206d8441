import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { completeSecrets } from '../../src/server/generatedSecrets.ts';
import { parseServerConfig } from '../../src/server/config.ts';
import { runProgram } from '../support/runProgram.ts';
import { withServer } from '../support/withServer.ts';

const SECRET = 'a secret of the token spec, longer than thirty-two bytes';

const { server } = withServer({ env: { AUTH_JWT_SECRET: SECRET } });

function runToken(args: string[], env: Record<string, string> = { AUTH_JWT_SECRET: SECRET }) {
  return runProgram('server/token', args, env);
}

describe('npm run token', () => {
  it('prints a token that the server of the same settings accepts, with the given claims', async () => {
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
  ])('rejects %j with the reason and the usage', async (args, fault) => {
    const { code, stdout, stderr } = await runToken(args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(fault);
    expect(stderr).toContain('token.js');
  });

  it('signs with the secret that a server has generated, and prints its location', async () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'open-interest-token-'));
    try {
      const { file } = await completeSecrets(parseServerConfig({ DATA_DIR: folder }));
      const { code, stdout, stderr } = await runToken(['--tier', 'pro', '--sub', 'ada'], {
        DATA_DIR: folder,
      });
      expect([code, stderr]).toEqual([0, `signed with the secret in ${file}\n`]);
      expect(stdout.split('.')).toHaveLength(3);
    } finally {
      fs.rmSync(folder, { recursive: true, force: true });
    }
  });

  it("generates no secret: without a server's, no token would be valid", async () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'open-interest-token-'));
    try {
      const { code, stdout, stderr } = await runToken(['--tier', 'pro', '--sub', 'ada'], {
        DATA_DIR: folder,
      });
      expect([code, stdout]).toEqual([1, '']);
      expect(stderr).toContain(path.join(folder, 'secrets.json'));
      expect(stderr).toContain('AUTH_JWT_SECRET');
      expect(stderr).toContain('DATA_DIR');
      expect(fs.readdirSync(folder)).toEqual([]);
    } finally {
      fs.rmSync(folder, { recursive: true, force: true });
    }
  });

  it("signs nothing when the keys are an issuer's", async () => {
    const { code, stderr } = await runToken(['--tier', 'pro', '--sub', 'ada'], {
      AUTH_JWKS_URL: 'https://accounts.example/keys',
    });
    expect(code).toBe(1);
    expect(stderr).toContain('AUTH_JWKS_URL');
  });
});
