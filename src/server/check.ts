import { z } from 'zod';
import { findUnknownSettings, readKnownSettings } from '../kit/unknownSettings.ts';
import { coerceError } from '../kit/errors.ts';
import { SettingsError, type Environment } from '../kit/env.ts';
import { createLogger } from '../kit/logger.ts';
import { requireWritableFolder } from '../kit/writableFolder.ts';
import { createDatabase } from '../platform/database/database.ts';
import { selectValue } from '../platform/database/postgres.ts';
import { createRedis, pingRedis } from '../platform/redis/redis.ts';
import { usesDataDir } from './generatedSecrets.ts';
import { requireMigrated } from './readiness.ts';
import { parseServerConfig, type ServerConfig } from './config.ts';
import { explainDatabaseFault, nameDatabase } from './startFaults.ts';

/**
 * `main.js --check`: whether a start with these settings would succeed. Changes nothing, except that it creates DATA_DIR.
 * Throws the first fault that would end a start; `say` is called with a line for each part without a fault.
 */
export async function checkServer(env: Environment, say: (line: string) => void): Promise<void> {
  const config = parseServerConfig(env);
  const unknown = findUnknownSettings(env, readKnownSettings());
  for (const { name, nearest } of unknown)
    say(`settings    unknown setting ${name} is ignored; nearest: ${nearest}`);
  // A name that only shares a prefix may be another program's; a misspelled one is not.
  const misspelled = unknown.filter((it) => it.misspelled);
  if (misspelled.length > 0) {
    const fixes = misspelled.map((it) => `${it.name} (${it.nearest}?)`).join(', ');
    throw new SettingsError(`These settings are misspelled and have no effect: ${fixes}`);
  }
  say('settings    ok');
  if (usesDataDir(config)) {
    requireWritableFolder('DATA_DIR', config.dataDir);
    say(`data        ${config.dataDir} is writable`);
  }
  await checkDatabase(config, say);
  if (config.redisUrl !== undefined) say(`redis       ${await describeRedis(config.redisUrl)}`);
}

async function checkDatabase({ database }: ServerConfig, say: (line: string) => void): Promise<void> {
  if (database.url === undefined) {
    say('database    embedded: the server starts and migrates it');
    return;
  }
  const db = createDatabase({ url: database.url, max: 1, logger: silent });
  try {
    const version = await selectValue(db, z.string(), 'show server_version');
    say(`database    ${nameDatabase(database.url)} answers, PostgreSQL ${version}`);
    await requireMigrated(db);
    say('migrations  current');
  } catch (thrown) {
    throw explainDatabaseFault(thrown, database.url);
  } finally {
    await db.end();
  }
}

/** Redis may be unavailable at any time, so its absence is reported and is no fault. */
async function describeRedis(url: string): Promise<string> {
  const redis = createRedis({ url, logger: silent, role: 'check' });
  try {
    await redis.connect();
    return `answers in ${await pingRedis(redis)} ms`;
  } catch (thrown) {
    return `does not answer (${coerceError(thrown).message}); a server starts without it`;
  } finally {
    redis.disconnect();
  }
}

const silent = createLogger({ level: 'silent', name: 'check' });
