import { HOUR_MS, SECOND_MS, type Clock } from '../../kit/clock.ts';
import type { Logger } from '../../kit/logger.ts';
import type { Store } from '../store/sqlite.ts';
import { createSpoolDisk } from './spool.repository.ts';
import { createHeld } from './held.ts';
import { createSpoolIndex } from './chunkIndex.ts';
import { createTally } from './tally.repository.ts';
import type { Chunk, Lane, SpoolStatus, SpoolTotals } from './spool.types.ts';

export type SpoolBounds = {
  maxBytes: number;
  maxAgeMs: number;
  /** Items held in memory while the disk takes nothing. */
  maxInMemory: number;
  /** How long a chunk is live: after that it is history and waits with the backlog. */
  liveForMs: number;
  maxItems: Readonly<Record<Lane, number>>;
};

const SPOOL_BOUNDS: SpoolBounds = {
  maxBytes: 512 * 1_024 * 1_024,
  maxAgeMs: 24 * HOUR_MS,
  maxInMemory: 20_000,
  liveForMs: 5 * SECOND_MS,
  maxItems: { alert: 1, live: 100, backlog: 100 },
};

/** Chunks that go in one commit: some tenths of a second, in which nothing else happens. */
const DROPPED_AT_ONCE = 1_000;

export type Spool = ReturnType<typeof createSpool>;

/**
 * What waits to be sent to our server. An item that was appended is delivered or counted as dropped, whatever happens to
 * the process: it is on the disk before anybody may send it, and leaves the disk when the server has it.
 *
 * Bounded in bytes and age; the oldest go first, alerts last. While the disk takes nothing, items are held in memory
 * (bounded too) and sent from there: a full disk must not blank the screens.
 */
export function createSpool(options: {
  store: Store;
  clock: Clock;
  logger: Logger;
  bounds?: Partial<SpoolBounds>;
  /** A chunk of samples was dropped; what it held is missing on the server. */
  onDropped?: (chunk: Chunk) => void;
}) {
  const { store, clock, logger } = options;
  const bounds = { ...SPOOL_BOUNDS, ...options.bounds };
  const tally = createTally(store);
  const disk = createSpoolDisk({ store, tally, logger });
  const index = createSpoolIndex(bounds);
  const held = createHeld();
  let lastDroppedAt: number | null = null;
  let lastDeadLetterAt: number | null = null;
  /** What was dropped since that was last said. */
  let dropped = { items: 0, chunks: 0 };

  for (const chunk of disk.selectChunks()) index.restore(chunk);
  admitLosses();

  /** What an earlier process held in memory when it ended has been appended and is nowhere now. */
  function admitLosses(): void {
    const { appended, ...others } = tally.totals();
    const known = Object.values(others).reduce((sum, count) => sum + count, index.totals().items);
    tally.add('droppedDisk', Math.max(0, appended - known));
  }

  /**
   * Appends items (JSON), at least one. `alongside` runs in the transaction of the last one, for what must be stored with
   * it or not at all. A disk that refuses stores neither, and nothing throws; both are stored later if the disk takes writes
   * again before the item is sent.
   */
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
    const stored = { chunk, items: [...items], alongside: alongside ? [alongside] : [] };
    // A chunk lies on the disk or in memory as a whole, or its items would lose their order.
    if (held.has(chunk) || !disk.insert([stored])) {
      if (!held.has(chunk) && chunk.items > 0) {
        index.seal(lane);
        chunk = index.open(lane, clock.now());
      }
      held.add(chunk, items, alongside);
    }
    for (const item of items) index.grow(chunk, Buffer.byteLength(item));
  }

  /** The disk takes writes again: a kill must not lose what it would not take before. */
  function storeHeld(): void {
    if (held.items() > 0 && disk.insert(held.all())) held.clear();
  }

  function enforceBounds(): void {
    drop('droppedSize', () => (index.totals().bytes > bounds.maxBytes ? index.nextToDrop() : null));
    drop('droppedDisk', () => (held.items() > bounds.maxInMemory ? held.nextToDrop(index.isWaiting) : null));
  }

  /** Whatever `next` names, in one commit; true when there may be more. */
  function drop(cause: keyof SpoolTotals, next: () => Chunk | null): boolean {
    const chunks: Chunk[] = [];
    for (let chunk = next(); chunk; chunk = chunks.length < DROPPED_AT_ONCE ? next() : null) {
      tally.add(cause, chunk.items);
      if (chunk.lane !== 'alert') options.onDropped?.(chunk);
      dropped = { items: dropped.items + chunk.items, chunks: dropped.chunks + 1 };
      lastDroppedAt = clock.now();
      index.remove(chunk);
      if (!held.remove(chunk)) chunks.push(chunk);
    }
    if (chunks.length > 0) disk.remove(chunks);
    return chunks.length === DROPPED_AT_ONCE;
  }

  /** While the server is away that is every half second; said so often, it would bury everything else. */
  function tellDropped(): void {
    if (dropped.items === 0) return;
    const { droppedAge, droppedSize, droppedDisk } = tally.totals();
    logger.warn({ ...dropped, droppedAge, droppedSize, droppedDisk }, 'spooled samples were dropped');
    dropped = { items: 0, chunks: 0 };
  }

  function remove(chunk: Chunk): void {
    index.remove(chunk);
    if (!held.remove(chunk)) disk.remove([chunk]);
  }

  function take(chunk: Chunk | null): Chunk | null {
    if (chunk) index.take(chunk);
    return chunk;
  }

  return {
    append,
    /** Lets chunks be sent that are not full. */
    seal: index.seal,
    takeForScreen: () => take(index.nextForScreen(clock.now())),
    takeOfBacklog: () => take(index.nextOfBacklog(clock.now())),
    /** Always the same items in the same order, however often it is asked. */
    itemsOf: (chunk: Chunk) => held.itemsOf(chunk) ?? disk.selectItems(chunk.id),
    /** The server has it, except for `refused` of its items, which it will never take. */
    delivered(chunk: Chunk, refused: number): void {
      tally.add('delivered', chunk.items - refused);
      tally.add('refused', refused);
      remove(chunk);
    },
    /** The server will never take any of it. */
    buried(chunk: Chunk): void {
      lastDeadLetterAt = clock.now();
      tally.add('dead', chunk.items);
      remove(chunk);
    },
    /** It was sent in vain. It is offered again after a while that grows, so that others get their turn. */
    putBack: (chunk: Chunk) => index.putBack(chunk, clock.now(), putOffMs(chunk.attempts)),
    /** The failures were not the chunks': everything is offered again at once. */
    recall: index.recall,
    /** Stores what the disk would not take, and drops what is too old. True: there is more to drop, call again soon. */
    tidy(): boolean {
      storeHeld();
      const oldestAllowed = clock.now() - bounds.maxAgeMs;
      const isMore = drop('droppedAge', () => {
        const next = index.nextToDrop();
        return next && next.at < oldestAllowed ? next : null;
      });
      if (!isMore) tellDropped();
      return isMore;
    },
    hasLive: () => index.hasLive(clock.now()),
    /** Whether a kill would lose something of this lane. */
    holdsInMemory: held.holds,
    status(): SpoolStatus {
      const totals = tally.totals();
      const { chunks, items, bytes } = index.totals();
      return {
        ...totals,
        dropped: totals.droppedAge + totals.droppedSize + totals.droppedDisk,
        waiting: items,
        chunks,
        bytes,
        oldestAt: index.oldest()?.at ?? null,
        lastDroppedAt,
        lastDeadLetterAt,
        waitingForTime: index.waitingForTime(),
        inMemory: held.items(),
      };
    },
  };
}

/** 0.5 s after the first failure, doubling up to a minute. */
function putOffMs(attemptsBefore: number): number {
  return Math.min(60 * SECOND_MS, 0.5 * SECOND_MS * 2 ** Math.min(attemptsBefore, 10));
}
