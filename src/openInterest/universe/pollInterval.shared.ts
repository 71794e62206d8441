/**
 * Seconds between two polls of one symbol when `symbols` of them share a budget of requests a minute evenly. The interval
 * is not rounded, so it never spends more than the budget; the budget also wins over `maxSec`, because an exchange bans
 * an address that exceeds it.
 */
export function computePollIntervalSec(
  symbols: number,
  budget: { requestsPerMin: number; minSec: number; maxSec: number },
): number {
  if (symbols <= 0) return budget.maxSec;
  const neededSec = (60 * symbols) / budget.requestsPerMin;
  return Math.max(budget.minSec, neededSec);
}
