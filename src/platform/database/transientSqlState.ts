import { findDatabaseFault, type DatabaseFaultKind } from './fault.ts';

/**
 * Tells whether a failed statement may succeed if it is sent again: the database is away, restarting, read-only, full, or
 * too slow, or two transactions met. Whether it took effect is unknown in some of these cases (the answer was lost, not
 * the commit), so only what may safely happen twice may be repeated.
 */
export function isTransientSqlState(error: unknown): boolean {
  const fault = findDatabaseFault(error);
  return fault !== null && !FINAL.has(fault.kind);
}

/** Waiting does not change these: a setting of ours or of the database has to. */
const FINAL: ReadonlySet<DatabaseFaultKind> = new Set<DatabaseFaultKind>([
  'access_refused',
  'database_missing',
  'pooler_refused',
]);
