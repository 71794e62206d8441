import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { runMigrations } from '../../src/platform/database/migrations.ts';
import { startEmbeddedPostgres } from '../../src/platform/embedded/embeddedPostgres.ts';
import { compilePrograms } from './programs.ts';
import { startSharedRedis } from './redis.ts';
import { announceTestRun, TEMPLATE_DATABASE } from './testRun.ts';

/** Read by the global teardown, which runs in the same process. */
declare global {
  var endTestRun: (() => Promise<void>) | undefined;
}

/** One real PostgreSQL, one real Redis and the compiled programs for the whole run. */
export default async function globalSetup(): Promise<void> {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'open-interest-test-'));
  const releases: (() => unknown)[] = [() => fs.rmSync(dir, { recursive: true, force: true })];
  globalThis.endTestRun = async () => {
    for (let release = releases.pop(); release; release = releases.pop()) await release();
  };
  try {
    await compilePrograms(path.join(dir, 'programs'));
    const postgres = await startEmbeddedPostgres({
      dir: path.join(dir, 'postgres'),
      database: TEMPLATE_DATABASE,
      durable: false,
      flags: ['-c', 'max_connections=300', '-c', 'log_checkpoints=off'],
    });
    releases.push(() => postgres.stop());
    await runMigrations({ url: postgres.url });
    const redis = await startSharedRedis();
    releases.push(() => redis.stop());
    announceTestRun({ postgresUrl: postgres.urlFor('postgres'), redisUrl: redis.url });
  } catch (thrown) {
    await globalThis.endTestRun();
    throw thrown;
  }
}
