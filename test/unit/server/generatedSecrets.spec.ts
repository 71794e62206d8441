import fs from 'node:fs';
import path from 'node:path';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { completeSecrets } from '../../../src/server/generatedSecrets.ts';
import { createTempDir } from '../../support/tempDir.ts';
import { parseServerConfig, type ServerConfig } from '../../../src/server/config.ts';
import { withEach } from '../../support/withOpened.ts';

const GIVEN = 'a-key-that-was-given-0123456789abcdef';

const parent = withEach(createTempDir, 'remove');
let dataDir: string;
beforeEach(() => {
  dataDir = path.join(parent.path, 'deep/data');
});

function config(env: Record<string, string> = {}): ServerConfig {
  return parseServerConfig({ DATA_DIR: dataDir, ...env });
}

const secretsFile = (): string => path.join(dataDir, 'secrets.json');

describe('a server without configured keys', () => {
  it('generates them, stores them with owner-only access, and reads them again', async () => {
    const first = await completeSecrets(config());
    expect(first.file).toBe(secretsFile());
    expect(fs.statSync(secretsFile()).mode & 0o777).toBe(0o600);
    expect(fs.statSync(dataDir).mode & 0o777).toBe(0o700);
    expect(fs.readdirSync(dataDir)).toEqual(['secrets.json']);
    const { ingestApiKeys, operatorApiKeys, jwtSecret } = first.access;
    expect(new Set([...ingestApiKeys, ...operatorApiKeys, jwtSecret]).size).toBe(3);
    expect(Buffer.byteLength(jwtSecret ?? '')).toBeGreaterThanOrEqual(32);
    expect(await completeSecrets(config())).toEqual(first);
  });

  it('agrees with concurrent starts in the same folder', async () => {
    const all = await Promise.all(Array.from({ length: 20 }, () => completeSecrets(config())));
    expect(new Set(all.map((it) => JSON.stringify(it.access))).size).toBe(1);
    expect(all[0]?.secrets).toEqual(JSON.parse(fs.readFileSync(secretsFile(), 'utf8')));
    expect(fs.readdirSync(dataDir)).toEqual(['secrets.json']);
  });

  it('generates only the missing ones', async () => {
    const { access } = await completeSecrets(
      config({ INGEST_API_KEYS: GIVEN, AUTH_JWKS_URL: 'http://127.0.0.1/keys' }),
    );
    expect(access.ingestApiKeys).toEqual([GIVEN]);
    expect(access.operatorApiKeys).toHaveLength(1);
    expect(access.jwtSecret).toBeUndefined();
  });

  it('does not start when the stored keys cannot be read, instead of replacing them', async () => {
    fs.mkdirSync(dataDir, { recursive: true });
    for (const content of ['', '{', '{"ingestKey":"x"}']) {
      fs.writeFileSync(secretsFile(), content);
      await expect(completeSecrets(config())).rejects.toThrow(`${secretsFile()} cannot be read; delete it`);
      expect(fs.readFileSync(secretsFile(), 'utf8')).toBe(content);
    }
  });
});

describe('a server with all keys configured', () => {
  it('generates none and writes nothing', async () => {
    const env = { INGEST_API_KEYS: GIVEN, OPERATOR_API_KEYS: `${GIVEN}2`, AUTH_JWT_SECRET: GIVEN };
    const given = config(env);
    expect(await completeSecrets(given)).toEqual({ access: given.access });
    expect(fs.existsSync(dataDir)).toBe(false);
  });
});
