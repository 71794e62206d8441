import type { Chunk, Lane } from './spool.types.ts';

export type SpoolIndex = ReturnType<typeof createSpoolIndex>;

/**
 * Which chunks there are and which is next, in memory: picking one must not read the disk. A chunk is open until it is
 * full or sealed; only closed ones are picked.
 */
export function createSpoolIndex(options: {
  /** So long a chunk is worth more than the ones before it. */
  liveForMs: number;
  maxItems: Readonly<Record<Lane, number>>;
}) {
  const { liveForMs, maxItems } = options;
  // Each in the order of its coming.
  const lanes: Readonly<Record<Lane, Map<number, Chunk>>> = {
    alert: new Map(),
    live: new Map(),
    backlog: new Map(),
  };
  /** Live ones, oldest first; those that have aged or gone are shed when somebody looks. */
  const recent: Chunk[] = [];
  const openChunks = new Map<Lane, Chunk>();
  const taken = new Set<number>();
  const putOff = new Map<number, { since: number; until: number }>();
  let nextId = 1;
  let items = 0;
  let bytes = 0;

  const isLive = (chunk: Chunk, now: number) => chunk.lane === 'live' && now - chunk.at < liveForMs;
  const isWaiting = (chunk: Chunk) => !taken.has(chunk.id) && openChunks.get(chunk.lane) !== chunk;

  function put(chunk: Chunk): void {
    lanes[chunk.lane].set(chunk.id, chunk);
    if (chunk.lane === 'live') recent.push(chunk);
  }

  function isDue(chunk: Chunk, now: number): boolean {
    const { since, until } = putOff.get(chunk.id) ?? { since: now, until: now };
    // Before it was put off: the clock has been set back, and nobody knows how long that is to be waited for.
    return isWaiting(chunk) && (now >= until || now < since);
  }

  function first(chunks: ReadonlyMap<number, Chunk>, wanted: (chunk: Chunk) => boolean): Chunk | null {
    for (const chunk of chunks.values()) if (wanted(chunk)) return chunk;
    return null;
  }

  function nextAlert(now: number): Chunk | null {
    let next: Chunk | null = null;
    for (const chunk of lanes.alert.values()) {
      if (isDue(chunk, now) && (next === null || chunk.attempts < next.attempts)) next = chunk;
    }
    return next;
  }

  function liveChunks(now: number): readonly Chunk[] {
    const from = recent.findIndex((it) => isLive(it, now) && lanes.live.has(it.id));
    // All at once: after a restart there may be a day of them.
    if (from !== 0) recent.splice(0, from < 0 ? recent.length : from);
    return recent;
  }

  return {
    /** The chunk of this lane that takes an item now; opens one when there is none. */
    open(lane: Lane, at: number): Chunk {
      let chunk = openChunks.get(lane);
      if (!chunk) {
        chunk = { id: nextId++, lane, items: 0, bytes: 0, at, attempts: 0 };
        openChunks.set(lane, chunk);
        put(chunk);
      }
      return chunk;
    },
    /** An item has gone into the chunk; a full one is closed. */
    grow(chunk: Chunk, itemBytes: number): void {
      chunk.items += 1;
      chunk.bytes += itemBytes;
      items += 1;
      bytes += itemBytes;
      if (chunk.items >= maxItems[chunk.lane]) openChunks.delete(chunk.lane);
    },
    /** A chunk that was found on the disk. */
    restore(chunk: Chunk): void {
      put(chunk);
      nextId = Math.max(nextId, chunk.id + 1);
      items += chunk.items;
      bytes += chunk.bytes;
    },
    seal(lane: Lane): void {
      if (openChunks.get(lane)?.items) openChunks.delete(lane);
    },
    remove(chunk: Chunk): void {
      if (!lanes[chunk.lane].delete(chunk.id)) return;
      taken.delete(chunk.id);
      putOff.delete(chunk.id);
      if (openChunks.get(chunk.lane) === chunk) openChunks.delete(chunk.lane);
      items -= chunk.items;
      bytes -= chunk.bytes;
    },
    /** Keeps the chunk from being picked or dropped until it is removed or put back. */
    take: (chunk: Chunk) => void taken.add(chunk.id),
    /** It was sent in vain and may be picked again when so much time has passed. */
    putBack(chunk: Chunk, now: number, forMs: number): void {
      taken.delete(chunk.id);
      putOff.set(chunk.id, { since: now, until: now + forMs });
      chunk.attempts += 1;
    },
    /** Whatever was put back may be picked now, as if it had never been sent. */
    recall(): void {
      for (const id of putOff.keys()) {
        const chunk = lanes.alert.get(id) ?? lanes.live.get(id) ?? lanes.backlog.get(id);
        if (chunk) chunk.attempts = 0;
      }
      putOff.clear();
    },
    /** Closed, and nobody has taken it. */
    isWaiting,
    /** Alerts first, those least often sent in vain before the others; then what is live, newest first. */
    nextForScreen(now: number): Chunk | null {
      const newest = () => liveChunks(now).findLast((it) => isDue(it, now) && lanes.live.has(it.id));
      return nextAlert(now) ?? newest() ?? null;
    },
    /** What was read and is not live any more, then what was meant for history, each oldest first. */
    nextOfBacklog(now: number): Chunk | null {
      const isHistory = (it: Chunk) => isDue(it, now) && !isLive(it, now);
      return first(lanes.live, isHistory) ?? first(lanes.backlog, isHistory);
    },
    /** The next to go when there is too much: the oldest that is not an alert, else the oldest alert. */
    nextToDrop(): Chunk | null {
      const samples = [lanes.live, lanes.backlog].flatMap((it) => first(it, isWaiting) ?? []);
      return samples.toSorted(byAge)[0] ?? first(lanes.alert, isWaiting);
    },
    oldest(): Chunk | null {
      const heads = Object.values(lanes).flatMap((it) => it.values().next().value ?? []);
      return heads.toSorted(byAge)[0] ?? null;
    },
    totals: () => ({ chunks: lanes.alert.size + lanes.live.size + lanes.backlog.size, items, bytes }),
    /** Items of chunks that wait for the server's clock. */
    waitingForTime(): number {
      let waiting = 0;
      for (const chunks of Object.values(lanes)) {
        for (const chunk of chunks.values()) if (chunk.waitsForTime) waiting += chunk.items;
      }
      return waiting;
    },
    /** Whether live chunks wait, open ones included. */
    hasLive: (now: number) => liveChunks(now).some((it) => lanes.live.has(it.id)),
  };
}

function byAge(a: Chunk, b: Chunk): number {
  return a.at - b.at || a.id - b.id;
}
