/** Limits of one statement, in ms. `answerMs` is how long the client waits for an answer at all. */
export type StatementLimits = { statementMs: number; lockMs: number; answerMs: number };

/**
 * Begins a transaction with everything that our statements and their answers rely on, whatever the database, the role
 * or the connection string says.
 *
 * The settings are local to the transaction because that is all a pooler in transaction mode keeps: it refuses most
 * startup parameters, and a plain SET would reach another client's transaction.
 */
export function beginWith({ statementMs, lockMs }: StatementLimits): string {
  const settings = {
    // The server's own limit comes before the client's: it cancels the statement and frees its locks.
    statement_timeout: `${statementMs}`,
    lock_timeout: `${lockMs}`,
    idle_in_transaction_session_timeout: '5000',
    // An answer means committed: with `off` a crash loses what was acknowledged a moment ago.
    synchronous_commit: 'on',
    // How values are written and read as text.
    datestyle: 'ISO',
    intervalstyle: 'postgres',
    timezone: 'UTC',
    extra_float_digits: '1',
    standard_conforming_strings: 'on',
    array_nulls: 'on',
    bytea_output: 'hex',
  };
  const statements = Object.entries(settings).map(([name, value]) => `set local ${name} = '${value}'`);
  return ['begin isolation level read committed', ...statements].join('; ');
}
