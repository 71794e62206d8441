import type { LineValues } from './spark.ts';

/** Sums as the points of a sparkline, and the change from the first to the last, in basis points. `null`: fewer than two. */
export function asSpark(
  sums: LineValues,
): { readonly points: LineValues; readonly change: number | null } | null {
  const known = sums.filter((it) => it !== null);
  if (known.length < 2) return null;
  const low = Math.min(...known);
  const span = Math.max(...known) - low;
  const points = sums.map((it) => {
    if (it === null) return null;
    return span === 0 ? 128 : 1 + Math.round(((it - low) / span) * 254);
  });
  const [first, last] = [known[0]!, known.at(-1)!];
  return { points, change: first > 0 ? (last / first - 1) * 10_000 : null };
}
