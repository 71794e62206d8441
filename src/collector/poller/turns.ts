type Turn = { intervalMs: number; dueAt: number; isAsked: boolean; restsUntil: number };

/** A turn may be this share of its interval early, and make up for as much when it is late. */
const SLACK = 0.2;

export type Turns = ReturnType<typeof createTurns>;

/**
 * Decides which symbol is requested next. Requests leave at an even pace, one at a time, for the symbol that is most
 * overdue against its interval. That spreads them over the interval, starts no burst after a pause, and lets symbols enter
 * and leave without affecting others.
 */
export function createTurns() {
  const turns = new Map<string, Turn>();
  /** Between two requests. */
  let slotMs = Infinity;
  let nextSlotAt = -Infinity;

  return {
    /** Sets the interval of each symbol. Symbols that are missing are removed; new ones are due now. */
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
      slotMs = perMs > 0 ? 1 / perMs : Infinity;
    },
    /** The symbol to request now, or `null`. It has no further turn until `done`. */
    next(now: number): string | null {
      if (now < nextSlotAt) return null;
      const next = mostOverdue(turns);
      if (!next || earliestAt(next[1]) > now) return null;
      const [symbol, turn] = next;
      // Counted from when it was due, so that a late turn does not delay all later ones.
      turn.dueAt = Math.max(turn.dueAt + turn.intervalMs, now + turn.intervalMs * (1 - SLACK));
      turn.isAsked = true;
      // Less than a slot late is made up for by the next slot; anything beyond that is skipped.
      nextSlotAt = Math.max(nextSlotAt, now - slotMs) + slotMs;
      return symbol;
    },
    /** The request has ended. */
    done(symbol: string): void {
      const turn = turns.get(symbol);
      if (turn) turn.isAsked = false;
    },
    /** Skips the symbol until then. */
    rest(symbol: string, until: number): void {
      const turn = turns.get(symbol);
      if (turn) turn.restsUntil = until;
    },
    /** When to call `next` again; `Infinity`: there is no symbol. */
    nextAt(now: number): number {
      const next = mostOverdue(turns);
      if (!next) return Infinity;
      return Math.max(nextSlotAt, Math.min(earliestAt(next[1]), now + 1_000), now);
    },
    isResting: (symbol: string, now: number) => (turns.get(symbol)?.restsUntil ?? 0) > now,
  };
}

function dueAt(turn: Turn): number {
  return Math.max(turn.dueAt, turn.restsUntil);
}

/** A slot without a due symbol is used by the next one, unless that is much too early. */
function earliestAt(turn: Turn): number {
  return Math.max(dueAt(turn) - turn.intervalMs * SLACK, turn.restsUntil);
}

function mostOverdue(turns: ReadonlyMap<string, Turn>): [string, Turn] | null {
  let next: [string, Turn] | null = null;
  for (const entry of turns) {
    if (!entry[1].isAsked && (next === null || dueAt(entry[1]) < dueAt(next[1]))) next = entry;
  }
  return next;
}
