import { ReplayLine, type ReplayedFiring } from '../../openInterest/rules/rules.types.ts';
import { postForLines } from '../live/api.ts';
import { DAY_MS } from '../timeOfDay.ts';

type ReplaySummary = Extract<ReplayLine, { type: 'summary' }>;

/** How far back a replay may go. */
export type ReplayDays = 1 | 7 | 30;

export type ReplayState = {
  days: ReplayDays;
  /** Epoch ms, itself excluded. */
  to: number;
  /** Symbols that are done, of how many. */
  done: number;
  of: number;
  firings: readonly ReplayedFiring[];
  /** Crossings that the cooldown held back. */
  heldBack: readonly ReplayedFiring[];
  /** `null`: the replay is running, or it was cut off. */
  summary: ReplaySummary | null;
};

/** What the rule would have fired in the last days, as far as it is known. Rejects with an ApiError; ends with `signal`. */
export async function* replayRule(
  rule: unknown,
  days: ReplayDays,
  signal: AbortSignal,
): AsyncGenerator<ReplayState> {
  const to = Date.now();
  const firings: ReplayedFiring[] = [];
  const heldBack: ReplayedFiring[] = [];
  let state: ReplayState = { days, to, done: 0, of: 0, firings, heldBack, summary: null };
  const body = { rule, from: to - days * DAY_MS, to };
  for await (const line of postForLines('/api/alert-rules/replay', ReplayLine, body, signal)) {
    if (line.type === 'firing') firings.push(line.firing);
    else if (line.type === 'heldBack') heldBack.push(line.crossing);
    else {
      const known = line.type === 'progress' ? { done: line.done, of: line.of } : { summary: line };
      state = { ...state, ...known, firings: [...firings], heldBack: [...heldBack] };
      yield state;
    }
  }
}

/** How many fired on each day of the replay, oldest first. */
export function countByDay({
  firings,
  days,
  to,
}: Pick<ReplayState, 'firings' | 'to'> & { days: number }): number[] {
  const counts = new Array<number>(days).fill(0);
  for (const { firedAt } of firings) {
    const day = days - 1 - Math.floor((to - firedAt) / DAY_MS);
    if (day >= 0 && day < days) counts[day]! += 1;
  }
  return counts;
}
