import { UnavailableError } from '../../kit/errors.ts';
import type { Database } from '../../platform/database/database.ts';
import { isTransientFault } from '../../platform/database/fault.ts';
import { MAX_DAYS_AT_ONCE, makeDays } from '../history/partitions.ts';
import { isPartitionMissing } from '../history/partitions.repository.ts';
import { insertSamples, type Persisted } from '../history/insertSamples.repository.ts';
import type { OpenInterestContext } from '../openInterest.context.ts';
import type { Sample } from '../openInterest.types.ts';

/** With more chunks than this waiting, Postgres cannot keep up: refuse instead of queueing. */
const MAX_WAITING_CHUNKS = 40;
/** A second try waits up to 1 s for a connection and 3 s for the answer, and has to end before 5 s are over. */
const RETRY_WITHIN_MS = 500;

/**
 * Stores the samples of one chunk (`distinctSamples`), or throws: then none of it is acknowledged. Symbols of which only
 * `tooOld` samples are known are stored in history alone.
 */
export async function persistChunk(
  { feed, clock, stores }: Pick<OpenInterestContext, 'feed' | 'clock' | 'stores'>,
  samples: readonly Sample[],
  tooOld: ReadonlySet<Sample>,
): Promise<Persisted> {
  if (feed.waitingChunks >= MAX_WAITING_CHUNKS) {
    throw new UnavailableError('ingest_busy', 'Too many chunks are waiting for the database; send it again');
  }
  feed.waitingChunks += 1;
  const startedAt = clock.now();
  try {
    return await insertIntoDays(stores.write, samples, tooOld);
  } catch (thrown) {
    if (!isTransientFault(thrown) || clock.now() - startedAt > RETRY_WITHIN_MS) throw thrown;
    return await insertIntoDays(stores.write, samples, tooOld);
  } finally {
    feed.waitingChunks -= 1;
  }
}

/** Inserts, and creates the partitions of days that have none yet. */
async function insertIntoDays(
  db: Database,
  samples: readonly Sample[],
  tooOld: ReadonlySet<Sample>,
): Promise<Persisted> {
  try {
    return await insertSamples(db, samples, tooOld);
  } catch (thrown) {
    if (!isPartitionMissing(thrown)) throw thrown;
  }
  await makeDays(
    db,
    samples.map((it) => it.ts),
  );
  try {
    return await insertSamples(db, samples, tooOld);
  } catch (thrown) {
    if (!isPartitionMissing(thrown)) throw thrown;
    throw new UnavailableError(
      'partitions_pending',
      `The chunk covers more days without a partition than are created at once (${MAX_DAYS_AT_ONCE}); send it again`,
      { details: [{ path: 'code', message: 'formerly days_in_the_making' }] },
    );
  }
}
