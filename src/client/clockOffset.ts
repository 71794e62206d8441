/**
 * The server's clock is `now + offsetMs` when the local clock is `now`. Ages are measured with it, so a wrong local clock
 * does not change them.
 */
export type ClockOffset = {
  readonly offsetMs: number;
  readonly roundTrips: readonly { readonly offsetMs: number; readonly tookMs: number }[];
};

export const NO_CLOCK_OFFSET: ClockOffset = { offsetMs: 0, roundTrips: [] };

/** Of this many responses the one with the shortest round trip is the most accurate. */
const ROUND_TRIPS = 5;
/** No message is in transit for this long: the clock was stepped, or the computer slept. */
const STEP_MS = 2_000;

/** `tookMs`: the round trip of a request whose response arrived at `now`; `null`: the message is not a response. */
export function adjustClockOffset(
  held: ClockOffset,
  message: { serverTime: number; now: number; tookMs: number | null },
): ClockOffset {
  const { serverTime, now, tookMs } = message;
  const offsetMs = serverTime - now + (tookMs ?? 0) / 2;
  const stepped = held.roundTrips.length === 0 || Math.abs(offsetMs - held.offsetMs) > STEP_MS;
  if (tookMs === null) {
    return stepped ? { offsetMs, roundTrips: [] } : held;
  }
  const roundTrips = [...(stepped ? [] : held.roundTrips), { offsetMs, tookMs }].slice(-ROUND_TRIPS);
  const quickest = roundTrips.reduce((best, it) => (it.tookMs < best.tookMs ? it : best));
  return { offsetMs: quickest.offsetMs, roundTrips };
}
