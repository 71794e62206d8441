import { quadrantOfChanges, type Quadrant } from '../../openInterest/board/quadrant.shared.ts';
import { deadBandsOf } from '../../openInterest/board/usual.shared.ts';
import { changeIn, WINDOW_MS, type Window } from '../../openInterest/board/windows.shared.ts';
import type { HeldRow } from '../../client/sync.types.ts';

export { WINDOWS, type Window } from '../../openInterest/board/windows.shared.ts';
export { QUADRANTS, type Quadrant } from '../../openInterest/board/quadrant.shared.ts';

export const QUADRANT_LABELS: Readonly<Record<Quadrant, string>> = {
  new_longs: 'New longs',
  new_shorts: 'New shorts',
  building: 'Building, price flat',
  shorts_closing: 'Shorts closing',
  longs_closing: 'Longs closing',
  unwinding: 'Unwinding, price flat',
  mixed: 'Mixed',
};

/** What price and open interest together suggest; `null` without history. It is an inference, not order flow. */
export function quadrantOf(row: HeldRow | null, window: Window): Quadrant | null {
  if (row === null) return null;
  const oi = changeIn(row, 'd', window);
  const price = changeIn(row, 'p', window);
  if (oi === null || price === null) return null;
  return quadrantOfChanges({ oi, price, bands: deadBandsOf(row.usual, WINDOW_MS[window]) });
}
