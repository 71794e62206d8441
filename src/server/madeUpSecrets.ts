import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { createRandomKey } from '../access/apiKeys.ts';
import { SettingsError } from '../kit/env.ts';
import type { ServerConfig } from './config.ts';

/** Keys for a server that was given none, kept in its data directory so that they survive a restart. */
const Secrets = z.object({ ingestKey: z.string(), operatorKey: z.string(), jwtSecret: z.string() });
export type MadeUpSecrets = z.infer<typeof Secrets>;

/**
 * Fills in what the environment left open. `secrets` and `file` are there only if something was made up, so that the
 * caller can say where it stands.
 */
export async function completeSecrets(
  config: ServerConfig,
): Promise<{ access: ServerConfig['access']; secrets?: MadeUpSecrets; file?: string }> {
  const { access, dataDir } = config;
  const missing = findMissing(access);
  if (!Object.values(missing).some(Boolean)) return { access };

  const file = secretsFile(dataDir);
  const secrets = (await selectOptionalSecrets(file)) ?? (await makeSecrets(file));
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

/** Whether a start with these settings writes to DATA_DIR: the embedded database, or secrets that were not given. */
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

/** What a server has made up; `null` where none has. */
export async function selectOptionalSecrets(file: string): Promise<MadeUpSecrets | null> {
  try {
    return Secrets.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new SettingsError(`${file} cannot be read; delete it to have new keys made`, { cause: thrown });
  }
}

async function makeSecrets(file: string): Promise<MadeUpSecrets> {
  const secrets: MadeUpSecrets = {
    ingestKey: createRandomKey('oi_ingest_'),
    operatorKey: createRandomKey('oi_operator_'),
    jwtSecret: randomBytes(48).toString('base64url'),
  };
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  const unfinished = `${file}.${randomBytes(6).toString('hex')}.tmp`;
  await writeFile(unfinished, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 });
  try {
    // Unlike a rename, a link does not replace what another server has made meanwhile.
    await link(unfinished, file);
    return secrets;
  } catch (thrown) {
    const made =
      (thrown as NodeJS.ErrnoException).code === 'EEXIST' ? await selectOptionalSecrets(file) : null;
    if (made) return made;
    // Not every file system knows links.
    await rename(unfinished, file);
    return secrets;
  } finally {
    await rm(unfinished, { force: true });
  }
}
