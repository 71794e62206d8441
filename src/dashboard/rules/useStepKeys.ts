import { useEffect, useEffectEvent, type RefObject } from 'react';

const STEPS: Readonly<Record<string, 1 | -1>> = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 };

/** Calls `onStep` for keys that step down (1) or up, while the focus is in the element. `hasLetters`: J and K are such keys. */
export function useStepKeys(
  place: RefObject<HTMLElement | null>,
  hasLetters: boolean,
  onStep: (by: 1 | -1) => void,
): void {
  const onKeyDown = useEffectEvent((event: KeyboardEvent) => {
    const { key, target, ctrlKey, metaKey, altKey } = event;
    const isLetter = key.length === 1;
    const by = STEPS[isLetter ? key.toLowerCase() : key];
    if (by === undefined || ctrlKey || metaKey || altKey || target instanceof HTMLSelectElement) return;
    if (isLetter && !hasLetters) return;
    event.preventDefault();
    onStep(by);
  });
  useEffect(() => {
    const element = place.current;
    const listen = (event: KeyboardEvent): void => onKeyDown(event);
    element?.addEventListener('keydown', listen);
    return () => element?.removeEventListener('keydown', listen);
  }, [place]);
}
