/**
 * What the server's clock shows when ours shows `now`: `now + offsetMs`. Ages are measured with it, so that a PC clock
 * that is wrong makes data look neither old nor new.
 */
export type ClockOffset = {
  readonly offsetMs: number;
  readonly roundTrips: readonly { readonly offsetMs: number; readonly tookMs: number }[];
};

export const NO_CLOCK_OFFSET: ClockOffset = { offsetMs: 0, roundTrips: [] };

/** The quickest of so many answers is the least wrong one. */
const ROUND_TRIPS = 5;
/** A message cannot be under way for so long; the clock was stepped, or the computer slept. */
const STEP_MS = 2_000;

/** `tookMs`: how long the answer took from asking to its arrival at `now`; `null` for a message nobody asked for. */
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
