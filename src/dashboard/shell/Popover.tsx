import { useEffect, useEffectEvent, useId, useRef, useState, type ReactNode } from 'react';
import { Button } from './Button.tsx';

/** A button with a panel under it. Esc and a click outside close it; Esc returns the focus to the button. */
export function Popover(props: {
  label: ReactNode;
  title: string;
  /** How many things in it are on. */
  badge?: number;
  onOpenChange?: (open: boolean) => void;
  children: ReactNode;
}) {
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const panel = useRef<HTMLDivElement>(null);
  const id = useId();

  function show(next: boolean): void {
    setOpen(next);
    props.onOpenChange?.(next);
  }

  const onPointer = useEffectEvent(({ target }: PointerEvent): void => {
    const isInside = [panel, button].some(({ current }) => current?.contains(target as Node));
    if (!isInside) show(false);
  });
  const onKey = useEffectEvent((event: KeyboardEvent): void => {
    if (event.key !== 'Escape') return;
    // Captured: the page would close something else with the same key.
    event.stopPropagation();
    show(false);
    button.current?.focus();
  });
  useEffect(() => {
    if (!open) return;
    const abort = new AbortController();
    document.addEventListener('pointerdown', (event) => onPointer(event), { signal: abort.signal });
    document.addEventListener('keydown', (event) => onKey(event), { signal: abort.signal, capture: true });
    return () => abort.abort();
  }, [open]);

  return (
    <div className="popover">
      <Button ref={button} aria-expanded={open} aria-controls={id} onClick={() => show(!open)}>
        {props.label}
        {props.badge ? <span className="badge">{props.badge}</span> : null}
      </Button>
      {open && (
        <div ref={panel} id={id} className="popover-panel" role="group" aria-label={props.title}>
          {props.children}
        </div>
      )}
    </div>
  );
}
