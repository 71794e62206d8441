import type { Sample } from '../openInterest.types.ts';

/** Seconds between samples that are assumed until two samples have been seen. */
const ASSUMED_EVERY_SEC = { realtime: 30, snapshot: 300, snapshot_legacy: 300, backfill: 300 } as const;
/** A symbol with longer gaps is not polled, so its gaps say nothing about a pace. */
const SLOWEST_PACE_SEC = 900;
/** A gap so many times the usual one is an outage and says nothing about the pace, unless the next one is as long. */
const ODD_GAP = 3;
/** Shorter gaps change nothing that a reader sees: a symbol is live for as long in any case. */
const SHORTEST_ODD_GAP_SEC = 45;
/** Weight of the newest gap in the running average: one late sample moves it a little, a new pace within ten samples. */
const NEWEST_GAP_WEIGHT = 0.3;
/** No gap has been seen yet, so the first one counts however long it is. */
const NO_GAP_YET = Infinity;

/** The usual seconds between a symbol's samples, and the last gap where it was too long for that (else `null`). */
export type Pace = { everySec: number; oddGapSec: number | null };

/** The pace of a symbol that enters the board; `seenSec` is what its last day shows. */
export function firstPace(source: Sample['source'], seenSec: number | null): Pace {
  const seen = source === 'realtime' ? seenSec : null;
  return { everySec: seen ?? ASSUMED_EVERY_SEC[source], oddGapSec: seen === null ? NO_GAP_YET : null };
}

/** The running average of the gaps between a symbol's samples, in whole seconds, outages left out. */
export function nextPace({ everySec, oddGapSec }: Pace, gapSec: number): Pace {
  if (gapSec <= 0 || gapSec > SLOWEST_PACE_SEC) return { everySec, oddGapSec: null };
  if (gapSec > Math.max(SHORTEST_ODD_GAP_SEC, ODD_GAP * everySec)) {
    // Two long gaps in a row are a slower pace, not an outage.
    const slower = oddGapSec === null ? everySec : Math.round(Math.min(gapSec, oddGapSec));
    return { everySec: slower, oddGapSec: gapSec };
  }
  const average = everySec * (1 - NEWEST_GAP_WEIGHT) + gapSec * NEWEST_GAP_WEIGHT;
  return { everySec: Math.max(1, Math.round(average)), oddGapSec: null };
}
