import type { Direction } from '../../openInterest/openInterest.types.ts';

/**
 * A change must be worth this much to count; 0 is no floor. One in USD means the same for every symbol. One in contracts
 * means hundreds of millions for one and a few dollars for another, so it only stands in where the other cannot judge.
 */
export type AlertFloor = { minDeltaUsd: number; minDeltaContracts: number };

/** What is remembered of one symbol, timeframe and direction. */
type DirectionState = {
  /** It has fired and has not fallen back since. */
  isFired: boolean;
  /** The exchange's time of the reading that fired last. */
  firedAt: number | null;
};

export type AlertState = Readonly<Record<Direction, DirectionState>>;

export const QUIET: AlertState = {
  UP: { isFired: false, firedAt: null },
  DOWN: { isFired: false, firedAt: null },
};
