import { useEffect, useRef } from 'react';

/** The focus goes to the element of the selector when the editor has closed. */
export function useFocusAfter(place: { readonly current: HTMLElement | null }, editing: unknown) {
  const next = useRef<string>(null);
  useEffect(() => {
    if (next.current !== null) place.current?.querySelector<HTMLElement>(next.current)?.focus();
    next.current = null;
  }, [place, editing]);
  return (selector: string): void => {
    next.current = selector;
  };
}
