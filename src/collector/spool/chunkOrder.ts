import type { ChunkIndex } from './chunkIndex.ts';
import type { Chunk } from './spool.types.ts';

/** Alerts first, those with the fewest attempts before the others; then live chunks, newest first. */
export function nextForDashboards(index: ChunkIndex, now: number): Chunk | null {
  let alert: Chunk | null = null;
  for (const chunk of index.lanes.alert.values()) {
    if (isDue(index, chunk, now) && (alert === null || chunk.attempts < alert.attempts)) alert = chunk;
  }
  if (alert) return alert;
  const { live } = index.lanes;
  return index.recent(now).findLast((it) => isDue(index, it, now) && live.has(it.id)) ?? null;
}

/** Live chunks that have become history, then what was fetched as history; oldest first. */
export function nextOfBacklog(index: ChunkIndex, now: number): Chunk | null {
  const isHistory = (it: Chunk) => isDue(index, it, now) && !index.isLive(it, now);
  return first(index.lanes.live, isHistory) ?? first(index.lanes.backlog, isHistory);
}

/** The oldest chunk of samples, else the oldest alert. */
export function nextToDrop(index: ChunkIndex, isCandidate: (chunk: Chunk) => boolean): Chunk | null {
  const { alert, live, backlog } = index.lanes;
  const mayDrop = (it: Chunk) => index.isWaiting(it) && isCandidate(it);
  const samples = [live, backlog].flatMap((it) => first(it, mayDrop) ?? []);
  return samples.toSorted(byAge)[0] ?? first(alert, mayDrop);
}

export function oldest(index: ChunkIndex): Chunk | null {
  const heads = Object.values(index.lanes).flatMap((it) => it.values().next().value ?? []);
  return heads.toSorted(byAge)[0] ?? null;
}

function isDue(index: ChunkIndex, chunk: Chunk, now: number): boolean {
  const { since, until } = chunk.backoff ?? { since: now, until: now };
  // A time before the backoff began means that the clock was set back: how long to wait is unknown, so do not wait.
  return index.isWaiting(chunk) && (now >= until || now < since);
}

function first(chunks: ReadonlyMap<number, Chunk>, isWanted: (chunk: Chunk) => boolean): Chunk | null {
  for (const chunk of chunks.values()) if (isWanted(chunk)) return chunk;
  return null;
}

function byAge(a: Chunk, b: Chunk): number {
  return a.at - b.at || a.id - b.id;
}
