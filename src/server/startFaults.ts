import { coerceError, ExplainedError } from '../kit/errors.ts';

/** The database that a setting names cannot be used as it is. */
class DatabaseStartError extends ExplainedError {
  override readonly name = 'DatabaseStartError';
}

const REMEDIES: Readonly<Record<string, string>> = {
  '28P01': 'correct the user or password',
  '28000': "correct the user, or let it in by the database's pg_hba.conf",
  '3D000': 'create this database, or name another one',
  '42501': 'grant the user the right, or name another user',
  '53300': 'end other connections, raise max_connections, or lower DATABASE_POOL_MAX',
};

const ADDRESS_REMEDY = 'start PostgreSQL there, or correct the address';
const TLS_REMEDY = 'correct sslmode and sslrootcert in the address, or the certificate';
const POOLER_REMEDY =
  'remove this parameter from the address, or name it in ignore_startup_parameters of the pooler';
const IS_OF_TLS = /SSL|CERT|^UNABLE_TO_/;

/** A SQLSTATE, a code of OpenSSL, or what pg says when the server has no TLS; the message names no password. */
const IS_OF_DATABASE = /^([0-9A-Z]{5}|E[A-Z_]+|.*CERT.*|.*SSL.*|UNABLE_TO_.*)$/;

/** What keeps a program from using the database of DATABASE_URL, as one sentence; anything else as it was thrown. */
export function explainDatabaseFault(thrown: unknown, url: string | undefined): unknown {
  if (url === undefined || thrown instanceof ExplainedError) return thrown;
  const error = coerceError(thrown);
  const reason = innermost(error);
  const code = String((reason as NodeJS.ErrnoException).code ?? '');
  if (!IS_OF_DATABASE.test(code) && !/SSL|timeout/.test(reason.message)) return thrown;
  const message = reason.message || code;
  const remedy = /startup parameter/.test(message)
    ? POOLER_REMEDY
    : (REMEDIES[code] ?? (IS_OF_TLS.test(code + message) ? TLS_REMEDY : ADDRESS_REMEDY));
  const suffix = code && !message.includes(code) ? ` (${code})` : '';
  return new DatabaseStartError(
    `DATABASE_URL: ${nameDatabase(url)} cannot be used: ${message}${suffix}; ${remedy}`,
    { cause: thrown },
  );
}

/** Host, port and database of an address, without its user and password. */
export function nameDatabase(url: string): string {
  const { host, pathname } = new URL(url);
  return `${host || 'localhost'}${pathname}`;
}

/** A name with two addresses that both refuse arrives as several errors in one, without a message. */
function innermost(error: Error): Error {
  return error instanceof AggregateError && error.errors.length > 0
    ? coerceError(error.errors.at(-1))
    : error;
}
