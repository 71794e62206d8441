import type { Clock } from '../../kit/clock.ts';
import { UnavailableError } from '../../kit/errors.ts';
import type { Database } from '../../platform/database/database.ts';
import { isTransientSqlState } from '../../platform/database/transientSqlState.ts';
import { MAX_DAYS_AT_ONCE, makeDays } from '../history/partitions.ts';
import { isPartitionMissing } from '../history/partitions.repository.ts';
import { insertSamples, type Persisted } from '../history/samples.repository.ts';
import type { Sample } from '../openInterest.types.ts';

/**
 * Stores the samples of one chunk (`distinctSamples`), or throws: then nothing of it is acknowledged. `strangers` do not
 * make their symbols known.
 */
export type Persist = (samples: readonly Sample[], strangers?: ReadonlySet<Sample>) => Promise<Persisted>;

/** More chunks than this waiting for Postgres means that it cannot keep up: say so instead of queueing. */
const MAX_WAITING_CHUNKS = 40;
/** A second try waits up to 1 s for a connection and 3 s for the answer, and has to end before 5 s are over. */
const RETRY_WITHIN_MS = 500;

export function createPersist({ db, clock }: { db: Database; clock: Clock }): Persist {
  let waitingChunks = 0;

  async function insert(samples: readonly Sample[], strangers: ReadonlySet<Sample>): Promise<Persisted> {
    try {
      return await insertSamples(db, samples, strangers);
    } catch (thrown) {
      if (!isPartitionMissing(thrown)) throw thrown;
    }
    await makeDays(
      db,
      samples.map((it) => it.ts),
    );
    try {
      return await insertSamples(db, samples, strangers);
    } catch (thrown) {
      if (!isPartitionMissing(thrown)) throw thrown;
      throw new UnavailableError(
        'days_in_the_making',
        `The chunk lies on more days without a table than are made at once (${MAX_DAYS_AT_ONCE}); send it again`,
      );
    }
  }

  return async (samples, strangers = new Set()) => {
    if (waitingChunks >= MAX_WAITING_CHUNKS) {
      throw new UnavailableError(
        'ingest_busy',
        'Too many chunks are waiting for the database; send it again',
      );
    }
    waitingChunks += 1;
    const startedAt = clock.now();
    try {
      return await insert(samples, strangers);
    } catch (thrown) {
      if (!isTransientSqlState(thrown) || clock.now() - startedAt > RETRY_WITHIN_MS) throw thrown;
      return await insert(samples, strangers);
    } finally {
      waitingChunks -= 1;
    }
  };
}
