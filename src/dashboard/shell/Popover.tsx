import { useEffect, useId, useRef, useState, type ReactNode } from 'react';

/** A button with a panel under it. Esc and a click elsewhere close it; Esc gives the focus back to the button. */
export function Popover(props: {
  label: ReactNode;
  title: string;
  /** How many things in it are on. */
  badge?: number;
  onOpenChange?: (open: boolean) => void;
  children: ReactNode;
}) {
  const { onOpenChange } = props;
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const panel = useRef<HTMLDivElement>(null);
  const id = useId();

  useEffect(() => onOpenChange?.(open), [open, onOpenChange]);
  useEffect(() => {
    if (!open) return;
    const onPointer = (event: PointerEvent): void => {
      const target = event.target as Node;
      if (!panel.current?.contains(target) && !button.current?.contains(target)) setOpen(false);
    };
    document.addEventListener('pointerdown', onPointer);
    return () => document.removeEventListener('pointerdown', onPointer);
  }, [open]);

  return (
    <div
      className="popover"
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || !open) return;
        event.stopPropagation();
        setOpen(false);
        button.current?.focus();
      }}
    >
      <button
        ref={button}
        type="button"
        className="button"
        aria-expanded={open}
        aria-controls={id}
        onClick={() => setOpen(!open)}
      >
        {props.label}
        {props.badge ? <span className="badge">{props.badge}</span> : null}
      </button>
      {open && (
        <div ref={panel} id={id} className="popover-panel" role="group" aria-label={props.title}>
          {props.children}
        </div>
      )}
    </div>
  );
}
