import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { Logger } from '../../kit/logger.ts';
import { prepareDataDirectory } from './dataDirectory.ts';
import { claimDirectory } from './directoryOwner.ts';
import { EmbeddedPostgresError } from './embeddedPostgresError.ts';
import { findFreePort } from './freePort.ts';
import { locatePostgresBinaries, stagePostgresBinaries } from './postgresBinaries.ts';
import { endLeftoverPostmaster, launchPostmaster, type Postmaster } from './postmaster.ts';
import { chooseProcessOwner } from './processOwner.ts';

export type EmbeddedPostgres = Awaited<ReturnType<typeof startEmbeddedPostgres>>;

type EmbeddedPostgresOptions = {
  /** The folder of the database's files, password and log, for one process at a time. */
  dir: string;
  /** Created unless it exists. */
  database?: string;
  /** Additional arguments of `postgres`, such as `['-c', 'max_connections=200']`. */
  flags?: readonly string[];
  /** False trades durability for speed: for tests only. */
  durable?: boolean;
  /** A free port by default. */
  port?: number;
  logger?: Logger;
};

const DURABLE = ['-c', 'fsync=on', '-c', 'synchronous_commit=on', '-c', 'full_page_writes=on'];
const FAST = ['-c', 'fsync=off', '-c', 'synchronous_commit=off', '-c', 'full_page_writes=off'];

/** Two minutes, for crash recovery. */
const START_ATTEMPTS = 6_000;
const START_POLL_MS = 20;

/** Another process took the port in between, or the processes of a killed database have not ended yet. */
const RETRYABLE_LAUNCH = /could not bind|is still in use/;
const LAUNCHES = 20;
const RELAUNCH_MS = 250;

/**
 * Starts a real PostgreSQL, for tests and for servers without DATABASE_URL. It listens on 127.0.0.1 only, requires a random
 * password and ends with this process, on Linux even if that is killed.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions) {
  const { database = 'app', logger } = options;
  const dir = path.resolve(options.dir);
  fs.mkdirSync(dir, { recursive: true, mode: 0o700 });
  const claim = claimDirectory(dir);
  try {
    const { postmaster, password, port } = await startCluster(dir, options);
    const urlFor = (name: string): string =>
      `postgres://postgres:${password}@127.0.0.1:${port}/${encodeURIComponent(name)}`;
    try {
      await createDatabase(urlFor('postgres'), database);
    } catch (thrown) {
      await postmaster.stop();
      throw thrown;
    }
    postmaster.unref();
    logger?.info({ dir, port, postgresPid: postmaster.pid }, 'embedded postgres started');
    return {
      /** The address of `database`. */
      url: urlFor(database),
      urlFor,
      pid: postmaster.pid,
      /** Shuts the database down and unlocks the folder. May be called again, or after a crash. */
      async stop(): Promise<void> {
        await postmaster.stop();
        claim.release();
      },
    };
  } catch (thrown) {
    claim.release();
    throw thrown;
  }
}

async function startCluster(
  dir: string,
  options: EmbeddedPostgresOptions,
): Promise<{ postmaster: Postmaster; password: string; port: number }> {
  const { durable = true, logger } = options;
  const owner = chooseProcessOwner();
  const located = await locatePostgresBinaries();
  const binaries = owner.uid === undefined ? located : stagePostgresBinaries(located);
  await endLeftoverPostmaster(path.join(dir, 'pgdata'));
  const { data, password } = await prepareDataDirectory({ dir, binaries, owner, durable });
  let started = false;
  for (let launch = 1; ; launch += 1) {
    const port = options.port ?? (await findFreePort());
    const postmaster = launchPostmaster({
      program: binaries.postgres,
      args: postgresArguments(data, port, durable, options.flags ?? []),
      owner,
      logFile: path.join(dir, 'postgres.log'),
      onLost(how) {
        if (started) logger?.error({ how, dir }, 'embedded postgres ended unexpectedly');
      },
    });
    try {
      await untilReady(postmaster, { host: '127.0.0.1', port, user: 'postgres', password });
      started = true;
      return { postmaster, password, port };
    } catch (thrown) {
      await postmaster.stop();
      if (launch >= LAUNCHES || !RETRYABLE_LAUNCH.test(postmaster.logTail())) throw thrown;
      await delay(RELAUNCH_MS);
    }
  }
}

function postgresArguments(data: string, port: number, durable: boolean, flags: readonly string[]): string[] {
  return [
    ...['-D', data, '-p', String(port)],
    // No unix socket: its folder would have to be writable for the database's account.
    ...['-k', '', '-c', 'listen_addresses=127.0.0.1'],
    ...['-c', 'timezone=UTC', '-c', 'log_timezone=UTC'],
    ...(durable ? DURABLE : FAST),
    ...flags,
  ];
}

async function untilReady(postmaster: Postmaster, connection: pg.ClientConfig): Promise<void> {
  for (let attempt = 0; attempt < START_ATTEMPTS; attempt += 1) {
    if (postmaster.hasEnded()) {
      throw new EmbeddedPostgresError(
        `The embedded database did not start. Its log:\n${postmaster.logTail()}`,
      );
    }
    const client = new pg.Client({
      ...connection,
      database: 'postgres',
      connectionTimeoutMillis: 5_000,
    });
    // Without a listener, an `error` event of the client would end this process.
    client.on('error', () => undefined);
    try {
      await client.connect();
      return;
    } catch (thrown) {
      if (!isStartingUp(thrown)) throw thrown;
    } finally {
      await client.end().catch(() => undefined);
    }
    await delay(START_POLL_MS);
  }
  throw new EmbeddedPostgresError(
    `The embedded database is still not ready. Its log:\n${postmaster.logTail()}`,
  );
}

/** Not listening yet, or recovering from a crash (57P03). */
function isStartingUp(thrown: unknown): boolean {
  const { code } = thrown as { code?: string };
  return code === 'ECONNREFUSED' || code === 'ECONNRESET' || code === '57P03';
}

async function createDatabase(adminUrl: string, database: string): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1::text', [database]);
    if (rowCount === 0) await client.query(`create database ${client.escapeIdentifier(database)}`);
  } finally {
    await client.end().catch(() => undefined);
  }
}
