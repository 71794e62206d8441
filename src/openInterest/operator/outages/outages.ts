import { DAY_MS, SECOND_MS } from '../../../kit/clock.ts';
import type { GapView } from '../debug/debug.types.ts';

export type SilentSymbol = {
  symbol: string;
  /** Its last sample, or when it was first expected. */
  since: number;
};

/** Why symbols are silent. A cause of a higher rank is more specific and replaces one of a lower rank. */
export type Cause = { rank: number; text: string };

export type Explain = (outage: { from: number; symbols: ReadonlySet<string> }) => Cause | null;

type Outage = {
  from: number;
  /** `null`: it continues. */
  to: number | null;
  symbols: number;
  examples: string[];
  silent: Set<string>;
  cause: Cause | null;
};

const KEPT_MS = DAY_MS;
const KEPT_OUTAGES = 200;
/** A sweep takes up to half a minute, so symbols whose last samples are this close fell silent together. */
const TOGETHER_MS = 45 * SECOND_MS;
const EXAMPLES = 5;

/**
 * The times in which symbols of the universe were not live. Symbols that fall silent together are one outage, because they
 * have one cause. Kept in memory for a day; a restart begins with an empty list.
 */
export function createOutages() {
  /** Oldest first. A symbol is in at most one open outage, so the universe bounds their size. */
  const outages: Outage[] = [];

  return {
    /** Takes the symbols that are silent now; the others are live, or no longer expected. Called every few seconds. */
    observe(silent: readonly SilentSymbol[], now: number, explain: Explain): void {
      const sinceBySymbol = new Map(silent.map((it) => [it.symbol, it.since]));
      const open = outages.filter((it) => it.to === null);
      for (const outage of open) closeReturned(outage, sinceBySymbol, now);
      const known = new Set(open.flatMap((it) => [...it.silent]));
      for (const it of silent) if (!known.has(it.symbol)) join(outages, it);
      for (const outage of outages) {
        if (outage.to !== null) continue;
        const cause = explain({ from: outage.from, symbols: outage.silent });
        if (cause && cause.rank > (outage.cause?.rank ?? -1)) outage.cause = cause;
      }
      forgetOld(outages, now);
    },

    /** Of the last 24 h: those that continue first, then newest first. */
    list: (now: number): GapView[] =>
      outages
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

export type Outages = ReturnType<typeof createOutages>;

function closeReturned(outage: Outage, silent: ReadonlyMap<string, number>, now: number): void {
  for (const symbol of outage.silent) if (!silent.has(symbol)) outage.silent.delete(symbol);
  if (outage.silent.size === 0) outage.to = now;
}

function join(outages: Outage[], { symbol, since }: SilentSymbol): void {
  const open = outages.find((it) => it.to === null && Math.abs(it.from - since) <= TOGETHER_MS);
  const outage = open ?? { from: since, to: null, symbols: 0, examples: [], silent: new Set(), cause: null };
  if (!open) outages.push(outage);
  outage.from = Math.min(outage.from, since);
  outage.symbols += 1;
  outage.silent.add(symbol);
  if (outage.examples.length < EXAMPLES) outage.examples.push(symbol);
}

function forgetOld(outages: Outage[], now: number): void {
  for (let i = outages.length - 1; i >= 0; i -= 1) {
    const { to } = outages[i]!;
    if (to !== null && to < now - KEPT_MS) outages.splice(i, 1);
  }
  while (outages.length > KEPT_OUTAGES) {
    const firstClosed = outages.findIndex((it) => it.to !== null);
    outages.splice(Math.max(0, firstClosed), 1);
  }
}
