import { SECOND_MS } from '../../kit/clock.ts';
import type { BoardRow, RemovedRow } from '../openInterest.types.ts';
import { createMethodGuard, type MethodChange } from './methodGuard.ts';

/** A published row that waits for its evaluation, or a change of the source's method at its place among them. */
export type FeedItem = { row: BoardRow; seenAt: number } | { change: MethodChange };

/** A hundred windows of 600 symbols: what a database that is away for a minute or two leaves behind. */
const MAX_WAITING = 60_000;

/** Longer than a takeover: rows of the time in which no node evaluated are evaluated by the next one. */
const TAKEOVER_MS = 20 * SECOND_MS;

/**
 * The published rows of this node on their way to the evaluation of rules. Every node follows the source's method, so that
 * one that takes the evaluation over knows it; while another node evaluates, only what came in the last seconds waits. A row
 * whose value is suspect does not wait: its symbol's next one decides.
 */
export function createRuleFeed(onLeftOut: (rows: number) => void) {
  const guard = createMethodGuard();
  const seen = new Map<string, number>();
  const queue = createQueue(onLeftOut);
  let isOpen = false;
  let listener: () => void = () => undefined;

  return {
    guard,
    /** Rows of a window; those whose sample was published before, with another volume, are skipped. */
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
      const isRecent = (it: FeedItem): boolean => publishedAt - timeOf(it) < TAKEOVER_MS;
      const before = isOpen ? queue.items() : queue.items().filter(isRecent);
      queue.replace([...before, ...(change ? [{ change }] : []), ...items]);
      if (isOpen) listener();
    },
    /** From now on rows wait, and `onRows` is called when there are some. */
    open(onRows: () => void): void {
      isOpen = true;
      listener = onRows;
    },
    /** Another node evaluates what waits. */
    close(): void {
      if (isOpen) queue.replace([]);
      isOpen = false;
    },
    /** Removes what waits, oldest first. */
    drain(): readonly FeedItem[] {
      const items = queue.items();
      queue.replace([]);
      return items;
    },
    /** Puts items back before those that wait. */
    putBack(items: readonly FeedItem[]): void {
      if (isOpen) queue.replace([...items, ...queue.items()]);
    },
    waiting: () => queue.items().length,
    leftOut: queue.leftOut,
  };
}

export type RuleFeed = ReturnType<typeof createRuleFeed>;

function timeOf(it: FeedItem): number {
  return 'row' in it ? it.seenAt : it.change.detectedAt;
}

/** Items that wait. Of too many the oldest rows are left out and counted; a change of method is kept. */
function createQueue(onLeftOut: (rows: number) => void) {
  let waiting: readonly FeedItem[] = [];
  const leftOut: { rows: number; lastAt: number | null } = { rows: 0, lastAt: null };
  return {
    items: () => waiting,
    replace(items: readonly FeedItem[]): void {
      const surplus = items.slice(0, Math.max(0, items.length - MAX_WAITING));
      const changes = surplus.filter((it) => 'change' in it);
      waiting = surplus.length === 0 ? items : [...changes, ...items.slice(surplus.length)];
      const last = surplus.findLast((it) => 'row' in it);
      if (last === undefined) return;
      leftOut.rows += surplus.length - changes.length;
      leftOut.lastAt = last.seenAt;
      onLeftOut(surplus.length - changes.length);
    },
    /** Rows that were left out; `lastAt`: when the last of them was published, epoch ms. */
    leftOut: (): Readonly<typeof leftOut> => leftOut,
  };
}
