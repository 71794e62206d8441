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

/** Where the changes of each window are. */
const PLACES = WINDOWS.map((window) => {
  const first = FIRST.indexOf(window);
  return first < 0 ? { isFirst: false, index: MORE.indexOf(window) } : { isFirst: true, index: first };
});

/** In basis points. `null`: unknown, or the server is older than the window. */
export function changeIn(changes: BoardChanges, measure: Measure, window: Window): number | null {
  const { isFirst, index } = PLACES[WINDOWS.indexOf(window)]!;
  return (isFirst ? changes[measure] : changes.more?.[measure])?.[index] ?? null;
}

/** The changes of every window, in the order of `WINDOWS`: what `placeChanges` was given. */
export function listChanges({ d, dUsd, p, more }: BoardChanges): Record<Measure, (number | null)[]> {
  return { d: inOrder(d, more?.d), dUsd: inOrder(dUsd, more?.dUsd), p: inOrder(p, more?.p) };
}

/** The changes of a row from those of every window, in the order of `WINDOWS`. */
export function placeChanges(changes: Readonly<Record<Measure, readonly (number | null)[]>>): BoardChanges {
  const pick = (windows: readonly Window[]) => {
    const of = (measure: Measure) => windows.map((it) => changes[measure][WINDOWS.indexOf(it)]!);
    return { d: of('d'), dUsd: of('dUsd'), p: of('p') };
  };
  return { ...pick(FIRST), more: pick(MORE) };
}

function inOrder(
  first: readonly (number | null)[],
  more: readonly (number | null)[] = [],
): (number | null)[] {
  return PLACES.map(({ isFirst, index }) => (isFirst ? first : more)[index] ?? null);
}
