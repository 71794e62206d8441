import { mkdirSync, renameSync } from 'node:fs';
import path from 'node:path';
import { SettingsError } from '../../kit/env.ts';
import { coerceError } from '../../kit/errors.ts';
import type { Clock } from '../../kit/clock.ts';
import type { Logger } from '../../kit/logger.ts';
import { isLocked, isStorageFault, isTorn, tornError } from './faults.ts';
import { SCHEMA_VERSION, schemaSql } from './schema.ts';
import { loadSqlite, type OpenSqlite, type Store } from './sqlite.ts';

/**
 * The collector's durable state in one SQLite file: the spool and its counts, the readings of the last hour, which alerts
 * have fired. One file, because some of these change together or not at all.
 */
export const STORE_FILE = 'collector.sqlite';

const PAGE_BYTES = 4_096;
/** For indexes, free pages and readings, in addition to the spool. */
const OVERHEAD = 1.5;
const OVERHEAD_BYTES = 64 * 1_024 * 1_024;

/**
 * Opens the store and locks out other processes. A commit is on the disk when it returns: a write-ahead log alone would
 * survive a crash of the process, but not of the machine.
 */
export async function openStore(options: {
  dir: string;
  clock: Clock;
  logger: Logger;
  /** The spool's own bound; the file may grow somewhat beyond it, and no further. */
  maxSpoolBytes: number;
  /** The file's bound in pages, instead of the one that follows from `maxSpoolBytes`. */
  maxPages?: number;
}): Promise<Store> {
  const { dir, clock, logger } = options;
  const openSqlite = await loadSqlite();
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const file = path.join(dir, STORE_FILE);
  const maxPages =
    options.maxPages ?? Math.ceil((options.maxSpoolBytes * OVERHEAD + OVERHEAD_BYTES) / PAGE_BYTES);
  try {
    return openFile(openSqlite, file, maxPages);
  } catch (thrown) {
    if (!isTorn(thrown)) throw explainOpen(thrown, dir);
    const aside = `${file}.torn-${clock.now()}`;
    for (const suffix of ['', '-wal', '-shm']) moveAside(file + suffix, aside + suffix);
    logger.error(
      { err: coerceError(thrown), aside },
      'the store cannot be read; it was renamed and replaced by a new one',
    );
    return openFile(openSqlite, file, maxPages);
  }
}

function openFile(openSqlite: OpenSqlite, file: string, maxPages: number): Store {
  const store = openSqlite(file);
  try {
    store.exec(`
      pragma page_size = ${PAGE_BYTES};
      pragma locking_mode = exclusive;
      pragma journal_mode = wal;
      pragma synchronous = full;
      pragma max_page_count = ${maxPages};
    `);
    migrate(store);
    requireWhole(store);
    return store;
  } catch (thrown) {
    store.close();
    throw thrown;
  }
}

function migrate(store: Store): void {
  // Acquires the lock even if nothing is to be migrated, so that a second collector fails here.
  store.transaction(() => {
    const version = Number(store.pragma('user_version'));
    if (version > SCHEMA_VERSION) {
      throw new SettingsError(`The collector's store is of a newer build (version ${version}); run that one`);
    }
    for (const sql of schemaSql(version)) store.exec(sql);
    store.exec(`pragma user_version = ${SCHEMA_VERSION}`);
  });
}

/** Corruption in the middle of the file would otherwise end every run that reads it. */
function requireWhole(store: Store): void {
  const found = store.pragma('quick_check');
  if (found !== 'ok') throw tornError(String(found));
}

function explainOpen(thrown: unknown, dir: string): unknown {
  if (isLocked(thrown)) {
    return new SettingsError(
      `Another collector uses ${dir}. Stop it, or give this one a separate COLLECTOR_STATE_DIR.`,
      { cause: thrown },
    );
  }
  if (!isStorageFault(thrown)) return thrown;
  return new SettingsError(
    `${dir} cannot be written (${coerceError(thrown).message}). Free the disk, or set COLLECTOR_STATE_DIR.`,
    { cause: thrown },
  );
}

function moveAside(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch {
    // Not every store has all three files.
  }
}
