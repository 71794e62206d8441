import { isNativeError } from 'node:util/types';
import { describeError } from '../../kit/errors.ts';

/** What is wrong with a database that did not do what it was asked, in terms an operator can act on. */
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
  | 'database_missing'
  | 'pooler_refused'
  | 'no_connection'
  | 'no_answer'
  | 'other';

export type DatabaseFault = {
  kind: DatabaseFaultKind;
  /** Five characters of Postgres, a code of Node's such as ECONNREFUSED, or `null`. */
  code: string | null;
  /** What the database or the driver said. */
  message: string;
};

/** By code; by class (its first two characters) where every code of the class means the same. */
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

/** What pg and its pool throw without a code. */
const NO_CONNECTION = [
  /^Connection terminated/,
  /^Client has encountered a connection error/,
  /^Client was closed and is not queryable$/,
];
const NO_ANSWER = [/^Query read timeout$/, /^timeout expired$/, /^timeout exceeded when trying to connect$/];
const SOCKET_CODE = /^E[A-Z]+(_[A-Z]+)*$/;

/**
 * The fault behind something thrown; `null` when the database is well and refused what it was sent (a broken constraint,
 * a missing table), or when it was not asked at all.
 */
export function findDatabaseFault(thrown: unknown): DatabaseFault | null {
  // An error of Node's own is no `instanceof Error` in a vm context, such as the test runner's.
  for (let error = thrown, depth = 0; isNativeError(error) && depth < 5; error = error.cause, depth += 1) {
    const { code } = error as { code?: unknown };
    const kind = typeof code === 'string' ? kindOfCode(code, error.message) : kindOfMessage(error.message);
    if (kind) {
      return { kind, code: typeof code === 'string' ? code : null, message: describe(error) };
    }
  }
  return null;
}

function kindOfCode(code: string, message: string): DatabaseFaultKind | undefined {
  if (code === '08P01' && /startup parameter/.test(message)) return 'pooler_refused';
  if (SOCKET_CODE.test(code)) return NETWORK_CODES.has(code) ? 'no_connection' : undefined;
  if (code.length !== 5) return undefined;
  return KINDS[code] ?? KINDS[code.slice(0, 2)];
}

function kindOfMessage(message: string): DatabaseFaultKind | undefined {
  if (NO_CONNECTION.some((it) => it.test(message))) return 'no_connection';
  return NO_ANSWER.some((it) => it.test(message)) ? 'no_answer' : undefined;
}

/** The socket's own faults, as Node names them. */
const NETWORK_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EAI_AGAIN',
  'ENOTFOUND',
]);

/** A refused connection to a name with several addresses arrives as several errors in one, without a message. */
function describe(error: Error): string {
  return error.message || describeError(error);
}
