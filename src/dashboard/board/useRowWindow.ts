import { useCallback, useLayoutEffect, useState, type RefObject } from 'react';
import { rowsInSight, scrollToShow, type Sight } from './rowWindow.ts';

/**
 * Which rows of equal height are in sight, drawn with a few more on both sides so that scrolling does not show a hole.
 * `inner`: the element scrolls by itself; else the page does and `element` is where the rows begin.
 */
export function useRowWindow(options: {
  element: RefObject<HTMLElement | null>;
  inner: boolean;
  count: number;
  rowHeight: number;
  /** What covers the first rows: a sticky header. */
  covered: number;
}) {
  const { element, inner, count, rowHeight, covered } = options;
  const [sight, setSight] = useState<Sight>({ from: 0, to: Math.min(count, 40) });

  const look = useCallback(() => {
    const target = element.current;
    if (!target) return;
    const top = inner ? target.scrollTop : -target.getBoundingClientRect().top;
    const height = inner ? target.clientHeight : window.innerHeight;
    const next = rowsInSight({ top, height, rowHeight, count });
    setSight((held) => (held.from === next.from && held.to === next.to ? held : next));
  }, [element, inner, count, rowHeight]);

  useLayoutEffect(() => {
    look();
    const target = element.current;
    if (!target) return;
    const scrolls: EventTarget = inner ? target : document;
    const sizes = new ResizeObserver(look);
    sizes.observe(inner ? target : document.documentElement);
    scrolls.addEventListener('scroll', look, { passive: true });
    return () => {
      sizes.disconnect();
      scrolls.removeEventListener('scroll', look);
    };
  }, [element, inner, look]);

  /** Scrolls no further than it must. */
  const scrollTo = useCallback(
    (index: number) => {
      const target = element.current;
      if (!target) return;
      const { scrollTop, clientHeight } = target;
      target.scrollTop = scrollToShow(index, { top: scrollTop, height: clientHeight, rowHeight, covered });
      look();
    },
    [element, look, rowHeight, covered],
  );

  return { from: Math.min(sight.from, count), to: Math.min(sight.to, count), scrollTo };
}
