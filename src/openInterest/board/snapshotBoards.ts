import { MINUTE_MS, SECOND_MS } from '../../kit/clock.ts';
import { createBoard, type Board } from './board.ts';
import { compareMoments } from './merge.ts';
import type { Sample } from '../openInterest.types.ts';

/**
 * The frozen boards: what the realtime board held at the last 5-minute mark of the wall clock. They are boards of their
 * own, with an epoch and a seq of their own, so a change of tier is another board and never a gap.
 */
export type SnapshotBoards = {
  /** Every symbol: what Pro sees while realtime is switched off, and what the compatible cache route gives to Free. */
  readonly all: Board;
  /** The 50 symbols with the most 24 h volume: what Free sees. */
  readonly top: Board;
  /** The mark that is shown, epoch ms; `null` before the first one. */
  takenAt(): number | null;
  /**
   * How long to wait before the next mark can be taken: until the one after the mark that is shown, not after `now`, for
   * a timer fires a moment early at times, and the mark that passes meanwhile would be left out.
   */
  dueInMs(now: number): number;
  /**
   * The mark to take at `now`: the last one of the wall clock. Where the clock has been set back behind the mark that is
   * shown, marks go on by the time that has really passed: the boards are never older than two periods.
   */
  markAt(now: number): number;
  /**
   * Freezes `samples` as they were at `mark`. A sample younger than the mark does not belong to it: the symbol keeps
   * what it showed before, and the sample waits for the next mark. Without that wait a sender whose clock runs ahead
   * would never be shown: its sample is younger than every mark.
   *
   * False, and nothing is taken, when the mark is not later than the one that is shown: a timer may fire a moment early,
   * and a clock may be set back.
   */
  take(mark: number, samples: Iterable<Sample>, volumes: ReadonlyMap<string, number>): boolean;
};

export const SNAPSHOT_EVERY_MS = 5 * MINUTE_MS;
const TOP_SYMBOLS = 50;

export function snapshotMarkBefore(now: number): number {
  return Math.floor(now / SNAPSHOT_EVERY_MS) * SNAPSHOT_EVERY_MS;
}

/** `steadyNow`: ms of a clock that only runs forward. */
export function createSnapshotBoards(steadyNow: () => number = () => performance.now()): SnapshotBoards {
  const all = createBoard({ assumedEverySec: SNAPSHOT_EVERY_MS / 1_000 });
  const top = createBoard({ assumedEverySec: SNAPSHOT_EVERY_MS / 1_000 });
  let takenAt: number | null = null;
  let takenSteadyAt = steadyNow();
  let waiting: ReadonlyMap<string, Sample> = new Map();

  return {
    all,
    top,
    takenAt: () => takenAt,
    dueInMs(now) {
      const next = (takenAt ?? snapshotMarkBefore(now)) + SNAPSHOT_EVERY_MS;
      return Math.min(Math.max(0, next - now), SNAPSHOT_EVERY_MS);
    },
    markAt(now) {
      // A timer may fire a moment early.
      const hasPassed = steadyNow() - takenSteadyAt >= SNAPSHOT_EVERY_MS - SECOND_MS;
      const isBehind = takenAt !== null && now < takenAt;
      return isBehind && hasPassed ? takenAt! + SNAPSHOT_EVERY_MS : snapshotMarkBefore(now);
    },
    take(mark, samples, volumes) {
      if (takenAt !== null && mark <= takenAt) return false;
      const frozen = new Map<string, Sample>();
      const younger = new Map<string, Sample>();
      for (const sample of samples) {
        const shown = all.get(sample.symbol)?.sample;
        // What is shown was once on the live board. If that has gone back, it was never stored: it leaves with this mark
        // and its symbol returns with the next one.
        if (shown && compareMoments(shown, sample) > 0) {
          all.takeBack(sample.symbol);
          top.takeBack(sample.symbol);
          continue;
        }
        const candidates = [shown, olderThan(sample, waiting.get(sample.symbol)), sample];
        const newest = newestAt(mark, candidates);
        if (newest) frozen.set(sample.symbol, newest);
        if (sample.ts > mark) younger.set(sample.symbol, sample);
      }
      waiting = younger;
      replaceBoard(all, frozen, volumes);
      replaceBoard(top, pickTop(frozen, volumes), volumes);
      takenAt = mark;
      takenSteadyAt = steadyNow();
      return true;
    },
  };
}

function olderThan(sample: Sample, candidate: Sample | undefined): Sample | undefined {
  return candidate && compareMoments(candidate, sample) <= 0 ? candidate : undefined;
}

function newestAt(mark: number, candidates: readonly (Sample | undefined)[]): Sample | undefined {
  let newest: Sample | undefined;
  for (const sample of candidates) {
    if (sample === undefined || sample.ts > mark) continue;
    if (newest === undefined || compareMoments(sample, newest) >= 0) newest = sample;
  }
  return newest;
}

function replaceBoard(
  board: Board,
  frozen: ReadonlyMap<string, Sample>,
  volumes: ReadonlyMap<string, number>,
): void {
  for (const symbol of [...board.symbols()]) if (!frozen.has(symbol)) board.remove(symbol);
  board.setVolumes(volumes);
  for (const sample of frozen.values()) board.apply(sample, 'database');
}

/** By 24 h volume; symbols whose volume nobody has reported come after, by their open interest. The same on every node. */
function pickTop(
  frozen: ReadonlyMap<string, Sample>,
  volumes: ReadonlyMap<string, number>,
): Map<string, Sample> {
  const ranked = [...frozen.values()].toSorted(
    (a, b) =>
      (volumes.get(b.symbol) ?? -1) - (volumes.get(a.symbol) ?? -1) ||
      (b.openInterestUsd ?? -1) - (a.openInterestUsd ?? -1) ||
      (a.symbol < b.symbol ? -1 : 1),
  );
  return new Map(ranked.slice(0, TOP_SYMBOLS).map((sample) => [sample.symbol, sample]));
}
