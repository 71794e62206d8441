import { SECOND_MS } from '../../../kit/clock.ts';
import type { Board } from '../../board/board.ts';
import { freshnessLimits, freshnessOf, modeOfSource } from '../../board/freshness.shared.ts';
import { ASSUMED_PACE } from '../recorder/pipeline.ts';
import type { Universe } from '../../universe/universe.ts';

/** What doctor judges the board by. */
export type BoardFacts = {
  symbols: number;
  live: number;
  late: number;
  stale: number;
  /** Members of the universe that have never been sampled though a usual poll could have brought them. */
  unsampled: number;
  /** Members that have just entered. */
  entering: number;
  withoutUsd: number;
  /** Epoch ms of the newest sample among those that are not live. */
  silentSince: number | null;
  example: string | null;
  /** After how long without samples the board is late, and after how long it is an outage, at the pace of its rows. */
  pace: Pace;
};

type Pace = { lateMs: number; brokenMs: number };

/** Pollers that post every 5 to 30 s. */
const SHORTEST_PACE: Pace = { lateMs: 60 * SECOND_MS, brokenMs: 180 * SECOND_MS };

/**
 * Counts the symbols that should be live: members of the universe, or everything on the board while there is no universe.
 * A symbol that has left the universe is no longer polled and its silence is not a fault.
 */
export function gatherBoardFacts(
  board: Board,
  universe: Universe,
  now: number,
  startedAt: number,
): BoardFacts {
  const counts = { live: 0, late: 0, stale: 0 };
  const limits: { liveSec: number; lateSec: number }[] = [];
  let withoutUsd = 0;
  let silentSince: number | null = null;
  let example: string | null = null;
  const hasUniverse = universe.members().length > 0;
  for (const { row } of board.entries()) {
    if (hasUniverse && !universe.has(row.symbol)) continue;
    const mode = modeOfSource(row.source);
    limits.push(freshnessLimits(row.everySec, mode));
    const freshness = freshnessOf((now - row.ts) / SECOND_MS, row.everySec, mode);
    counts[freshness] += 1;
    if (row.openInterestUsd === null) withoutUsd += 1;
    if (freshness === 'live') continue;
    if (silentSince === null || row.ts > silentSince) silentSince = row.ts;
    example ??= row.symbol;
  }
  const usual = middleOf(limits) ?? freshnessLimits(ASSUMED_PACE.everySec, 'realtime');
  const absent = universe.members().filter((it) => !board.get(it.symbol));
  const isDue = (enteredAt: Date): boolean =>
    now - Math.max(enteredAt.getTime(), startedAt) > usual.liveSec * SECOND_MS;
  const unsampled = absent.filter((it) => isDue(it.enteredAt));
  return {
    symbols: limits.length,
    ...counts,
    unsampled: unsampled.length,
    entering: absent.length - unsampled.length,
    withoutUsd,
    silentSince,
    example: example ?? unsampled[0]?.symbol ?? null,
    pace: {
      lateMs: Math.max(SHORTEST_PACE.lateMs, usual.liveSec * SECOND_MS),
      brokenMs: Math.max(SHORTEST_PACE.brokenMs, usual.lateSec * SECOND_MS),
    },
  };
}

function middleOf<Limits extends { liveSec: number }>(limits: readonly Limits[]): Limits | undefined {
  return limits.toSorted((a, b) => a.liveSec - b.liveSec)[Math.floor(limits.length / 2)];
}
