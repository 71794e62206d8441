import { coerceError } from '../../kit/errors.ts';
import type { Logger } from '../../kit/logger.ts';
import { isStorageFault } from '../store/faults.ts';
import type { Store } from '../store/sqlite.ts';
import type { HeldChunk } from './held.ts';
import type { Tally } from './tally.repository.ts';
import type { Chunk } from './spool.types.ts';

export type SpoolDisk = ReturnType<typeof createSpoolDisk>;

/**
 * The spool's rows. Every change is one transaction with the counts of its cause, and is on the disk when it returns
 * true; false means that the disk refused and nothing has changed.
 */
export function createSpoolDisk(options: { store: Store; tally: Tally; logger: Logger }) {
  const { store, tally, logger } = options;
  let isRefusing = false;
  /** Gone for us, and still on the disk because it would not delete them; tried again with every change. */
  const undeleted = new Set<number>();

  const insertItem = store.prepare<[string, number, number, string]>(
    'insert into item (lane, chunk, at, body) values (?, ?, ?, ?)',
  );
  const selectItems = store.prepare<[number], { body: string }>(
    'select body from item where chunk = ? order by id',
  );
  const deleteItems = store.prepare<[number]>('delete from item where chunk = ?');
  const groupItems = store.prepare<[], Chunk>(
    `select chunk as id, min(lane) as lane, count(*) as items, sum(length(cast(body as blob))) as bytes, min(at) as at,
       0 as attempts
     from item group by chunk order by chunk`,
  );

  function commit(change: () => void): boolean {
    try {
      store.transaction(() => {
        for (const id of undeleted) deleteItems.run(id);
        change();
        tally.write();
      });
    } catch (thrown) {
      if (!isStorageFault(thrown)) throw thrown;
      if (!isRefusing) {
        logger.error({ err: coerceError(thrown) }, 'the disk takes nothing, holding what is read in memory');
      }
      isRefusing = true;
      return false;
    }
    tally.written();
    undeleted.clear();
    if (isRefusing) logger.info('the disk takes writes again');
    isRefusing = false;
    return true;
  }

  return {
    /** What an earlier process has left, in the order of its coming. */
    selectChunks: () => groupItems.all(),
    /** Appends the items to their chunks, with what belongs to them. */
    insert: (chunks: readonly HeldChunk[]) =>
      commit(() => {
        for (const { chunk, items, alongside } of chunks) {
          for (const item of items) insertItem.run(chunk.lane, chunk.id, chunk.at, item);
          for (const store of alongside) store();
        }
      }),
    selectItems: (chunkId: number) => selectItems.all(chunkId).map((row) => row.body),
    remove(chunks: readonly Chunk[]): void {
      for (const { id } of chunks) undeleted.add(id);
      commit(() => undefined);
    },
  };
}
