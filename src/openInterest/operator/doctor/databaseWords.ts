import type { StoreFault } from '../recorder/storeOutcome.ts';

/** What a fault of the database means to an operator, and the remedy. */
type FaultWords = { says: string; next: string };

export function wordsOf({ kind, code }: StoreFault): FaultWords {
  return REFUSALS[code ?? ''] ?? FAULTS[kind];
}

const START = 'start Postgres, then check DATABASE_URL and its log';
const MIGRATE = {
  says: 'lacks a table or a column',
  next: 'run the migrations: node dist/server/migrate.js; if none is pending, restore what was dropped',
};

/** By SQLSTATE, where the database is up and refuses the statement. */
const REFUSALS: Readonly<Record<string, FaultWords>> = {
  '42501': {
    says: 'refuses to store a chunk: permission denied',
    next: 'grant the role of DATABASE_URL select, insert, update and delete on all tables of the schema',
  },
  '42P01': MIGRATE,
  '42703': MIGRATE,
};

const FAULTS: Readonly<Record<StoreFault['kind'], FaultWords>> = {
  read_only: {
    says: 'refuses writes: it is read-only',
    next: 'point DATABASE_URL at the primary; if it is the primary, reset default_transaction_read_only',
  },
  disk_full: { says: 'refuses writes: its disk is full', next: 'free space on the disk of Postgres' },
  out_of_memory: {
    says: 'is out of memory',
    next: 'give Postgres more memory, or lower its work_mem and max_connections',
  },
  too_many_connections: {
    says: 'has too many connections',
    next: 'lower the pool of the program with the most connections (here: DATABASE_POOL_MAX), or raise max_connections; a superuser sees them in pg_stat_activity',
  },
  lock_timeout: { says: 'makes ingest wait for a lock', next: 'check pg_locks and pg_stat_activity' },
  statement_timeout: {
    says: 'takes too long to store a chunk and cancels the statement',
    next: 'check the load of Postgres, its triggers and pg_stat_activity',
  },
  conflict: { says: 'rolls back chunks that conflict', next: 'read its log' },
  shutting_down: { says: 'is shutting down', next: START },
  starting_up: { says: 'is starting or recovering', next: 'wait a minute; then read its log' },
  access_refused: {
    says: 'refuses the login',
    next: 'check the user and the password in DATABASE_URL, and that the role may log in',
  },
  tls_refused: {
    says: 'refuses the encrypted connection',
    next: 'correct sslmode and sslrootcert in DATABASE_URL, or the certificate of Postgres',
  },
  database_missing: { says: 'has no such database', next: 'check the name of the database in DATABASE_URL' },
  pooler_refused: {
    says: 'is behind a pooler that refuses a setting',
    next: 'add the setting to ignore_startup_parameters of the pooler',
  },
  no_connection: { says: 'does not answer', next: START },
  no_answer: { says: 'does not answer in time', next: START },
  other: { says: 'fails to run statements', next: 'read its log' },
  refused: { says: 'refuses to store a chunk', next: 'read its log, and the log of this server' },
};
