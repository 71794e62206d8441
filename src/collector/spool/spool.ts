import { HOUR_MS, SECOND_MS, type Clock } from '../../kit/clock.ts';
import type { Logger } from '../../kit/logger.ts';
import type { Store } from '../store/store.database.ts';
import { createSpoolDisk } from './spool.disk.ts';
import { createSpoolIndex } from './spool.index.ts';
import { createTally } from './spool.tally.ts';
import type { Chunk, Lane, SpoolStatus, SpoolTotals } from './spool.types.ts';

/**
 * What waits to be sent to our server. An item that was appended is delivered or counted as dropped, whatever happens to
 * the process: it is on the disk before anybody may send it, and leaves the disk when the server has it.
 *
 * Bounded in bytes and age; the oldest go first, alerts last. While the disk takes nothing, items are held in memory
 * (bounded too) and sent from there: a full disk must not blank the screens.
 */
export type Spool = {
  /**
   * Appends items (JSON), at least one. `alongside` runs in the transaction of the last one, for what must be stored with
   * it or not at all; a disk that refuses stores neither, and nothing throws.
   */
  append(lane: Lane, items: readonly string[], alongside?: () => void): void;
  /** Lets chunks be sent that are not full. */
  seal(lane: Lane): void;
  takeForScreen(): Chunk | null;
  takeOfBacklog(): Chunk | null;
  /** Always the same items in the same order, however often it is asked. */
  itemsOf(chunk: Chunk): string[];
  /** The server has it, except for `refused` of its items, which it will never take. */
  delivered(chunk: Chunk, refused: number): void;
  /** The server will never take any of it. */
  buried(chunk: Chunk): void;
  /** It was sent in vain. It is offered again after a while that grows, so that others get their turn. */
  putBack(chunk: Chunk): void;
  /** The failures were not the chunks': everything is offered again at once. */
  recall(): void;
  /** Drops what is too old. */
  expire(): void;
  hasLive(): boolean;
  status(): SpoolStatus;
};

export type SpoolBounds = {
  maxBytes: number;
  maxAgeMs: number;
  /** Items held in memory while the disk takes nothing. */
  maxInMemory: number;
  /** How long a chunk is live: after that it is history and waits with the backlog. */
  liveForMs: number;
  maxItems: Readonly<Record<Lane, number>>;
};

export const SPOOL_BOUNDS: SpoolBounds = {
  maxBytes: 512 * 1_024 * 1_024,
  maxAgeMs: 24 * HOUR_MS,
  maxInMemory: 20_000,
  liveForMs: 5 * SECOND_MS,
  maxItems: { alert: 1, live: 100, backlog: 100 },
};

export function createSpool(options: {
  store: Store;
  clock: Clock;
  logger: Logger;
  bounds?: Partial<SpoolBounds>;
  /** A chunk of samples was dropped; what it held is missing on the server. */
  onDropped?: (chunk: Chunk) => void;
}): Spool {
  const { store, clock, logger } = options;
  const bounds = { ...SPOOL_BOUNDS, ...options.bounds };
  const tally = createTally(store);
  const disk = createSpoolDisk({ store, tally, logger });
  const index = createSpoolIndex(bounds);
  /** Items of the chunks that the disk would not take, in the order of their coming. */
  const held = new Map<number, { chunk: Chunk; items: string[] }>();
  let heldItems = 0;

  for (const chunk of disk.selectChunks()) index.restore(chunk);
  admitLosses();

  /** What an earlier process held in memory when it ended has been appended and is nowhere now. */
  function admitLosses(): void {
    const { appended, ...others } = tally.totals();
    const known = Object.values(others).reduce((sum, count) => sum + count, index.totals().items);
    tally.add('droppedDisk', Math.max(0, appended - known));
  }

  function append(lane: Lane, items: readonly string[], alongside?: () => void): void {
    for (let rest = items; rest.length > 0;) {
      const room = bounds.maxItems[lane] - index.open(lane, clock.now()).items;
      const part = rest.slice(0, room);
      rest = rest.slice(room);
      appendToChunk(lane, part, rest.length === 0 ? alongside : undefined);
    }
    enforceBounds();
  }

  /** In one commit: a full disk or a kill leaves all of them or none. */
  function appendToChunk(lane: Lane, items: readonly string[], alongside?: () => void): void {
    let chunk = index.open(lane, clock.now());
    tally.add('appended', items.length);
    // A chunk lies on the disk or in memory as a whole, or its items would lose their order.
    if (!held.has(chunk.id) && !disk.insert(chunk, items, alongside)) {
      if (chunk.items > 0) {
        index.seal(lane);
        chunk = index.open(lane, clock.now());
      }
      held.set(chunk.id, { chunk, items: [] });
    }
    const inMemory = held.get(chunk.id);
    inMemory?.items.push(...items);
    heldItems += inMemory ? items.length : 0;
    for (const item of items) index.grow(chunk, Buffer.byteLength(item));
  }

  function enforceBounds(): void {
    while (index.totals().bytes > bounds.maxBytes) {
      if (!drop(index.nextToDrop(), 'droppedSize')) break;
    }
    while (heldItems > bounds.maxInMemory) {
      const oldest = [...held.values()].find((it) => index.isWaiting(it.chunk))?.chunk;
      if (!drop(oldest ?? null, 'droppedDisk')) break;
    }
  }

  function drop(chunk: Chunk | null, cause: keyof SpoolTotals): boolean {
    if (!chunk) return false;
    tally.add(cause, chunk.items);
    remove(chunk);
    logger.warn({ cause, items: chunk.items, lane: chunk.lane, at: chunk.at }, 'spooled chunk dropped');
    if (chunk.lane !== 'alert') options.onDropped?.(chunk);
    return true;
  }

  function remove(chunk: Chunk): void {
    index.remove(chunk);
    const inMemory = held.get(chunk.id);
    if (!inMemory) {
      disk.remove(chunk.id);
      return;
    }
    heldItems -= inMemory.items.length;
    held.delete(chunk.id);
  }

  function take(chunk: Chunk | null): Chunk | null {
    if (chunk) index.take(chunk);
    return chunk;
  }

  return {
    append,
    seal: index.seal,
    takeForScreen: () => take(index.nextForScreen(clock.now())),
    takeOfBacklog: () => take(index.nextOfBacklog(clock.now())),
    itemsOf: (chunk) => held.get(chunk.id)?.items ?? disk.selectItems(chunk.id),
    delivered(chunk, refused) {
      tally.add('delivered', chunk.items - refused);
      tally.add('refused', refused);
      remove(chunk);
    },
    buried(chunk) {
      tally.add('dead', chunk.items);
      remove(chunk);
    },
    putBack: (chunk) => index.putBack(chunk, clock.now() + putOffMs(chunk.attempts)),
    recall: index.recall,
    expire() {
      const oldestAllowed = clock.now() - bounds.maxAgeMs;
      for (;;) {
        const next = index.nextToDrop();
        if (!next || next.at >= oldestAllowed || !drop(next, 'droppedAge')) return;
      }
    },
    hasLive: () => index.hasLive(clock.now()),
    status() {
      const totals = tally.totals();
      const { chunks, items, bytes } = index.totals();
      return {
        ...totals,
        dropped: totals.droppedAge + totals.droppedSize + totals.droppedDisk,
        waiting: items,
        chunks,
        bytes,
        oldestAt: index.oldest()?.at ?? null,
        inMemory: heldItems,
      };
    },
  };
}

/** 0.5 s after the first failure, doubling up to a minute. */
function putOffMs(attemptsBefore: number): number {
  return Math.min(60 * SECOND_MS, 0.5 * SECOND_MS * 2 ** Math.min(attemptsBefore, 10));
}
