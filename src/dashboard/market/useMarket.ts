import { useEffect, useMemo, useState, type RefObject } from 'react';
import type { BoardState } from '../board/deriveBoard.ts';
import { useDashboard } from '../shell/useDashboard.ts';
import { selectPoints, type MarketPoint } from './market.ts';
import type { Size } from './scatterLayout.ts';

/** Windows arrive up to four times a second; pictures of 600 symbols are readable, and drawn, more rarely. */
const EVERY_MS = 2_000;

/** The points of the filtered lines; new ones at most every two seconds while the page is visible, at once for a new view. */
export function useMarket(): { points: readonly MarketPoint[]; board: BoardState } {
  const board = useCalmBoard();
  const points = useMemo(
    () => selectPoints(board.found, { ...board.view, now: board.tableNow, mode: board.mode }),
    [board],
  );
  return { points, board };
}

function useCalmBoard(): BoardState {
  const { store } = useDashboard().board;
  const [board, setBoard] = useState(() => store.getState());
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    function take(): void {
      clearTimeout(timer);
      timer = undefined;
      if (!document.hidden) setBoard(store.getState());
    }
    take();
    const unsubscribe = store.subscribe((next, before) => {
      if (next.view !== before.view || next.favourites !== before.favourites || next.listed !== before.listed)
        take();
      else timer ??= setTimeout(take, EVERY_MS);
    });
    document.addEventListener('visibilitychange', take);
    return () => {
      clearTimeout(timer);
      unsubscribe();
      document.removeEventListener('visibilitychange', take);
    };
  }, [store]);
  return board;
}

/** The size of an element in whole pixels; `null` before it is known. */
export function useSize(element: RefObject<Element | null>): Size | null {
  const [size, setSize] = useState<Size | null>(null);
  useEffect(() => {
    if (!element.current) return;
    const observer = new ResizeObserver(([entry]) => {
      const { width, height } = entry!.contentRect;
      setSize({ width: Math.floor(width), height: Math.floor(height) });
    });
    observer.observe(element.current);
    return () => observer.disconnect();
  }, [element]);
  return size;
}
