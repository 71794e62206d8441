import { MINUTE_MS, SECOND_MS } from '../../kit/clock.ts';
import { createBoard, type Board } from './board.ts';
import { compareMoments } from './merge.ts';
import type { MemberFacts, Sample } from '../openInterest.types.ts';

export const SNAPSHOT_EVERY_MS = 5 * MINUTE_MS;
const TOP_SYMBOLS = 50;

export function snapshotMarkBefore(now: number): number {
  return Math.floor(now / SNAPSHOT_EVERY_MS) * SNAPSHOT_EVERY_MS;
}

/**
 * The frozen boards: what the live board showed at the last 5-minute mark of the wall clock. They are boards with an
 * epoch and a seq apart from the live one's, so a change of tier is another board and never a gap.
 *
 * `steadyNow`: ms of a clock that only runs forward.
 */
export function createSnapshotBoards(steadyNow: () => number = () => performance.now()) {
  const all = createBoard({ assumedEverySec: SNAPSHOT_EVERY_MS / 1_000 });
  const top = createBoard({ assumedEverySec: SNAPSHOT_EVERY_MS / 1_000 });
  let takenAt: number | null = null;
  let takenSteadyAt = steadyNow();
  let waiting: ReadonlyMap<string, Sample> = new Map();

  return {
    /** Every symbol: for Pro while realtime is switched off, and the compatible map of Free. */
    all,
    /** The 50 symbols with the most 24 h volume: for Free. */
    top,
    /** The mark that is shown, epoch ms; `null` before the first one. */
    takenAt: () => takenAt,
    /**
     * Ms until the next mark can be taken: until the one after the mark that is shown, not after `now`, because a timer
     * can fire a moment early and the mark that passes meanwhile would be skipped.
     */
    dueInMs(now: number): number {
      const next = (takenAt ?? snapshotMarkBefore(now)) + SNAPSHOT_EVERY_MS;
      return Math.min(Math.max(0, next - now), SNAPSHOT_EVERY_MS);
    },
    /**
     * The mark to take at `now`: the last one of the wall clock. Where the clock was set back behind the mark that is
     * shown, marks follow the steady clock: the boards are never older than two periods.
     */
    markAt(now: number): number {
      // A timer can fire a moment early.
      const hasPassed = steadyNow() - takenSteadyAt >= SNAPSHOT_EVERY_MS - SECOND_MS;
      const isBehind = takenAt !== null && now < takenAt;
      return isBehind && hasPassed ? takenAt! + SNAPSHOT_EVERY_MS : snapshotMarkBefore(now);
    },
    /**
     * Freezes `samples` as they were at `mark`. A sample younger than the mark does not belong to it: its symbol keeps
     * what it showed before, and the sample waits for the next mark. Without that wait a sender whose clock runs ahead
     * would never be shown: its sample is younger than every mark.
     *
     * False, and nothing is frozen, when the mark is not later than the one that is shown: a timer can fire a moment
     * early, and a clock can be set back.
     */
    take(mark: number, samples: Iterable<Sample>, members: ReadonlyMap<string, MemberFacts>): boolean {
      if (takenAt !== null && mark <= takenAt) return false;
      const frozen = new Map<string, Sample>();
      const younger = new Map<string, Sample>();
      for (const sample of samples) {
        const shown = all.get(sample.symbol)?.sample;
        // What is shown was once on the live board. If that is older now, it was never stored: it leaves with this mark
        // and its symbol returns with the next one.
        if (shown && compareMoments(shown, sample) > 0) {
          all.takeBack(sample.symbol);
          top.takeBack(sample.symbol);
          continue;
        }
        const newest = newestAt(mark, [shown, olderThan(sample, waiting.get(sample.symbol)), sample]);
        if (newest) frozen.set(sample.symbol, newest);
        if (sample.ts > mark) younger.set(sample.symbol, sample);
      }
      waiting = younger;
      replaceBoard(all, frozen, members);
      replaceBoard(top, pickTop(frozen, members), members);
      takenAt = mark;
      takenSteadyAt = steadyNow();
      return true;
    },
  };
}

export type SnapshotBoards = ReturnType<typeof createSnapshotBoards>;

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
  members: ReadonlyMap<string, MemberFacts>,
): void {
  for (const symbol of [...board.symbols()]) if (!frozen.has(symbol)) board.remove(symbol);
  board.setMembers(members);
  for (const sample of frozen.values()) board.apply(sample, 'database');
}

/** By 24 h volume, then, where no volume is known, by open interest. The same on every node. */
function pickTop(
  frozen: ReadonlyMap<string, Sample>,
  members: ReadonlyMap<string, MemberFacts>,
): Map<string, Sample> {
  const volumeOf = ({ symbol }: Sample) => members.get(symbol)?.volume24h ?? -1;
  const ranked = [...frozen.values()].toSorted(
    (a, b) =>
      volumeOf(b) - volumeOf(a) ||
      (b.openInterestUsd ?? -1) - (a.openInterestUsd ?? -1) ||
      (a.symbol < b.symbol ? -1 : 1),
  );
  return new Map(ranked.slice(0, TOP_SYMBOLS).map((sample) => [sample.symbol, sample]));
}
