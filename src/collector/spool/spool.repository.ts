import { coerceError } from '../../kit/errors.ts';
import type { Logger } from '../../kit/logger.ts';
import { isStorageFault } from '../store/faults.ts';
import type { Store } from '../store/sqlite.ts';
import type { Tally } from './tally.repository.ts';
import type { Chunk } from './spool.types.ts';

export type SpoolRepository = ReturnType<typeof createSpoolRepository>;

/** The spool's rows. Every change commits together with the counts that it causes, and is on the disk on return. */
export function createSpoolRepository(options: { store: Store; tally: Tally; logger: Logger }) {
  const { store, tally, logger } = options;
  let isRefusing = false;
  /** Chunks that are done but still on the disk because a delete failed; retried with every change. */
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

  /** False: the disk refused, and nothing has changed. */
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
        logger.error({ err: coerceError(thrown) }, 'disk refuses writes, sending samples from memory');
      }
      isRefusing = true;
      return false;
    }
    tally.written();
    undeleted.clear();
    if (isRefusing) logger.info('disk accepts writes again');
    isRefusing = false;
    return true;
  }

  return {
    /** The chunks of an earlier process, in the order in which they were opened. */
    selectChunks: () => groupItems.all(),
    /** Stores the items and runs `alongside` in one transaction. False: the disk refused both. */
    insert: (chunk: Chunk, items: readonly string[], alongside?: () => void): boolean =>
      commit(() => {
        for (const item of items) insertItem.run(chunk.lane, chunk.id, chunk.at, item);
        alongside?.();
      }),
    selectItems: (chunkId: number) => selectItems.all(chunkId).map((row) => row.body),
    remove(chunks: readonly Chunk[]): void {
      for (const { id } of chunks) undeleted.add(id);
      commit(() => undefined);
    },
  };
}
