import { mkdirSync, renameSync } from 'node:fs';
import path from 'node:path';
import type BetterSqlite3 from 'better-sqlite3';
import { SettingsError } from '../../kit/env.ts';
import { coerceError } from '../../kit/errors.ts';
import type { Clock } from '../../kit/clock.ts';
import type { Logger } from '../../kit/logger.ts';
import { SCHEMA_VERSION, schemaSql } from './store.schema.ts';

/**
 * What the collector must not forget, in one SQLite file: what waits to be sent, what has been counted, the last hour of
 * readings, which alerts have fired. One file, because some of these must change together or not at all.
 */
export type Store = BetterSqlite3.Database;

export const STORE_FILE = 'collector.sqlite';

const PAGE_BYTES = 4_096;
/** Indexes, free pages and the ring of readings come on top of what is spooled. */
const OVERHEAD = 1.5;
const OVERHEAD_BYTES = 64 * 1_024 * 1_024;

/**
 * Opens the store and keeps every other process out of it. A commit is on the disk when it returns: a write-ahead log
 * alone would survive a kill of the process, but not of the machine.
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
  const Database = await loadSqlite();
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const file = path.join(dir, STORE_FILE);
  const maxPages =
    options.maxPages ?? Math.ceil((options.maxSpoolBytes * OVERHEAD + OVERHEAD_BYTES) / PAGE_BYTES);
  try {
    return openFile(Database, file, maxPages);
  } catch (thrown) {
    if (!isTorn(thrown)) throw explainOpen(thrown, dir);
    const aside = `${file}.torn-${clock.now()}`;
    for (const suffix of ['', '-wal', '-shm']) moveAside(file + suffix, aside + suffix);
    logger.error(
      { err: coerceError(thrown), aside },
      'the store cannot be read; it was put aside and a new one begun',
    );
    return openFile(Database, file, maxPages);
  }
}

/** True for a full disk, a full store and a disk that fails: the process goes on without it for the moment. */
export function isStorageFault(thrown: unknown): boolean {
  return /^SQLITE_(FULL|IOERR|READONLY|CANTOPEN|NOMEM)/.test(codeOf(thrown));
}

/** Throws what `openStore` would where SQLite cannot be had. For those who have much to do before they open one. */
export async function requireSqlite(): Promise<void> {
  await loadSqlite();
}

async function loadSqlite(): Promise<typeof BetterSqlite3> {
  try {
    const { default: Database } = await import('better-sqlite3');
    // The package itself can be there without its native part: that shows at the first opening.
    new Database(':memory:').close();
    return Database;
  } catch (thrown) {
    const isAbsent = (thrown as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND';
    throw new SettingsError(
      'The collector keeps what it must not lose in SQLite, and better-sqlite3 ' +
        (isAbsent
          ? 'is not installed here: npm leaves it out where it cannot be built. Run npm ci again'
          : 'has no native build here. Run: npm rebuild better-sqlite3') +
        '. Where no ready-made build fits, that needs a C++ compiler, make and Python ' +
        '(Debian: apt-get install build-essential python3).',
      { cause: thrown },
    );
  }
}

function openFile(Database: typeof BetterSqlite3, file: string, maxPages: number): Store {
  const store = new Database(file, { timeout: 2_000 });
  try {
    store.pragma(`page_size = ${PAGE_BYTES}`);
    store.pragma('locking_mode = exclusive');
    store.pragma('journal_mode = wal');
    store.pragma('synchronous = full');
    store.pragma(`max_page_count = ${maxPages}`);
    migrate(store);
    requireWhole(store);
    return store;
  } catch (thrown) {
    store.close();
    throw thrown;
  }
}

function migrate(store: Store): void {
  store
    .transaction(() => {
      const version = store.pragma('user_version', { simple: true }) as number;
      if (version > SCHEMA_VERSION) {
        throw new SettingsError(
          `The collector's store is of a newer build (version ${version}); run that one`,
        );
      }
      for (const sql of schemaSql(version)) store.exec(sql);
      store.pragma(`user_version = ${SCHEMA_VERSION}`);
    })
    // Takes the lock although nothing may be written: a second collector must find out here.
    .exclusive();
}

/** What is torn in the middle of the file would end every run when it is met, and every next start meets it again. */
function requireWhole(store: Store): void {
  const found = store.pragma('quick_check(1)', { simple: true });
  if (found !== 'ok') throw Object.assign(new Error(String(found)), { code: 'SQLITE_CORRUPT' });
}

function explainOpen(thrown: unknown, dir: string): unknown {
  const code = codeOf(thrown);
  if (code.startsWith('SQLITE_BUSY')) {
    return new SettingsError(
      `Another collector uses ${dir}. Stop it, or give this one a COLLECTOR_STATE_DIR of its own.`,
      { cause: thrown },
    );
  }
  if (!isStorageFault(thrown)) return thrown;
  return new SettingsError(`${dir} cannot be written (${code}). Free the disk, or set COLLECTOR_STATE_DIR.`, {
    cause: thrown,
  });
}

function isTorn(thrown: unknown): boolean {
  return /^SQLITE_(CORRUPT|NOTADB)/.test(codeOf(thrown));
}

function codeOf(thrown: unknown): string {
  // Not by class: the addon keeps the class of errors that it was first loaded with.
  const { code } = (thrown ?? {}) as { code?: unknown };
  return typeof code === 'string' ? code : '';
}

function moveAside(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch {
    // Not every store has all three files.
  }
}
