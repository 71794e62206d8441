import { quadrantOfChanges, type Quadrant } from '../../openInterest/board/quadrant.shared.ts';
import type { HeldRow } from '../../client/sync.types.ts';

export { QUADRANTS, type Quadrant } from '../../openInterest/board/quadrant.shared.ts';

/** The windows of change, in the order of `d`, `dUsd` and `p` of a row. */
export const WINDOWS = ['5m', '15m', '1h', '24h'] as const;
export type Window = (typeof WINDOWS)[number];

const WINDOW_MS: Readonly<Record<Window, number>> = {
  '5m': 300_000,
  '15m': 900_000,
  '1h': 3_600_000,
  '24h': 86_400_000,
};

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
  const i = WINDOWS.indexOf(window);
  const oi = row?.d[i];
  const price = row?.p[i];
  if (oi === null || oi === undefined || price === null || price === undefined) return null;
  return quadrantOfChanges({ oi, price, windowMs: WINDOW_MS[window] });
}

const READINGS: Readonly<Record<Quadrant, string>> = {
  new_longs: 'positions are being opened while price rises (usually new longs)',
  new_shorts: 'positions are being opened while price falls (usually new shorts)',
  building: 'positions are being opened while price hardly moves',
  shorts_closing: 'positions are being closed while price rises (usually shorts)',
  longs_closing: 'positions are being closed while price falls (usually longs)',
  unwinding: 'positions are being closed while price hardly moves',
  mixed: 'open interest moved too little to tell',
};

export function explainQuadrant(quadrant: Quadrant): string {
  return `${READINGS[quadrant]}. This is an inference, not order flow.`;
}
