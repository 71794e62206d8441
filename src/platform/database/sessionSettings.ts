/** Limits of one statement, in ms. `answerMs` is the client's own timeout. */
export type StatementLimits = { statementMs: number; lockMs: number; answerMs: number };

/**
 * Begins a transaction with every setting that our statements rely on, regardless of the defaults of database, role and
 * connection string. The settings are local to the transaction: a pooler in transaction mode refuses most startup
 * parameters, and a plain SET would leak into another client's transaction.
 */
export function beginWith({ statementMs, lockMs }: StatementLimits): string {
  const settings = {
    // Shorter than the client's timeout, because only the server cancels the statement and frees its locks.
    statement_timeout: `${statementMs}`,
    lock_timeout: `${lockMs}`,
    idle_in_transaction_session_timeout: '5000',
    // With `off` a crash would lose acknowledged transactions.
    synchronous_commit: 'on',
    // The text format of values.
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
