import { HOUR_MS } from '../../kit/clock.ts';

export const HALF_HOUR_MS = HOUR_MS / 2;
/** More than the 48 of a day: a half hour overwrites the one 32 hours before. */
const PLACES = 64;

/**
 * The last value of each half hour of a symbol's last day, updated with each point: what a sparkline is drawn from. All
 * symbols draw at about the same time, so drawing must not walk through every point of the day.
 */
export function createHalfHours() {
  const moments = new Float64Array(PLACES).fill(-Infinity);
  const values = new Float64Array(PLACES);
  return {
    /** Points may arrive in any order; of one moment the first counts. */
    add(ts: number, value: number): void {
      const place = placeOf(Math.floor(ts / HALF_HOUR_MS));
      if (ts <= moments[place]!) return;
      moments[place] = ts;
      values[place] = value;
    },
    /** `index` counts half hours since 1970. `undefined`: no point in that half hour. */
    lastOf(index: number): number | undefined {
      const place = placeOf(index);
      return Math.floor(moments[place]! / HALF_HOUR_MS) === index ? values[place] : undefined;
    },
  };
}

function placeOf(index: number): number {
  return ((index % PLACES) + PLACES) % PLACES;
}
