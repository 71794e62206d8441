import {
  useRef,
  useState,
  type CSSProperties,
  type KeyboardEvent,
  type PointerEvent,
  type ReactNode,
} from 'react';
import { LEAST_DRAWER_WIDTH, MOST_DRAWER_WIDTH } from '../shell/settings.ts';
import { useDashboard, useSettings } from '../shell/useDashboard.ts';
import './frame.css';

const KEY_STEP = 20;

/** The place of the details. Where it is beside the table, its edge can be dragged or moved by arrow keys. */
export function DrawerFrame({ children }: { children: ReactNode }) {
  const { preferences } = useDashboard();
  const kept = useSettings((it) => it.drawerWidth);
  const [dragged, setDragged] = useState<number | null>(null);
  const start = useRef<{ x: number; width: number } | null>(null);
  const width = dragged ?? kept;
  const keep = (drawerWidth: number): void => preferences.change({ drawerWidth: limited(drawerWidth) });

  function onPointerDown(event: PointerEvent<HTMLElement>): void {
    const edge = event.currentTarget;
    edge.setPointerCapture(event.pointerId);
    start.current = { x: event.clientX, width: edge.parentElement!.clientWidth };
  }

  function onPointerMove({ clientX }: PointerEvent): void {
    if (start.current) setDragged(limited(start.current.width + start.current.x - clientX));
  }

  function onPointerUp(): void {
    if (dragged !== null) keep(dragged);
    setDragged(null);
    start.current = null;
  }

  function onKeyDown(event: KeyboardEvent): void {
    const by = { ArrowLeft: KEY_STEP, ArrowRight: -KEY_STEP }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    keep(width + by);
  }

  return (
    <div className="drawer-place" style={{ '--drawer-width': `${width}px` } as CSSProperties}>
      <div
        role="separator"
        aria-orientation="vertical"
        aria-label="Width of the details"
        aria-valuemin={LEAST_DRAWER_WIDTH}
        aria-valuemax={MOST_DRAWER_WIDTH}
        aria-valuenow={width}
        tabIndex={0}
        className="drawer-edge"
        onPointerDown={onPointerDown}
        onPointerMove={onPointerMove}
        onPointerUp={onPointerUp}
        onPointerCancel={onPointerUp}
        onKeyDown={onKeyDown}
      />
      {children}
    </div>
  );
}

function limited(width: number): number {
  return Math.round(Math.min(MOST_DRAWER_WIDTH, Math.max(LEAST_DRAWER_WIDTH, width)));
}
