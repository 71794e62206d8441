import { z } from 'zod';
import { SECOND_MS, type Clock } from '../../kit/clock.ts';
import type { DatabaseHealth, DatabaseHealthWatch } from './health.ts';
import { selectRow, type Queryable } from './postgres.ts';

/** Readiness looks at the database by the last ping, so that probes cost nothing. */
export type DatabasePing = {
  /** Throws when the database does not answer, or answers and takes no writes. */
  ping(): Promise<void>;
  isRecent(): boolean;
  /** Why it is not: what the last ping failed with, in a few words; `null` before any has failed. */
  fault(): string | null;
};

const RECENT_MS = 10 * SECOND_MS;

const Pong = z.object({ time: z.number(), read_only: z.boolean() });

export function createDatabasePing(
  db: Queryable,
  watch: Pick<DatabaseHealthWatch, 'observePing' | 'health'>,
  clock: Clock,
): DatabasePing {
  let answeredAt = -Infinity;
  return {
    async ping() {
      const startedAt = performance.now();
      try {
        const pong = await selectRow(
          db,
          Pong,
          `select (extract(epoch from clock_timestamp()) * 1000)::float8 as time,
             current_setting('transaction_read_only')::boolean as read_only`,
        );
        if (pong.read_only) throw new ReadOnlyDatabaseError();
        watch.observePing({ ms: performance.now() - startedAt, databaseTime: pong.time });
      } catch (thrown) {
        watch.observePing({ thrown });
        throw thrown;
      }
      answeredAt = clock.now();
    },
    // An answer from the future is one from before the clock was set back: its age is unknown.
    isRecent: () => Math.abs(clock.now() - answeredAt) <= RECENT_MS,
    fault: () => describeFault(watch.health().ping),
  };
}

/** As Postgres reports a write to a standby; a question alone would be answered. */
class ReadOnlyDatabaseError extends Error {
  override readonly name = 'ReadOnlyDatabaseError';
  readonly code = '25006';
  constructor() {
    super('the database is read-only: a standby, or default_transaction_read_only is on');
  }
}

/** Public, so it is a kind and never the words of the database, which may name hosts and roles. */
function describeFault({ lastFailure }: DatabaseHealth['ping']): string | null {
  return lastFailure && lastFailure.kind.replaceAll('_', ' ');
}
