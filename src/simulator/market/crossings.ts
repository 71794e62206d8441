import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../kit/clock.ts';
import type { AlertTimeframe, PlannedEvent } from './events.ts';

/** A window and the change of open interest within it that counts as a spike or a dump. */
export const ALERT_WINDOWS: readonly { timeframe: AlertTimeframe; windowMs: number; threshold: number }[] = [
  { timeframe: '5 min', windowMs: 5 * MINUTE_MS, threshold: 0.03 },
  { timeframe: '15 min', windowMs: 15 * MINUTE_MS, threshold: 0.07 },
  { timeframe: '1 hour', windowMs: HOUR_MS, threshold: 0.12 },
];

export type Crossing = {
  timeframe: AlertTimeframe;
  /** Epoch ms: the first moment at which the change over the window has reached the threshold. */
  at: number;
};

/** Of the market's time. */
const STEP_MS = 5 * SECOND_MS;

/**
 * Every threshold an event crosses before it fades, given open interest (contracts) as a function of time. `pace` is the
 * market's speed; the windows follow the wall clock, so at a pace other than 1 an event may cross others than its own.
 */
export function selectCrossings(
  event: PlannedEvent,
  openInterestAt: (at: number) => number,
  pace: number,
): Crossing[] {
  return ALERT_WINDOWS.flatMap(({ timeframe, windowMs, threshold }) => {
    const hasCrossed = (at: number) => {
      const change = openInterestAt(at) / openInterestAt(at - windowMs) - 1;
      return event.direction === 'UP' ? change >= threshold : change <= -threshold;
    };
    const at = firstMoment(
      hasCrossed,
      event.startAt,
      event.holdUntil,
      Math.max(1, Math.round(STEP_MS / pace)),
    );
    return at === null ? [] : [{ timeframe, at }];
  });
}

function firstMoment(
  holds: (at: number) => boolean,
  from: number,
  to: number,
  stepMs: number,
): number | null {
  let before = from;
  for (let at = from; at < to; before = at, at = Math.min(to, at + stepMs)) {
    if (holds(at)) return bisect(holds, before, at);
  }
  return holds(to) ? bisect(holds, before, to) : null;
}

/** The first millisecond after `before` (false) and up to `at` (true). */
function bisect(holds: (at: number) => boolean, before: number, at: number): number {
  let low = before;
  let high = at;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (holds(middle)) high = middle;
    else low = middle;
  }
  return high;
}
