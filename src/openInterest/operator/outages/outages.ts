import type { GapView } from '../debug/debug.types.ts';

/**
 * The journal of silence: the times in which symbols of the universe were not live. Symbols that fell silent together are
 * one gap, because they have one cause. It is kept in memory for a day; a node that starts begins with an empty one.
 */
export type Silences = {
  /** Who is silent now. Looked at every few seconds; a symbol that is not named is live, or no longer expected. */
  look(silent: readonly SilentSymbol[], now: number, explain: Explain): void;
  /** Of the last 24 h; what goes on first, then newest first. */
  list(now: number): GapView[];
};

export type SilentSymbol = {
  symbol: string;
  /** Its last sample, or when it was first expected. */
  since: number;
};

export type Explain = (gap: { from: number; symbols: ReadonlySet<string> }) => Cause | null;

/** Why symbols are silent. A cause of a higher rank says more and replaces one of a lower rank. */
export type Cause = { rank: number; text: string };

type Gap = {
  from: number;
  to: number | null;
  symbols: number;
  examples: string[];
  silent: Set<string>;
  cause: Cause | null;
};

const KEPT_MS = 24 * 3_600_000;
const KEPT_GAPS = 200;
/** A sweep takes up to half a minute, so symbols whose last samples lie this close together were lost together. */
const TOGETHER_MS = 45_000;
const EXAMPLES = 5;

export function createSilences(): Silences {
  /** Oldest first. A symbol is in at most one open gap, so what they hold is bounded by the universe. */
  const gaps: Gap[] = [];

  return {
    look(silent, now, explain) {
      const sinceBySymbol = new Map(silent.map((it) => [it.symbol, it.since]));
      const open = gaps.filter((it) => it.to === null);
      for (const gap of open) closeReturned(gap, sinceBySymbol, now);
      const known = new Set(open.flatMap((it) => [...it.silent]));
      for (const it of silent) if (!known.has(it.symbol)) join(gaps, it);
      for (const gap of gaps) {
        if (gap.to !== null) continue;
        const cause = explain({ from: gap.from, symbols: gap.silent });
        if (cause && cause.rank > (gap.cause?.rank ?? -1)) gap.cause = cause;
      }
      forgetOld(gaps, now);
    },

    list: (now) =>
      gaps
        .filter((it) => it.to === null || it.to >= now - KEPT_MS)
        .toSorted((a, b) => Number(a.to !== null) - Number(b.to !== null) || b.from - a.from)
        .map(({ from, to, symbols, examples, silent, cause }) => ({
          from,
          to,
          symbols,
          silent: silent.size,
          examples: [...examples],
          why: cause?.text ?? null,
        })),
  };
}

function closeReturned(gap: Gap, silent: ReadonlyMap<string, number>, now: number): void {
  for (const symbol of gap.silent) if (!silent.has(symbol)) gap.silent.delete(symbol);
  if (gap.silent.size === 0) gap.to = now;
}

function join(gaps: Gap[], { symbol, since }: SilentSymbol): void {
  const open = gaps.find((it) => it.to === null && Math.abs(it.from - since) <= TOGETHER_MS);
  const gap = open ?? { from: since, to: null, symbols: 0, examples: [], silent: new Set(), cause: null };
  if (!open) gaps.push(gap);
  gap.from = Math.min(gap.from, since);
  gap.symbols += 1;
  gap.silent.add(symbol);
  if (gap.examples.length < EXAMPLES) gap.examples.push(symbol);
}

function forgetOld(gaps: Gap[], now: number): void {
  for (let i = gaps.length - 1; i >= 0; i -= 1) {
    const { to } = gaps[i]!;
    if (to !== null && to < now - KEPT_MS) gaps.splice(i, 1);
  }
  while (gaps.length > KEPT_GAPS) {
    const firstClosed = gaps.findIndex((it) => it.to !== null);
    gaps.splice(Math.max(0, firstClosed), 1);
  }
}
