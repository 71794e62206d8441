import { useCallback, useSyncExternalStore } from 'react';

/** Whether a media query matches. */
export function useMedia(query: string): boolean {
  const subscribe = useCallback(
    (listener: () => void) => {
      const media = window.matchMedia(query);
      media.addEventListener('change', listener);
      return () => media.removeEventListener('change', listener);
    },
    [query],
  );
  return useSyncExternalStore(subscribe, () => window.matchMedia(query).matches);
}

/** Cards; a table with alerts over it; a table with alerts beside it. */
export type Layout = 'narrow' | 'medium' | 'wide';

const NARROW = '(max-width: 719px)';
const WIDE = '(min-width: 1280px)';

/** Whether alerts fit beside the table. */
export function isWide(): boolean {
  return window.matchMedia(WIDE).matches;
}

export function useLayout(): Layout {
  const narrow = useMedia(NARROW);
  const wide = useMedia(WIDE);
  if (narrow) return 'narrow';
  return wide ? 'wide' : 'medium';
}
