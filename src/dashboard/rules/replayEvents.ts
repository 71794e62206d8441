import type { ReplayedFiring } from '../../openInterest/rules/rules.types.ts';
import type { ReplayState } from './replay.ts';

/** A firing of a replay, or a crossing that the cooldown held back. */
export type ReplayEvent = ReplayedFiring & { readonly id: string; readonly isHeldBack: boolean };

/** Newest first. */
export function listEvents({ firings, heldBack }: Pick<ReplayState, 'firings' | 'heldBack'>): ReplayEvent[] {
  const named = (all: readonly ReplayedFiring[], isHeldBack: boolean): ReplayEvent[] =>
    all.map((it) => ({ ...it, id: `${it.symbol} ${it.firedAt}`, isHeldBack }));
  return [...named(firings, false), ...named(heldBack, true)].toSorted(
    (a, b) => b.firedAt - a.firedAt || (a.symbol < b.symbol ? -1 : 1),
  );
}

/** The symbols by how many events they have, the most first. */
export function countBySymbol(events: readonly ReplayEvent[]): [symbol: string, count: number][] {
  const counts = new Map<string, number>();
  for (const { symbol } of events) counts.set(symbol, (counts.get(symbol) ?? 0) + 1);
  return [...counts].toSorted(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
}

/** The event beside the chosen one, down the list or up; the first without one; the chosen one itself at the ends. */
export function stepEvent(
  events: readonly ReplayEvent[],
  chosen: string | null,
  by: 1 | -1,
): ReplayEvent | undefined {
  const at = events.findIndex((it) => it.id === chosen);
  return at === -1 ? events[0] : (events[at + by] ?? events[at]);
}
