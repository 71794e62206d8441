type Turn = { intervalMs: number; dueAt: number; isAsked: boolean; restsUntil: number };

/** A turn may come this much of its interval too early, and be made up for when it came that much too late. */
const SLACK = 0.2;

export type Turns = ReturnType<typeof createTurns>;

/**
 * Whose turn it is. Requests leave at an even pace, one at a time, and each goes to the symbol that has waited longest
 * beyond its interval. So they are spread over the interval by themselves, a pause is not followed by a burst, and
 * symbols come and go without the others noticing.
 */
export function createTurns() {
  const turns = new Map<string, Turn>();
  let gapMs = Infinity;
  let nextSlotAt = -Infinity;

  const dueAt = (turn: Turn) => Math.max(turn.dueAt, turn.restsUntil);
  /** A slot that nobody is due for goes to who is next, if it is not much too early. */
  const earliestAt = (turn: Turn) => Math.max(dueAt(turn) - turn.intervalMs * SLACK, turn.restsUntil);

  function mostOverdue(): [string, Turn] | null {
    let next: [string, Turn] | null = null;
    let earliest = Infinity;
    for (const entry of turns) {
      const [, turn] = entry;
      if (turn.isAsked) continue;
      const at = dueAt(turn);
      if (at >= earliest) continue;
      earliest = at;
      next = entry;
    }
    return next;
  }

  return {
    /** How often each symbol is to be asked. Symbols that are not named are gone; new ones are asked next. */
    setIntervals(intervals: ReadonlyMap<string, number>, now: number): void {
      for (const symbol of turns.keys()) if (!intervals.has(symbol)) turns.delete(symbol);
      let perMs = 0;
      for (const [symbol, intervalMs] of intervals) {
        const turn = turns.get(symbol);
        if (!turn || turn.restsUntil <= now) perMs += 1 / intervalMs;
        if (turn) {
          turn.dueAt += intervalMs - turn.intervalMs;
          turn.intervalMs = intervalMs;
        } else {
          turns.set(symbol, { intervalMs, dueAt: -Infinity, isAsked: false, restsUntil: -Infinity });
        }
      }
      gapMs = perMs > 0 ? 1 / perMs : Infinity;
    },
    /** The symbol to ask now, or `null`. It has no other turn until `done`. */
    take(now: number): string | null {
      if (now < nextSlotAt) return null;
      const next = mostOverdue();
      if (!next || earliestAt(next[1]) > now) return null;
      const [symbol, turn] = next;
      // From when it was due, so that a late turn does not make all later ones later.
      turn.dueAt = Math.max(turn.dueAt + turn.intervalMs, now + turn.intervalMs * (1 - SLACK));
      turn.isAsked = true;
      // Late by less than a slot: the next one is not late. Later than that: what was missed is missed.
      nextSlotAt = Math.max(nextSlotAt, now - gapMs) + gapMs;
      return symbol;
    },
    /** It has been answered, or will not be. */
    done(symbol: string): void {
      const turn = turns.get(symbol);
      if (turn) turn.isAsked = false;
    },
    /** Gives the symbol no turn before that moment. */
    rest(symbol: string, until: number): void {
      const turn = turns.get(symbol);
      if (turn) turn.restsUntil = until;
    },
    /** When to look again; `Infinity` when there is nobody. */
    nextAt(now: number): number {
      const next = mostOverdue();
      if (!next) return Infinity;
      return Math.max(nextSlotAt, Math.min(earliestAt(next[1]), now + 1_000), now);
    },
    isResting: (symbol: string, now: number) => (turns.get(symbol)?.restsUntil ?? 0) > now,
  };
}
