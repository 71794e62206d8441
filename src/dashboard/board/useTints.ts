import { useMemo, useRef } from 'react';
import type { HeldBoard } from '../sync/sync.types.ts';
import { tintOf, type Tinted } from './tint.ts';

const SHOWN_MS = 2_000;

/** The symbols that changed materially a moment ago. */
export function useTints(board: HeldBoard | null, now: number): ReadonlySet<string> {
  const marks = useRef(new Map<string, Tinted>());
  return useMemo(() => {
    const fresh = new Set<string>();
    for (const [symbol, row] of board?.rows ?? []) {
      const held = marks.current.get(symbol);
      const mark = tintOf(held, row, now);
      if (held === undefined) {
        marks.current.set(symbol, {
          openInterest: row.openInterest,
          change5m: row.d[0] ?? null,
          at: -Infinity,
        });
      } else if (mark) marks.current.set(symbol, mark);
      if (now - (marks.current.get(symbol)?.at ?? -Infinity) < SHOWN_MS) fresh.add(symbol);
    }
    return fresh;
  }, [board, Math.floor(now / 1_000)]);
}
