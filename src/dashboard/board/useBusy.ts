import { useDashboard } from '../shell/useDashboard.ts';
import { monotonicClock } from '../../client/sync.clock.ts';

/** How long the order is held for a pointer that rests on the rows, or a focus that stays in them. */
const HOLD_MS = 30_000;
/** A moving pointer prolongs the hold this often. */
const PROLONG_EVERY_MS = 1_000;

/** Handlers for the rows: while the viewer points at them or walks them, they keep their order. */
export function useBusy() {
  const { page } = useDashboard();

  function hold(): void {
    const busyUntil = monotonicClock.now() + HOLD_MS;
    if (busyUntil - page.getState().busyUntil >= PROLONG_EVERY_MS) page.setState({ busyUntil });
  }

  return {
    onPointerEnter: hold,
    onPointerMove: hold,
    onKeyDown: hold,
    onFocus: hold,
    onPointerLeave(event: { currentTarget: Element }) {
      if (!event.currentTarget.contains(document.activeElement)) page.setState({ busyUntil: 0 });
    },
    onBlur: () => page.setState({ busyUntil: 0 }),
  };
}
