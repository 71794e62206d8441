import { createAllowance } from '../kit/allowance.ts';
import { BoundedMap } from '../kit/boundedMap.ts';
import { SECOND_MS, type Clock } from '../kit/clock.ts';
import type { OpenInterestAlert } from '../openInterest/openInterest.types.ts';

/** As many as a page can show and sound; a market that falls makes hundreds within a second. */
const ALERTS_PER_SEC = 20;
const LOOK_EVERY_MS = 250;
/** A minute's worth. */
const MOST_WAITING = 1_200;

/**
 * Sends alerts one by one, as clients of the original read them, in the order in which they came and at most 20 a second
 * (docs/decisions/0020). Of those that wait, a newer one of the same symbol, direction and timeframe takes the place of
 * the older, and beyond a minute's worth the oldest are left out: the list of alerts has every one of them.
 */
export function createAlertPace(options: {
  clock: Clock;
  send: (alert: OpenInterestAlert) => void;
  onLeftOut: () => void;
}): (alert: OpenInterestAlert) => void {
  const { clock, send, onLeftOut } = options;
  const waiting = new BoundedMap<string, OpenInterestAlert>(MOST_WAITING, onLeftOut);
  const maySend = createAllowance({ most: ALERTS_PER_SEC, windowMs: SECOND_MS, now: clock.now });

  function sendWaiting(): void {
    for (const [key, alert] of waiting) {
      if (!maySend()) break;
      waiting.delete(key);
      send(alert);
    }
    if (waiting.size > 0) clock.after(LOOK_EVERY_MS, sendWaiting);
  }

  return (alert) => {
    if (waiting.size === 0 && maySend()) return send(alert);
    if (waiting.size === 0) clock.after(LOOK_EVERY_MS, sendWaiting);
    const key = `${alert.symbol} ${alert.direction} ${alert.timeframe}`;
    if (waiting.has(key)) onLeftOut();
    waiting.set(key, alert);
  };
}
