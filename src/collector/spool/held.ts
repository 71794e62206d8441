import type { Chunk, Lane } from './spool.types.ts';

/** A chunk with all of its items and what is to be stored with them. */
export type HeldChunk = { chunk: Chunk; items: string[]; alongside: (() => void)[] };

export type Held = ReturnType<typeof createHeld>;

/**
 * The chunks that the disk would not take, in the order of their coming. Each lies here or on the disk, as a whole.
 */
export function createHeld() {
  const chunks = new Map<number, HeldChunk>();
  let count = 0;

  return {
    has: (chunk: Chunk) => chunks.has(chunk.id),
    /** `null`: it is not held. */
    itemsOf: (chunk: Chunk) => chunks.get(chunk.id)?.items ?? null,
    add(chunk: Chunk, items: readonly string[], alongside?: () => void): void {
      const held = chunks.get(chunk.id) ?? { chunk, items: [], alongside: [] };
      held.items.push(...items);
      if (alongside) held.alongside.push(alongside);
      chunks.set(chunk.id, held);
      count += items.length;
    },
    /** False when it is not held. */
    remove(chunk: Chunk): boolean {
      count -= chunks.get(chunk.id)?.items.length ?? 0;
      return chunks.delete(chunk.id);
    },
    holds: (lane: Lane) => [...chunks.values()].some((it) => it.chunk.lane === lane),
    /** The next to go when there is too much: the oldest that is not an alert, else the oldest alert. */
    nextToDrop(isWaiting: (chunk: Chunk) => boolean): Chunk | null {
      const waiting = [...chunks.values()].map((it) => it.chunk).filter(isWaiting);
      return waiting.find((it) => it.lane !== 'alert') ?? waiting[0] ?? null;
    },
    all: () => [...chunks.values()],
    clear(): void {
      chunks.clear();
      count = 0;
    },
    items: () => count,
  };
}
