import type { HeldRow } from '../../client/sync.types.ts';

const HOUR_MS = 3_600_000;
export const HOURS_A_YEAR = 365 * 24;

/** The funding rate of so many hours, a fraction. `null`: the rate or the symbol's own interval is unknown. */
export function fundingIn(row: Pick<HeldRow, 'fundingRate' | 'fundingHours'>, hours: number): number | null {
  const { fundingRate, fundingHours } = row;
  return fundingRate === null || !fundingHours ? null : (fundingRate * hours) / fundingHours;
}

/** When a symbol pays next, epoch ms: its intervals begin at midnight UTC. */
export function nextFundingAt(now: number, fundingHours: number): number {
  const intervalMs = fundingHours * HOUR_MS;
  return (Math.floor(now / intervalMs) + 1) * intervalMs;
}
