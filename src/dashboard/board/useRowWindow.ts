import { useCallback, useSyncExternalStore, type RefObject } from 'react';
import { rowsInSight, scrollToShow, type Sight } from './rowWindow.ts';

const BEFORE_LAYOUT: Sight = { from: 0, to: 40 };

/**
 * The rows of equal height that are in sight, with a few more on both sides so that scrolling shows no hole. `inner`: the
 * element itself scrolls; otherwise the page does, and the rows begin at the element's top.
 */
export function useRowWindow(options: {
  scrollRef: RefObject<HTMLElement | null>;
  inner: boolean;
  count: number;
  rowHeight: number;
  /** The height of a sticky header over the first rows. */
  covered?: number;
}) {
  const { scrollRef, inner, count, rowHeight, covered = 0 } = options;

  const subscribe = useCallback(
    (onChange: () => void) => {
      const target = scrollRef.current;
      if (!target) return () => undefined;
      const scrolls: EventTarget = inner ? target : document;
      const sizes = new ResizeObserver(onChange);
      sizes.observe(inner ? target : document.documentElement);
      scrolls.addEventListener('scroll', onChange, { passive: true });
      return () => {
        sizes.disconnect();
        scrolls.removeEventListener('scroll', onChange);
      };
    },
    [scrollRef, inner],
  );
  // A string, because equal ranges have to be equal snapshots.
  const range = useSyncExternalStore(subscribe, () => {
    const target = scrollRef.current;
    const { from, to } = target ? lookAt(target, { inner, rowHeight, count }) : BEFORE_LAYOUT;
    return `${from} ${to}`;
  });
  const [from = 0, to = 0] = range.split(' ').map((it) => Math.min(Number(it), count));

  /** Scrolls no further than needed to bring a row into sight. */
  function scrollTo(index: number): void {
    const target = scrollRef.current;
    if (!target) return;
    const { scrollTop, clientHeight } = target;
    const view = { top: scrollTop, height: clientHeight, rowHeight, covered };
    target.scrollTo({ top: scrollToShow(index, view), behavior: 'instant' });
  }

  return { from, to, scrollTo };
}

function lookAt(target: HTMLElement, rows: { inner: boolean; rowHeight: number; count: number }): Sight {
  const { inner, rowHeight, count } = rows;
  const top = inner ? target.scrollTop : -target.getBoundingClientRect().top;
  const height = inner ? target.clientHeight : window.innerHeight;
  return rowsInSight({ top, height, rowHeight, count });
}
