import { isNativeError } from 'node:util/types';

/**
 * Tells whether a failed statement may succeed if it is sent again: the database is away, restarting, full of
 * connections or too slow, or two transactions met. Whether it took effect is unknown in some of these cases (the
 * answer was lost, not the commit), so only what may safely happen twice may be repeated.
 */
export function isTransientSqlState(error: unknown): boolean {
  // An error of Node's own is no `instanceof Error` in a vm context, such as the test runner's.
  for (let fault = error, depth = 0; isNativeError(fault) && depth < 5; fault = fault.cause, depth += 1) {
    const { code } = fault as { code?: unknown };
    if (typeof code === 'string' && (TRANSIENT_CODES.has(code) || CONNECTION_EXCEPTION.test(code)))
      return true;
    if (code === undefined && TRANSIENT_MESSAGE.test(fault.message)) return true;
  }
  return false;
}

const TRANSIENT_CODES = new Set([
  '40P01', // deadlock_detected
  '40001', // serialization_failure
  '53300', // too_many_connections
  '55P03', // lock_not_available: our lock_timeout
  '57014', // query_canceled: our statement_timeout
  '57P01', // admin_shutdown
  '57P02', // crash_shutdown
  '57P03', // cannot_connect_now: starting up or recovering
  // The socket's own faults, as Node names them.
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EAI_AGAIN',
  'ENOTFOUND',
]);

const CONNECTION_EXCEPTION = /^08...$/;

/** What pg and its pool throw without a code. */
const TRANSIENT_MESSAGE = new RegExp(
  [
    '^timeout exceeded when trying to connect$',
    '^timeout expired$',
    '^Connection terminated',
    '^Query read timeout$',
    '^Client has encountered a connection error',
    '^Client was closed and is not queryable$',
  ].join('|'),
);
