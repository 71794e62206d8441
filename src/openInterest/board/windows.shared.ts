import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../kit/clock.ts';
import type { BoardChanges } from '../openInterest.types.ts';

/** The windows over which changes are measured, shortest first. */
export const WINDOWS = ['5m', '15m', '30m', '1h', '4h', '24h'] as const;
export type Window = (typeof WINDOWS)[number];

export const WINDOW_MS: Readonly<Record<Window, number>> = {
  '5m': 5 * MINUTE_MS,
  '15m': 15 * MINUTE_MS,
  '30m': 30 * MINUTE_MS,
  '1h': HOUR_MS,
  '4h': 4 * HOUR_MS,
  '24h': DAY_MS,
};

/** Clients of 0.2 accept exactly four changes, so a row has the others in `more`. */
const FIRST: readonly Window[] = ['5m', '15m', '1h', '24h'];
const MORE: readonly Window[] = ['30m', '4h'];

/** Of contracts, of USD, of the price. */
export type Measure = 'd' | 'dUsd' | 'p';

const FIRST_INDEX = indexOf(FIRST);
const MORE_INDEX = indexOf(MORE);

/** In basis points. `null`: unknown, or the server is older than the window. */
export function changeIn(changes: BoardChanges, measure: Measure, window: Window): number | null {
  const index = FIRST_INDEX[window];
  const change = index === undefined ? changes.more?.[measure][MORE_INDEX[window]!] : changes[measure][index];
  return change ?? null;
}

/** The changes of a row from those of every window, in the order of `WINDOWS`. */
export function placeChanges(changes: Readonly<Record<Measure, readonly (number | null)[]>>): BoardChanges {
  const pick = (windows: readonly Window[]) => {
    const of = (measure: Measure) => windows.map((it) => changes[measure][WINDOWS.indexOf(it)]!);
    return { d: of('d'), dUsd: of('dUsd'), p: of('p') };
  };
  return { ...pick(FIRST), more: pick(MORE) };
}

function indexOf(windows: readonly Window[]): Partial<Record<Window, number>> {
  return Object.fromEntries(windows.map((it, index) => [it, index]));
}
