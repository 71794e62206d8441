import { drawAt, shuffled } from './noise.ts';

/** A contract's turn to move, up in an even slot and down in an odd one. Epoch ms. */
export type Turn = {
  symbol: string;
  slot: number;
  /** The slot's start; the move may begin at any time of the slot. */
  startAt: number;
  /** Its move must have ended by then: the contract's next turn but one may begin. */
  until: number;
};

export type Turns = ReturnType<typeof createTurns>;

/**
 * Assigns each slot to a contract. Two teams alternate, each for a stretch in which every contract of the team moves once, in
 * a new random order: a contract's turns are one to three stretches apart, and no two days are alike. Slots alternate between
 * up and down, and so does each contract. Everything follows from the time alone.
 */
export function createTurns(options: {
  symbols: readonly string[];
  stream: number;
  slotMs: number;
  /** A contract's next move begins no sooner than this after its last. */
  leastMs: number;
}) {
  const { symbols, stream, leastMs } = options;
  const order = shuffled(stream, symbols);
  // Even, so that a slot's number determines up or down; leftover contracts do not move.
  const size = Math.max(2, 2 * Math.floor(symbols.length / 4));
  const teams = [order.slice(0, size), order.slice(size, 2 * size)];
  const places = new Map(teams.flatMap((team, of) => team.map((symbol, index) => [symbol, { of, index }])));
  // With few contracts the slots grow: between the last of a stretch and the first of the team's next lies one stretch.
  const slotMs = Math.max(options.slotMs, Math.ceil(leastMs / size));
  const stretchMs = size * slotMs;

  function turnIn(stretch: number, symbol: string, index: number): Turn {
    const first = stretch * size;
    const own = drawAt(stream, first + index);
    let place = 0;
    // Among those that move the same way. Never a tie: no two numbers of one stream are equal.
    for (let other = index % 2; other < size; other += 2) {
      if (drawAt(stream, first + other) < own) place += 1;
    }
    const isDown = (index + Math.floor(stretch / 2)) % 2;
    const slot = first + 2 * place + isDown;
    return { symbol, slot, startAt: slot * slotMs, until: (stretch + 4) * stretchMs };
  }

  return {
    slotMs,
    /** The contract's turns in the last two stretches of its team; none for a contract that has no turns. */
    lastTurnsOf(symbol: string, at: number): readonly Turn[] {
      const place = places.get(symbol);
      if (!place) return [];
      const now = Math.floor(at / stretchMs);
      const last = now % 2 === place.of ? now : now - 1;
      return [last - 2, last].map((stretch) => turnIn(stretch, symbol, place.index));
    },
    /** Turns whose slots lie wholly or partly in [from, to). */
    turnsBetween(from: number, to: number): Turn[] {
      const turns: Turn[] = [];
      for (let stretch = Math.floor(from / stretchMs); stretch * stretchMs < to; stretch += 1) {
        const team = teams[stretch % 2]!;
        for (const [index, symbol] of team.entries()) turns.push(turnIn(stretch, symbol, index));
      }
      return turns.filter((it) => it.startAt + slotMs > from && it.startAt < to);
    },
  };
}
