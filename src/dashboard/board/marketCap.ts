import { formatPercent, UNKNOWN } from '../../kit/format.shared.ts';
import type { HeldRow } from '../../client/sync.types.ts';

/**
 * Open interest over market cap, a fraction: both at the same price, so contracts over the supply in contracts. `null`: the
 * supply is unknown, or there is no price at which either would have a value.
 */
export function capShareOf({ openInterest, openInterestUsd, supply }: HeldRow): number | null {
  return openInterestUsd === null || !supply ? null : openInterest / supply;
}

/** `2.31%` */
export function formatCapShare(share: number | null): string {
  return share === null ? UNKNOWN : formatPercent(share * 100);
}
