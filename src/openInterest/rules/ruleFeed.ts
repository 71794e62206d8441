import type { BoardRow, RemovedRow } from '../openInterest.types.ts';
import { createMethodGuard, type MethodChange } from './methodGuard.ts';

/** A published row that waits for its evaluation, or a change of the source's method at its place among them. */
export type FeedItem = { row: BoardRow; seenAt: number } | { change: MethodChange };

/** A hundred windows of 600 symbols: what a database that is away for a minute or two leaves behind. */
const MAX_WAITING = 60_000;

/**
 * The published rows of this node on their way to the evaluation of rules. Every node follows the source's method, so that
 * one that takes the evaluation over knows it; rows wait only while the node evaluates. A row whose value is suspect does
 * not wait: its symbol's next one decides.
 */
export function createRuleFeed() {
  const guard = createMethodGuard();
  const seen = new Map<string, number>();
  let waiting: FeedItem[] = [];
  let isOpen = false;
  let listener: () => void = () => undefined;

  function keep(items: readonly FeedItem[]): void {
    waiting.push(...items);
    const surplus = waiting.length - MAX_WAITING;
    if (surplus > 0) waiting.splice(0, surplus);
  }

  return {
    guard,
    /** Rows of a window; those whose sample was published before, with another volume, are left out. */
    add(rows: readonly (BoardRow | RemovedRow)[], publishedAt: number): void {
      const items: FeedItem[] = [];
      let newestTs = 0;
      for (const row of rows) {
        if ('removed' in row) {
          guard.forget(row.symbol);
          seen.delete(row.symbol);
          continue;
        }
        if (row.ts <= (seen.get(row.symbol) ?? 0)) continue;
        seen.set(row.symbol, row.ts);
        newestTs = Math.max(newestTs, row.ts);
        if (guard.follow(row) === 'plain') items.push({ row, seenAt: publishedAt });
      }
      const change = newestTs > 0 ? guard.findChange(newestTs, publishedAt) : null;
      if (!isOpen) return;
      keep(change ? [{ change }, ...items] : items);
      listener();
    },
    /** From now on rows wait, and `onRows` is called when there are some. */
    open(onRows: () => void): void {
      isOpen = true;
      listener = onRows;
    },
    /** Rows do not wait any more. */
    close(): void {
      isOpen = false;
      waiting = [];
    },
    /** Removes what waits, oldest first. */
    drain(): FeedItem[] {
      const items = waiting;
      waiting = [];
      return items;
    },
    /** Puts items back before those that wait. */
    putBack(items: readonly FeedItem[]): void {
      if (!isOpen) return;
      const later = waiting;
      waiting = [];
      keep(items);
      keep(later);
    },
    waiting: () => waiting.length,
  };
}

export type RuleFeed = ReturnType<typeof createRuleFeed>;
