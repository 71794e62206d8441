import type { Mode } from '../../openInterest/openInterest.types.ts';
import { freshnessOf, modeOfSource, type Freshness } from '../../openInterest/board/freshness.shared.ts';
import type { HeldBoard, HeldRow } from '../../client/sync.types.ts';

/** A symbol's freshness, and `none` for a member of the universe that has never been sampled. */
export type LineState = Freshness | 'none';

const STATE_LABELS: Readonly<Record<LineState, string>> = {
  live: 'Live',
  late: 'Late',
  stale: 'Stale',
  none: 'No data',
};

/** Nothing is live on a board that is frozen or whose connection is lost; at best it is on time. */
export function labelState(state: LineState, isLive: boolean): string {
  return state === 'live' && !isLive ? 'On time' : STATE_LABELS[state];
}

const SNAPSHOT_EVERY_SEC = 300;

/** One symbol as the table shows it. */
export type Line = { readonly symbol: string; readonly row: HeldRow | null };

/**
 * Every sampled symbol, and the members of the universe that are not. What is missing on a Free board says nothing: it is
 * a choice of symbols.
 */
export function selectLines(board: HeldBoard): Line[] {
  const lines: Line[] = Array.from(board.rows.values(), (row) => ({ symbol: row.symbol, row }));
  if (board.facts.tier === 'free' && board.facts.mode === 'snapshot') return lines;
  for (const symbol of board.facts.universe.unsampled) {
    if (!board.rows.has(symbol)) lines.push({ symbol, row: null });
  }
  return lines;
}

export function stateOfLine(line: Line, now: number, mode: Mode): LineState {
  const { row } = line;
  if (row === null) return 'none';
  return freshnessOf(Math.max(0, now - row.ts) / 1_000, row.everySec, modeOfRow(row, mode));
}

/** A frozen board is judged by the pace of its marks, whatever the rows on it were sampled by. */
export function modeOfRow(row: HeldRow, mode: Mode): Mode {
  return mode === 'snapshot' ? 'snapshot' : modeOfSource(row.source);
}

/** Seconds between samples of a row, as this board shows them. */
export function paceOfRow(row: HeldRow, mode: Mode): number {
  return mode === 'snapshot' ? SNAPSHOT_EVERY_SEC : row.everySec;
}

export type Coverage = Readonly<Record<LineState, number>> & { readonly total: number };

export function countStates(lines: readonly Line[], now: number, mode: Mode): Coverage {
  const counts = { live: 0, late: 0, stale: 0, none: 0, total: lines.length };
  for (const line of lines) counts[stateOfLine(line, now, mode)] += 1;
  return counts;
}
