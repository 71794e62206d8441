import { commandLine } from '../kit/commands.ts';
import { SECOND_MS, type Clock } from '../kit/clock.ts';
import { coerceError, ExplainedError } from '../kit/errors.ts';
import type { Logger } from '../kit/logger.ts';
import { sleep } from '../kit/sleep.ts';
import { listPendingMigrations } from '../platform/database/migrations.ts';
import type { Queryable } from '../platform/database/postgres.ts';
import { isTransientSqlState } from '../platform/database/transientSqlState.ts';

/** A database whose tables are not those of this build. */
class UnmigratedDatabaseError extends ExplainedError {
  override readonly name = 'UnmigratedDatabaseError';
}

const RETRY_MS = SECOND_MS;

export async function requireMigrated(db: Queryable): Promise<void> {
  const pending = await listPendingMigrations(db);
  if (pending.length === 0) return;
  throw new UnmigratedDatabaseError(
    `The database lacks ${pending.length} migrations (${pending.join(', ')}). Run: ${commandLine('migrate')}`,
  );
}

/** Runs `task` until it succeeds. A database that is away is waited for; whatever else is wrong with it is final. */
export async function untilDatabaseAnswers(options: {
  down: AbortSignal;
  clock: Clock;
  logger: Logger;
  task: () => Promise<void>;
}): Promise<void> {
  const { down, clock, logger, task } = options;
  while (!down.aborted) {
    try {
      await task();
      return;
    } catch (thrown) {
      if (!isTransientSqlState(thrown)) throw thrown;
      logger.warn({ err: coerceError(thrown) }, 'the database does not answer, trying again');
      await sleep(clock, RETRY_MS, down);
    }
  }
}
