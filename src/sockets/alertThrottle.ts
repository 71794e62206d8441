import { createAllowance } from '../kit/allowance.ts';
import { BoundedMap } from '../kit/boundedMap.ts';
import { SECOND_MS, type Clock } from '../kit/clock.ts';
import type { OpenInterestAlert } from '../openInterest/openInterest.types.ts';

/** As many as a page can show and sound; a falling market produces hundreds within a second. */
const ALERTS_PER_SEC = 20;
const SEND_EVERY_MS = 250;
/** The alerts of a minute. */
const MAX_QUEUED = 1_200;

/**
 * Sends alerts one per message, as clients of the original expect them, in order and at most 20 a second
 * (docs/decisions/0020-connection-costs.md). A queued alert is replaced by a newer one of the same symbol, direction and timeframe, and the
 * oldest are dropped beyond a minute's worth; the alert list still has all of them.
 */
export function createAlertThrottle(options: {
  clock: Clock;
  send: (alert: OpenInterestAlert) => void;
  onDrop: () => void;
}): (alert: OpenInterestAlert) => void {
  const { clock, send, onDrop } = options;
  const queued = new BoundedMap<string, OpenInterestAlert>(MAX_QUEUED, onDrop);
  const maySend = createAllowance({ most: ALERTS_PER_SEC, windowMs: SECOND_MS, now: clock.now });

  function sendQueued(): void {
    for (const [key, alert] of queued) {
      if (!maySend()) break;
      queued.delete(key);
      send(alert);
    }
    if (queued.size > 0) clock.after(SEND_EVERY_MS, sendQueued);
  }

  return (alert) => {
    if (queued.size === 0 && maySend()) return send(alert);
    if (queued.size === 0) clock.after(SEND_EVERY_MS, sendQueued);
    const key = `${alert.symbol} ${alert.direction} ${alert.timeframe}`;
    if (queued.has(key)) onDrop();
    queued.set(key, alert);
  };
}
