import { useEffect, useRef } from 'react';

/** The focus goes to the element of the selector when the editor has closed, or to the title if there is none. */
export function useFocusAfter(place: { readonly current: HTMLElement | null }, editing: unknown) {
  const next = useRef<string>(null);
  useEffect(() => {
    const find = (selector: string) => place.current?.querySelector<HTMLElement>(selector);
    if (next.current !== null) (find(next.current) ?? find('h2'))?.focus();
    next.current = null;
  }, [place, editing]);
  return (selector: string): void => {
    next.current = selector;
  };
}
