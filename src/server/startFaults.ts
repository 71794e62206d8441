import { coerceError, codeOfError, ExplainedError } from '../kit/errors.ts';
import { findDatabaseFault } from '../platform/database/fault.ts';

/** The database of DATABASE_URL cannot be used. */
class DatabaseStartError extends ExplainedError {
  override readonly name = 'DatabaseStartError';
}

const INSUFFICIENT_PRIVILEGE = '42501';

/** By SQLSTATE, else by kind of fault. */
const REMEDIES: Readonly<Record<string, string>> = {
  '28000': "correct the user, or add it to the database's pg_hba.conf",
  [INSUFFICIENT_PRIVILEGE]: 'grant the user the right, or name another user',
  access_refused: 'correct the user or password',
  database_missing: 'create this database, or name another one',
  too_many_connections: 'end other connections, raise max_connections, or lower DATABASE_POOL_MAX',
  tls_refused: 'correct sslmode and sslrootcert in the address, or the certificate',
  pooler_refused:
    'remove this parameter from the address, or name it in ignore_startup_parameters of the pooler',
};

/** Explains an unusable database in one sentence with a remedy; returns any other error unchanged. */
export function explainDatabaseFault(thrown: unknown, url: string | undefined): unknown {
  if (url === undefined || thrown instanceof ExplainedError) return thrown;
  const fault = findDatabaseFault(thrown);
  const code = fault?.code ?? codeOfError(thrown);
  if (fault === null && code !== INSUFFICIENT_PRIVILEGE) return thrown;
  const message = fault?.message ?? coerceError(thrown).message;
  const suffix = code === null || message.includes(code) ? '' : ` (${code})`;
  const remedy =
    REMEDIES[code ?? ''] ?? REMEDIES[fault?.kind ?? ''] ?? 'start PostgreSQL there, or correct the address';
  return new DatabaseStartError(
    `DATABASE_URL: ${nameDatabase(url)} cannot be used: ${message}${suffix}; ${remedy}`,
    { cause: thrown },
  );
}

/** Host, port and database of an address, without user and password. */
export function nameDatabase(url: string): string {
  const { host, pathname } = new URL(url);
  return `${host || 'localhost'}${pathname}`;
}
