import type { Chunk, Lane } from './spool.types.ts';

type Bounds = {
  /** How long dashboards wait for a chunk; after that it is history. */
  liveForMs: number;
  maxItems: Readonly<Record<Lane, number>>;
};

export type ChunkIndex = ReturnType<typeof createChunkIndex>;

/**
 * Which chunks exist, in memory: choosing the next one must not read the disk. A chunk is open until it is full or sealed;
 * only closed chunks are sent or dropped. `chunkOrder.ts` chooses among them.
 */
export function createChunkIndex({ liveForMs, maxItems }: Bounds) {
  /** In the order in which they were opened. */
  const lanes: Record<Lane, Map<number, Chunk>> = { alert: new Map(), live: new Map(), backlog: new Map() };
  /** Live chunks, oldest first. Expired ones are removed on access: after an outage the lane holds a day of them. */
  const recent: Chunk[] = [];
  const openChunks = new Map<Lane, Chunk>();
  const totals = { items: 0, bytes: 0, inMemory: 0 };
  let nextId = 1;

  function add(chunk: Chunk): void {
    lanes[chunk.lane].set(chunk.id, chunk);
    if (chunk.lane === 'live') recent.push(chunk);
    nextId = Math.max(nextId, chunk.id + 1);
  }

  const isLive = (chunk: Chunk, now: number) => chunk.lane === 'live' && now - chunk.at < liveForMs;

  function count(chunk: Chunk, items: number, bytes: number): void {
    totals.items += items;
    totals.bytes += bytes;
    if (chunk.unspooled) totals.inMemory += items;
  }

  return {
    lanes: lanes as Readonly<Record<Lane, ReadonlyMap<number, Chunk>>>,
    /** The lane's open chunk; opens one if there is none. */
    open(lane: Lane, at: number): Chunk {
      const known = openChunks.get(lane);
      if (known) return known;
      const chunk = { id: nextId, lane, items: 0, bytes: 0, at, attempts: 0 };
      openChunks.set(lane, chunk);
      add(chunk);
      return chunk;
    },
    /** Counts items that were added to the chunk; closes it when it is full. */
    grow(chunk: Chunk, items: number, bytes: number): void {
      chunk.items += items;
      chunk.bytes += bytes;
      count(chunk, items, bytes);
      if (chunk.items >= maxItems[chunk.lane]) openChunks.delete(chunk.lane);
    },
    /** Adds a chunk that was found on the disk. */
    restore(chunk: Chunk): void {
      add(chunk);
      count(chunk, chunk.items, chunk.bytes);
    },
    seal(lane: Lane): void {
      if (openChunks.get(lane)?.items) openChunks.delete(lane);
    },
    remove(chunk: Chunk): void {
      if (!lanes[chunk.lane].delete(chunk.id)) return;
      if (openChunks.get(chunk.lane) === chunk) openChunks.delete(chunk.lane);
      count(chunk, -chunk.items, -chunk.bytes);
    },
    isLive,
    /** Open ones included; some may have been removed since. */
    recent(now: number): readonly Chunk[] {
      const from = recent.findIndex((it) => isLive(it, now) && lanes.live.has(it.id));
      if (from !== 0) recent.splice(0, from < 0 ? recent.length : from);
      return recent;
    },
    /** Closed and not being sent. */
    isWaiting: (chunk: Chunk) => !chunk.isClaimed && openChunks.get(chunk.lane) !== chunk,
    all: () => Object.values(lanes).flatMap((it) => [...it.values()]),
    totals: () => ({ ...totals, chunks: lanes.alert.size + lanes.live.size + lanes.backlog.size }),
  };
}
