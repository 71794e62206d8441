import type { DatabaseSyncInstance } from '@photostructure/sqlite';
import { SettingsError } from '../../kit/env.ts';

type Value = string | number | null;

/** Each parameter is bound in order. Throws what `isStorageFault` and its siblings of `store.faults.ts` understand. */
type Statement<Params extends readonly Value[], Row> = {
  run(...params: Params): void;
  get(...params: Params): Row | undefined;
  all(...params: Params): Row[];
};

/** One open SQLite file, used by this process alone. */
export type Store = {
  prepare<Params extends readonly Value[], Row = never>(sql: string): Statement<Params, Row>;
  exec(sql: string): void;
  /** What a pragma without effect says now: `pragma('user_version')`. */
  pragma(name: string): Value;
  /** All of `change` or nothing, on the disk when it returns. Not to be nested. */
  transaction(change: () => void): void;
  close(): void;
};

export type OpenSqlite = (file: string) => Store;

/** @throws {SettingsError} where SQLite has no build for this platform. */
export async function loadSqlite(): Promise<OpenSqlite> {
  try {
    // Not at the top: it is an optional package, and the server and its tools run without it.
    const { DatabaseSync } = await import('@photostructure/sqlite');
    return (file) => createStore(new DatabaseSync(file, { timeout: 2_000 }));
  } catch (thrown) {
    throw new SettingsError(
      'The collector keeps its spool in SQLite, and the package @photostructure/sqlite cannot be loaded. Install ' +
        'again without --omit=optional. It has builds for Linux, macOS and Windows on x64 and arm64; ' +
        `this is ${process.platform} on ${process.arch}.`,
      { cause: thrown },
    );
  }
}

function createStore(database: DatabaseSyncInstance): Store {
  let answer: Value = null;
  database.function('answer', { directOnly: true }, (value: Value) => {
    answer = value;
  });

  return {
    prepare: (sql) => database.prepare(sql),
    exec: (sql) => database.exec(sql),
    // Through a function, because `exec` finalizes what it runs. A prepared statement keeps the connection until it is
    // garbage collected, and that of a corrupt file would then delete the write-ahead log of its replacement.
    pragma(name) {
      database.exec(`select answer((select * from pragma_${name}))`);
      return answer;
    },
    transaction(change) {
      database.exec('begin immediate');
      try {
        change();
        database.exec('commit');
      } catch (thrown) {
        // A full disk has rolled it back already.
        if (database.isTransaction) database.exec('rollback');
        throw thrown;
      }
    },
    close() {
      if (!database.isOpen) return;
      try {
        // The connection outlives `close` until its statements are garbage collected; the lock must not.
        database.exec('pragma journal_mode = delete; pragma locking_mode = normal; pragma user_version');
      } catch {
        // The disk refuses writes: the lock ends with the process.
      }
      database.close();
    },
  };
}
