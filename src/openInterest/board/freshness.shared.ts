import type { Mode } from '../openInterest.types.ts';

/** How old a symbol's sample may be. One rule for the board, doctor, the cache listing and every dashboard. */
export type Freshness = 'live' | 'late' | 'stale';

const SNAPSHOT_LIVE_SEC = 390;
const SNAPSHOT_LATE_SEC = 690;

/**
 * `ageSec` is measured on the server's clock against the sample's own time. A value that does not change is still live
 * as long as its time moves.
 */
export function freshnessOf(ageSec: number, everySec: number, mode: Mode): Freshness {
  const { liveSec, lateSec } = freshnessLimits(everySec, mode);
  if (ageSec <= liveSec) return 'live';
  return ageSec <= lateSec ? 'late' : 'stale';
}

/** Until which age a sample is live, and until which it is late. */
export function freshnessLimits(everySec: number, mode: Mode): { liveSec: number; lateSec: number } {
  if (mode === 'snapshot') return { liveSec: SNAPSHOT_LIVE_SEC, lateSec: SNAPSHOT_LATE_SEC };
  return { liveSec: Math.max(45, 2 * everySec), lateSec: Math.max(120, 5 * everySec) };
}

/** `snapshot` sources arrive every five minutes and are judged by that pace. */
export function modeOfSource(source: string): Mode {
  return source === 'realtime' ? 'realtime' : 'snapshot';
}
