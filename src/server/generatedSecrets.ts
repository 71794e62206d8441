import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { apiKeyFault, createRandomKey } from '../access/apiKeys.ts';
import { SettingsError } from '../kit/env.ts';
import type { ServerConfig } from './config.ts';

/** Keys of a server without configured ones, stored in its data directory to survive restarts. */
const Key = z.string().refine((it) => apiKeyFault(it) === undefined);
const Secrets = z.object({ ingestKey: Key, operatorKey: Key, jwtSecret: z.string() });
type GeneratedSecrets = z.infer<typeof Secrets>;

/** Completes the access settings. `secrets` and `file` are set if any secret was generated. */
export async function completeSecrets(
  config: ServerConfig,
): Promise<{ access: ServerConfig['access']; secrets?: GeneratedSecrets; file?: string }> {
  const { access, dataDir } = config;
  const missing = findMissing(access);
  if (!Object.values(missing).some(Boolean)) return { access };

  const file = secretsFile(dataDir);
  const secrets = (await selectOptionalSecrets(file)) ?? (await generateSecrets(file));
  return {
    access: {
      ...access,
      ...(missing.ingest ? { ingestApiKeys: [secrets.ingestKey] } : {}),
      ...(missing.operator ? { operatorApiKeys: [secrets.operatorKey] } : {}),
      ...(missing.secret ? { jwtSecret: secrets.jwtSecret } : {}),
    },
    secrets,
    file,
  };
}

/** Whether a start with these settings writes to DATA_DIR: for the embedded database, or for generated secrets. */
export function usesDataDir({ access, database }: ServerConfig): boolean {
  return database.url === undefined || Object.values(findMissing(access)).some(Boolean);
}

function findMissing(access: ServerConfig['access']) {
  return {
    ingest: access.ingestApiKeys.length === 0,
    operator: access.operatorApiKeys.length === 0,
    secret: access.jwtSecret === undefined && access.jwksUrl === undefined,
  };
}

export function secretsFile(dataDir: string): string {
  return path.resolve(dataDir, 'secrets.json');
}

/** The secrets that a server has generated; `null` without any. */
export async function selectOptionalSecrets(file: string): Promise<GeneratedSecrets | null> {
  try {
    return Secrets.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new SettingsError(`${file} cannot be read; delete it to generate new keys`, { cause: thrown });
  }
}

async function generateSecrets(file: string): Promise<GeneratedSecrets> {
  const secrets: GeneratedSecrets = {
    ingestKey: createRandomKey('oi_ingest_'),
    operatorKey: createRandomKey('oi_operator_'),
    jwtSecret: randomBytes(48).toString('base64url'),
  };
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  const unfinished = `${file}.${randomBytes(6).toString('hex')}.tmp`;
  await writeFile(unfinished, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 });
  try {
    // Unlike a rename, a link does not replace the file of another server.
    await link(unfinished, file);
    return secrets;
  } catch (thrown) {
    const others =
      (thrown as NodeJS.ErrnoException).code === 'EEXIST' ? await selectOptionalSecrets(file) : null;
    if (others) return others;
    // Some file systems do not support links.
    await rename(unfinished, file);
    return secrets;
  } finally {
    await rm(unfinished, { force: true });
  }
}
