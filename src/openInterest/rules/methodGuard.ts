import { MINUTE_MS } from '../../kit/clock.ts';
import { KEPT_MS } from '../board/series.ts';
import type { StoredMethodChange } from './rules.types.ts';

/** What is compared of a sample. */
type Point = { symbol: string; ts: number; openInterest: number };

export type MethodChange = Omit<StoredMethodChange, 'confirmedAt'>;

/** `suspect`: this symbol alone moved by such a factor; its next sample decides. */
export type Plausibility = 'plain' | 'suspect';

/** A factor is met within 0.5 %. */
const TOLERANCE = 0.005;
const LARGEST_POWER = 9;
/** Longer than a sweep over all symbols. */
const ROUND_MS = MINUTE_MS;
const LEAST_SHARE = 0.2;
const LEAST_SYMBOLS = 2;
/** By then a symbol of the slowest pace has been read with the new method. */
const SETTLED_MS = 6 * MINUTE_MS;

type Followed = {
  /** The last sample that is believed. */
  trusted: Point;
  suspect: Point | null;
  /** Samples that the next one took back. */
  glitches: number[];
  /** The last move by a factor. */
  jump: { ts: number; factor: number } | null;
  readAt: number;
};

/**
 * Recognizes changes of unit or method of the source (½, 2, powers of ten, zero). Its answers follow from the samples that
 * it is given and from nothing else.
 */
export function createMethodGuard() {
  const followed = new Map<string, Followed>();
  let last: { factor: number; ts: number } | null = null;

  /** The factor that enough symbols have moved by within the round that ends at `ts`. */
  function findShared(ts: number): { factor: number; symbols: number; ofSymbols: number } | null {
    const counts = new Map<number, number>();
    let ofSymbols = 0;
    for (const { readAt, jump } of followed.values()) {
      if (readAt > ts - ROUND_MS) ofSymbols += 1;
      if (jump && jump.ts > ts - ROUND_MS) counts.set(jump.factor, (counts.get(jump.factor) ?? 0) + 1);
    }
    const least = Math.max(LEAST_SYMBOLS, LEAST_SHARE * ofSymbols);
    for (const [factor, symbols] of counts) if (symbols >= least) return { factor, symbols, ofSymbols };
    return null;
  }

  return {
    /** Compares a sample with those before it of its symbol. */
    follow(point: Point): Plausibility {
      const known = followed.get(point.symbol);
      if (known) return compare(known, point);
      const fresh = { trusted: point, suspect: null, glitches: [], jump: null, readAt: point.ts };
      followed.set(point.symbol, fresh);
      return 'plain';
    },
    /** The change that the samples followed until now show; each is answered once. */
    findChange(ts: number, detectedAt: number): MethodChange | null {
      const shared = findShared(ts);
      if (shared === null || (last?.factor === shared.factor && ts - last.ts < SETTLED_MS)) return null;
      last = { factor: shared.factor, ts };
      return { ...shared, detectedAt, validFrom: ts + SETTLED_MS };
    },
    /** Whether the next sample of the symbol took the one of `ts` back. */
    isGlitch: (symbol: string, ts: number): boolean => followed.get(symbol)?.glitches.includes(ts) ?? false,
    forget: (symbol: string): boolean => followed.delete(symbol),
  };
}

export type MethodGuard = ReturnType<typeof createMethodGuard>;

function compare(known: Followed, point: Point): Plausibility {
  known.readAt = point.ts;
  const { suspect } = known;
  known.suspect = null;
  if (suspect && isNearer(point, suspect, known.trusted)) {
    known.trusted = point;
    return 'plain';
  }
  if (suspect) {
    known.jump = null;
    known.glitches = [...known.glitches.filter((ts) => ts > point.ts - KEPT_MS), suspect.ts];
  }
  const factor = factorBetween(known.trusted.openInterest, point.openInterest);
  if (factor === null) {
    known.trusted = point;
    return 'plain';
  }
  known.suspect = point;
  known.jump = { ts: point.ts, factor };
  return 'suspect';
}

/** Whether `point` continues `suspect` rather than `trusted`. */
function isNearer(point: Point, suspect: Point, trusted: Point): boolean {
  const now = Math.log(point.openInterest);
  const [toSuspect, toTrusted] = [suspect, trusted].map((it) => Math.abs(now - Math.log(it.openInterest)));
  // Of two zeros the difference is not a number.
  return point.openInterest === suspect.openInterest || toSuspect! < toTrusted!;
}

/** ½, 2, a power of ten or 0; `null` for every other change. */
export function factorBetween(before: number, now: number): number | null {
  if (before <= 0) return null;
  if (now === 0) return 0;
  const ratio = now / before;
  const power = Math.round(Math.log10(ratio));
  const powers = power !== 0 && Math.abs(power) <= LARGEST_POWER ? [10 ** power] : [];
  return [0.5, 2, ...powers].find((factor) => Math.abs(ratio / factor - 1) <= TOLERANCE) ?? null;
}
