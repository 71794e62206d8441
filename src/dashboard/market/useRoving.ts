import { useState, type FocusEvent, type KeyboardEvent, type MouseEvent } from 'react';
import { openSymbol } from '../drawer/openSymbol.ts';
import { useDashboard } from '../shell/useDashboard.ts';

const STEPS: Readonly<Record<string, number>> = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

/**
 * Symbols of a picture as one stop of Tab: arrows, Home and End move among them in their order. Each is an element with
 * `data-symbol`; a click, or Enter on a link, opens it. `shown`: the one under the pointer or in focus.
 */
export function useRoving(symbols: readonly string[]) {
  const dashboard = useDashboard();
  const [focused, setFocused] = useState<string | null>(null);
  const [shown, setShown] = useState<string | null>(null);
  const stop = focused !== null && symbols.includes(focused) ? focused : (symbols[0] ?? null);

  function onKeyDown(event: KeyboardEvent<Element>): void {
    const at = symbols.indexOf(stop ?? '');
    const next =
      event.key === 'Home' ? 0 : event.key === 'End' ? symbols.length - 1 : at + (STEPS[event.key] ?? NaN);
    const symbol = symbols[next];
    if (symbol === undefined) return;
    event.preventDefault();
    setFocused(symbol);
    const element = event.currentTarget.querySelector(`[data-symbol="${CSS.escape(symbol)}"]`);
    (element as HTMLElement | SVGElement | null)?.focus();
  }

  function onFocus({ target }: FocusEvent<Element>): void {
    const symbol = symbolOf(target);
    setFocused(symbol);
    setShown(symbol);
  }

  /** With a key held the browser follows the link instead, to a page for the symbol. */
  function onClick(event: MouseEvent<Element>): void {
    const symbol = symbolOf(event.target as Element);
    if (symbol === null || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    openSymbol(dashboard, symbol);
  }

  return {
    stop,
    shown,
    on: {
      onKeyDown,
      onFocus,
      onClick,
      onBlur: () => setShown(null),
      onPointerOver: (event: { target: EventTarget }) => setShown(symbolOf(event.target as Element)),
      onPointerLeave: () => setShown(null),
    },
  };
}

function symbolOf(element: Element): string | null {
  return element.closest('[data-symbol]')?.getAttribute('data-symbol') ?? null;
}
