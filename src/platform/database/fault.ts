import { isNativeError } from 'node:util/types';
import { describeError } from '../../kit/errors.ts';

/** Why the database did not execute a statement, in terms that an operator can act on. */
export type DatabaseFaultKind =
  | 'read_only'
  | 'disk_full'
  | 'out_of_memory'
  | 'too_many_connections'
  | 'lock_timeout'
  | 'statement_timeout'
  | 'conflict'
  | 'shutting_down'
  | 'starting_up'
  | 'access_refused'
  | 'tls_refused'
  | 'database_missing'
  | 'pooler_refused'
  | 'no_connection'
  | 'no_answer'
  | 'other';

export type DatabaseFault = {
  kind: DatabaseFaultKind;
  /** A SQLSTATE, a code of Node such as ECONNREFUSED, or `null`. */
  code: string | null;
  /** The message of the database or the driver. */
  message: string;
};

/** By SQLSTATE; by class (its first two characters) where all codes of the class mean the same. */
const KINDS: Readonly<Record<string, DatabaseFaultKind>> = {
  '25006': 'read_only',
  '53100': 'disk_full',
  '53200': 'out_of_memory',
  '53300': 'too_many_connections',
  '53400': 'out_of_memory',
  '55P03': 'lock_timeout',
  '57014': 'statement_timeout',
  '25P03': 'statement_timeout',
  '25P04': 'statement_timeout',
  '57P01': 'shutting_down',
  '57P02': 'shutting_down',
  '57P03': 'starting_up',
  '57P04': 'database_missing',
  '57P05': 'no_connection',
  '3D000': 'database_missing',
  '58030': 'disk_full',
  '28': 'access_refused',
  '08': 'no_connection',
  '40': 'conflict',
};

/** Errors of pg and its pool that have no code. */
const KINDS_BY_MESSAGE: readonly [RegExp, DatabaseFaultKind][] = [
  [/^Connection terminated/, 'no_connection'],
  [/^Client has encountered a connection error/, 'no_connection'],
  [/^Client was closed and is not queryable$/, 'no_connection'],
  [/^Query read timeout$/, 'no_answer'],
  [/^timeout expired$/, 'no_answer'],
  [/^timeout exceeded when trying to connect$/, 'no_answer'],
  [/^The server does not support SSL connections$/, 'tls_refused'],
];

const SOCKET_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EAI_AGAIN',
  'ENOTFOUND',
]);

/** Codes of OpenSSL and of Node's certificate check, such as `SELF_SIGNED_CERT_IN_CHAIN`. */
const TLS_CODE = /SSL|CERT|^UNABLE_TO_/;

/** Retries do not help: a setting of the server or of the database has to change. */
const FINAL: ReadonlySet<DatabaseFaultKind> = new Set<DatabaseFaultKind>([
  'access_refused',
  'tls_refused',
  'database_missing',
  'pooler_refused',
]);

/**
 * The fault behind an error; `null` if the database is well and refused the statement (a violated constraint, a missing
 * table), or if the error is not the database's.
 */
export function findDatabaseFault(thrown: unknown): DatabaseFault | null {
  // Node's own errors are no `instanceof Error` in a vm context, such as the test runner's.
  for (let error = thrown, depth = 0; isNativeError(error) && depth < 5; error = error.cause, depth += 1) {
    const { code: given } = error as { code?: unknown };
    const code = typeof given === 'string' ? given : null;
    const kind = code === null ? kindOfMessage(error.message) : kindOfCode(code, error.message);
    // A connect to a host with several addresses fails as an AggregateError without a message.
    if (kind) return { kind, code, message: error.message || describeError(error) };
  }
  return null;
}

/**
 * Whether the same statement may succeed later: the database is unavailable, restarting, read-only, full or too slow, or
 * two transactions conflicted. The statement may have been committed and only its answer lost, so retry nothing that
 * must not be executed twice.
 */
export function isTransientFault(thrown: unknown): boolean {
  const fault = findDatabaseFault(thrown);
  return fault !== null && !FINAL.has(fault.kind);
}

function kindOfCode(code: string, message: string): DatabaseFaultKind | undefined {
  if (SOCKET_CODES.has(code)) return 'no_connection';
  if (TLS_CODE.test(code)) return 'tls_refused';
  if (code.length !== 5) return undefined;
  if (code === '08P01' && /startup parameter/.test(message)) return 'pooler_refused';
  return KINDS[code] ?? KINDS[code.slice(0, 2)];
}

function kindOfMessage(message: string): DatabaseFaultKind | undefined {
  return KINDS_BY_MESSAGE.find(([pattern]) => pattern.test(message))?.[1];
}
