import { useCallback, useSyncExternalStore } from 'react';

/** Whether a media query holds, now and whenever it changes. */
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

/** The three layouts: cards, a table with what is essential, a table with everything. */
export type Layout = 'narrow' | 'medium' | 'wide';

export function useLayout(): Layout {
  const narrow = useMedia('(max-width: 719px)');
  const wide = useMedia('(min-width: 1280px)');
  if (narrow) return 'narrow';
  return wide ? 'wide' : 'medium';
}
