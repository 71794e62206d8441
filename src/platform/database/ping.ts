import { z } from 'zod';
import { SECOND_MS, type Clock } from '../../kit/clock.ts';
import type { DatabaseHealth, DatabaseHealthWatch } from './health.ts';
import { selectRow, type Queryable } from './postgres.ts';

export type DatabasePing = ReturnType<typeof createDatabasePing>;

const RECENT_MS = 10 * SECOND_MS;

const Pong = z.object({ time: z.number(), read_only: z.boolean() });

/** Pings in the background, so that readiness probes run no query. */
export function createDatabasePing(
  db: Queryable,
  watch: Pick<DatabaseHealthWatch, 'observePing' | 'health'>,
  clock: Clock,
) {
  let answeredAt = -Infinity;
  return {
    /** Throws if the database does not answer or is read-only. */
    async ping(): Promise<void> {
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
    /** A time in the future is from before the clock was set back, so its age is unknown. */
    isRecent: (): boolean => Math.abs(clock.now() - answeredAt) <= RECENT_MS,
    /** The kind of the last ping's failure, such as `no answer`; `null` before the first. */
    fault: (): string | null => describeFault(watch.health().ping),
  };
}

/** The code that Postgres reports for a write to a standby, which answers queries without fault. */
class ReadOnlyDatabaseError extends Error {
  override readonly name = 'ReadOnlyDatabaseError';
  readonly code = '25006';
  constructor() {
    super('the database is read-only: a standby, or default_transaction_read_only is on');
  }
}

/** The kind and not the message: the answer is public, and messages name hosts and roles. */
function describeFault({ lastFailure }: DatabaseHealth['ping']): string | null {
  return lastFailure && lastFailure.kind.replaceAll('_', ' ');
}
