import { backoffLimitMs } from '../../kit/backoff.shared.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS, type Clock } from '../../kit/clock.ts';
import type { Logger } from '../../kit/logger.ts';
import type { Store } from '../store/sqlite.ts';
import { createChunkIndex, type ChunkIndex } from './chunkIndex.ts';
import { nextForDashboards, nextOfBacklog, nextToDrop, oldest } from './chunkOrder.ts';
import { createSpoolRepository, type SpoolRepository } from './spool.repository.ts';
import { createTally, type Tally } from './tally.repository.ts';
import type { Chunk, Lane, SpoolStatus, SpoolTotals } from './spool.types.ts';

export type SpoolBounds = {
  maxBytes: number;
  maxAgeMs: number;
  /** Items in memory while the disk refuses writes. */
  maxInMemory: number;
  /** How long dashboards wait for a chunk; after that it is history and joins the backlog. */
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

/** Chunks dropped in one commit, which blocks the process for some tenths of a second. */
const DROP_BATCH = 1_000;
/** Between two attempts to send the same chunk. */
const RETRY = { firstMs: 0.5 * SECOND_MS, longestMs: MINUTE_MS };

type SpoolOptions = {
  store: Store;
  clock: Clock;
  logger: Logger;
  bounds?: Partial<SpoolBounds>;
  /** A chunk of samples was dropped; the server will miss them. */
  onDropped?: (chunk: Chunk) => void;
};

type Context = Omit<SpoolOptions, 'bounds'> & {
  bounds: SpoolBounds;
  tally: Tally;
  disk: SpoolRepository;
  index: ChunkIndex;
  lastDroppedAt: number | null;
  lastDeadLetterAt: number | null;
  /** Dropped since the last log line about it. */
  unlogged: { items: number; chunks: number };
};

export type Spool = ReturnType<typeof createSpool>;

/**
 * Items that wait for the server. Each appended item is delivered or counted as dropped, also over a crash: it is on the
 * disk before it is sent and leaves the disk once the server has it.
 *
 * Bounded in bytes and age: the oldest items are dropped first, alerts last. While the disk refuses writes, items are sent
 * from memory (bounded too), because a full disk must not blank the dashboards; those that a crash loses are counted as
 * dropped by the next start.
 */
export function createSpool(options: SpoolOptions) {
  const bounds = { ...SPOOL_BOUNDS, ...options.bounds };
  const { clock } = options;
  const tally = createTally(options.store);
  const disk = createSpoolRepository({ ...options, tally });
  const index = createChunkIndex(bounds);
  const unlogged = { items: 0, chunks: 0 };
  const context: Context = {
    ...{ ...options, bounds, tally, disk, index, unlogged },
    lastDroppedAt: null,
    lastDeadLetterAt: null,
  };
  restoreSpool(context);

  return {
    /** Appends at least one JSON item. `alongside` runs in the transaction of the last one: both are stored, or neither. */
    append(lane: Lane, items: readonly string[], alongside?: () => void): void {
      append(context, lane, items, alongside);
      enforceBounds(context);
    },
    /** Closes the lane's open chunk so that it can be sent before it is full. */
    seal: index.seal,
    claimForDashboards: () => claim(nextForDashboards(index, clock.now())),
    claimOfBacklog: () => claim(nextOfBacklog(index, clock.now())),
    /** Always the same items in the same order. */
    itemsOf: (chunk: Chunk): string[] => chunk.unspooled ?? disk.selectItems(chunk.id),
    /** The server has it, except for `refused` items that it rejects for good. */
    delivered(chunk: Chunk, refused: number): void {
      tally.add('delivered', chunk.items - refused);
      tally.add('refused', refused);
      remove(context, chunk);
    },
    /** The server rejects all of it for good. */
    deadLettered(chunk: Chunk): void {
      context.lastDeadLetterAt = clock.now();
      tally.add('dead', chunk.items);
      remove(context, chunk);
    },
    /** Sending failed: offers the chunk again after a backoff, so that others get their turn. */
    retryLater(chunk: Chunk): void {
      const since = clock.now();
      chunk.isClaimed = false;
      chunk.backoff = { since, until: since + backoffLimitMs(RETRY, chunk.attempts) };
      chunk.attempts += 1;
    },
    /** The failures were the server's, not the chunks': offers every chunk again now. */
    resetBackoffs(): void {
      for (const chunk of index.all())
        if (chunk.backoff) Object.assign(chunk, { backoff: undefined, attempts: 0 });
    },
    /** Drops what is too old. True: there is more to drop, call again soon. */
    dropExpired: () => dropExpired(context),
    hasLive: () => index.recent(clock.now()).some((it) => index.lanes.live.has(it.id)),
    /** True while a crash would lose items of this lane. */
    isInMemory: (lane: Lane) =>
      index.totals().inMemory > 0 && index.all().some((it) => it.lane === lane && it.unspooled),
    status: () => describe(context),
  };
}

function claim(chunk: Chunk | null): Chunk | null {
  if (chunk) chunk.isClaimed = true;
  return chunk;
}

/** Lists what an earlier process left on the disk. What it had in memory only was appended and is gone. */
function restoreSpool({ tally, index, disk }: Context): void {
  for (const chunk of disk.selectChunks()) index.restore(chunk);
  const { appended, ...others } = tally.totals();
  const known = Object.values(others).reduce((sum, count) => sum + count, index.totals().items);
  tally.add('droppedDisk', Math.max(0, appended - known));
}

function append(context: Context, lane: Lane, items: readonly string[], alongside?: () => void): void {
  const { bounds, clock, index } = context;
  for (let rest = items; rest.length > 0;) {
    const room = bounds.maxItems[lane] - index.open(lane, clock.now()).items;
    const part = rest.slice(0, room);
    rest = rest.slice(room);
    appendToChunk(context, lane, part, rest.length === 0 ? alongside : undefined);
  }
}

/** In one commit: after a crash or on a full disk all of the items are stored, or none. */
function appendToChunk(
  { clock, tally, disk, index }: Context,
  lane: Lane,
  items: readonly string[],
  alongside?: () => void,
): void {
  let chunk = index.open(lane, clock.now());
  tally.add('appended', items.length);
  if (chunk.unspooled || !disk.insert(chunk, items, alongside)) {
    // A chunk is on the disk or in memory as a whole, or its items would change their order.
    if (!chunk.unspooled && chunk.items > 0) {
      index.seal(lane);
      chunk = index.open(lane, clock.now());
    }
    (chunk.unspooled ??= []).push(...items);
  }
  const bytes = items.reduce((sum, it) => sum + Buffer.byteLength(it), 0);
  index.grow(chunk, items.length, bytes);
}

function enforceBounds(context: Context): void {
  const { bounds, index } = context;
  const any = () => true;
  drop(context, 'droppedSize', () =>
    index.totals().bytes > bounds.maxBytes ? nextToDrop(index, any) : null,
  );
  const inMemory = (it: Chunk) => it.unspooled !== undefined;
  drop(context, 'droppedDisk', () =>
    index.totals().inMemory > bounds.maxInMemory ? nextToDrop(index, inMemory) : null,
  );
}

function dropExpired(context: Context): boolean {
  const { bounds, clock, index, logger, tally, unlogged } = context;
  const oldestAllowed = clock.now() - bounds.maxAgeMs;
  const isMore = drop(context, 'droppedAge', () => {
    const next = nextToDrop(index, () => true);
    return next && next.at < oldestAllowed ? next : null;
  });
  // During an outage chunks are dropped twice a second; one line a minute is enough.
  if (!isMore && unlogged.items > 0) {
    const { droppedAge, droppedSize, droppedDisk } = tally.totals();
    logger.warn({ ...unlogged, droppedAge, droppedSize, droppedDisk }, 'dropped spooled samples');
    context.unlogged = { items: 0, chunks: 0 };
  }
  return isMore;
}

/** Drops the chunks that `next` names, in one commit; true when there may be more. */
function drop(context: Context, cause: keyof SpoolTotals, next: () => Chunk | null): boolean {
  const chunks: Chunk[] = [];
  for (let chunk = next(); chunk; chunk = chunks.length < DROP_BATCH ? next() : null) {
    context.tally.add(cause, chunk.items);
    if (chunk.lane !== 'alert') context.onDropped?.(chunk);
    context.unlogged.items += chunk.items;
    context.unlogged.chunks += 1;
    context.lastDroppedAt = context.clock.now();
    context.index.remove(chunk);
    if (!chunk.unspooled) chunks.push(chunk);
  }
  if (chunks.length > 0) context.disk.remove(chunks);
  return chunks.length === DROP_BATCH;
}

function remove({ index, disk }: Context, chunk: Chunk): void {
  index.remove(chunk);
  if (!chunk.unspooled) disk.remove([chunk]);
}

function describe({ index, tally, lastDroppedAt, lastDeadLetterAt }: Context): SpoolStatus {
  const totals = tally.totals();
  const { chunks, items, bytes, inMemory } = index.totals();
  const waitingForTime = index.all().reduce((sum, it) => sum + (it.waitsForTime ? it.items : 0), 0);
  return {
    ...totals,
    dropped: totals.droppedAge + totals.droppedSize + totals.droppedDisk,
    ...{ waiting: items, chunks, bytes, inMemory, waitingForTime },
    oldestAt: oldest(index)?.at ?? null,
    lastDroppedAt,
    lastDeadLetterAt,
  };
}
