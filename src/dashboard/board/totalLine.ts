/** Sums as the bytes of a sparkline, and the change from the first to the last, in basis points. `null`: fewer than two. */
export function asSpark(
  sums: readonly (number | null)[],
): { readonly bytes: readonly number[]; readonly change: number | null } | null {
  const known = sums.filter((it) => it !== null);
  if (known.length < 2) return null;
  const low = Math.min(...known);
  const span = Math.max(...known) - low;
  const bytes = sums.map((it) => {
    if (it === null) return 0;
    return span === 0 ? 128 : 1 + Math.round(((it - low) / span) * 254);
  });
  const [first, last] = [known[0]!, known.at(-1)!];
  return { bytes, change: first > 0 ? (last / first - 1) * 10_000 : null };
}
