import { HOUR_MS } from '../../kit/clock.ts';

/**
 * The last value of each half hour of a symbol's last day, kept as points come: what a sparkline is drawn from. All symbols
 * draw anew at about the same time, so drawing must not walk through every point of the day.
 */
export type HalfHours = {
  /** Points may come in any order; of one moment the first counts. */
  add(ts: number, value: number): void;
  /** `undefined`: nothing came in that half hour. `index` counts half hours since 1970. */
  lastOf(index: number): number | undefined;
};

export const HALF_HOUR_MS = HOUR_MS / 2;
/** More than the 48 of a day. A half hour takes the place of the one 32 hours before. */
const PLACES = 64;

export function createHalfHours(): HalfHours {
  const moments = new Float64Array(PLACES).fill(-Infinity);
  const values = new Float64Array(PLACES);
  return {
    add(ts, value) {
      const place = placeOf(Math.floor(ts / HALF_HOUR_MS));
      if (ts <= moments[place]!) return;
      moments[place] = ts;
      values[place] = value;
    },
    lastOf(index) {
      const place = placeOf(index);
      return Math.floor(moments[place]! / HALF_HOUR_MS) === index ? values[place] : undefined;
    },
  };
}

function placeOf(index: number): number {
  return ((index % PLACES) + PLACES) % PLACES;
}
