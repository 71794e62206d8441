import type { HeldRow } from '../../client/sync.types.ts';
import { changeIn, type Window } from '../../openInterest/board/windows.shared.ts';
import { columnValue, ratioOf } from './columnValue.ts';
import { capShareOf } from './marketCap.ts';
import type { ChangeUnit } from './columns.ts';

export type BoundContext = { readonly now: number; readonly window: Window; readonly unit: ChangeUnit };

/** `param`: its name in the address. `valueOf`: what is compared; without a value a row passes no bound. */
type Bound = {
  readonly param: string;
  readonly isMost?: true;
  readonly valueOf: (row: HeldRow, context: BoundContext) => number | null;
};

const sizeOf = (value: number | null, unit: number): number | null => value && Math.abs(value) / unit;

/** The filters that are one number: the least value that passes, or the most. */
export const BOUNDS = {
  /** USD */
  minUsd: { param: 'minusd', valueOf: (row) => row.openInterestUsd },
  /** USD */
  minVolume: { param: 'minvol', valueOf: (row) => row.volume24h },
  /** Percent of the chosen window, up or down. */
  minChange: { param: 'minchg', valueOf: (row, context) => sizeOf(openInterestChange(row, context), 100) },
  /** Percent of the chosen window, up or down. */
  minPrice: { param: 'minprice', valueOf: (row, { window }) => sizeOf(changeIn(row, 'p', window), 100) },
  /** Deviations, up or down. */
  minUnusual: { param: 'minz', valueOf: (row, { unit }) => sizeOf(columnValue(row, 'unusual', unit), 1) },
  /** Percent in 8 hours, paid or received. */
  minFunding: { param: 'minfund', valueOf: (row, { unit }) => sizeOf(columnValue(row, 'fund8', unit), 0.01) },
  /** Times the 24 h volume. */
  minRatio: { param: 'minov', valueOf: ratioOf },
  /** Of market cap, percent. */
  minCap: { param: 'mincap', valueOf: (row) => sizeOf(capShareOf(row), 0.01) },
  /** Seconds. */
  maxAge: { param: 'maxage', isMost: true, valueOf: (row, { now }) => Math.max(0, now - row.ts) / 1_000 },
} satisfies Readonly<Record<string, Bound>>;

export type BoundKey = keyof typeof BOUNDS;
export type Bounds = Readonly<Record<BoundKey, number | null>>;

export const BOUND_KEYS = Object.keys(BOUNDS) as BoundKey[];

/** Each bound as `valueOfKey` returns it. */
export function boundsOf(valueOfKey: (key: BoundKey) => number | null): Bounds {
  return Object.fromEntries(BOUND_KEYS.map((key) => [key, valueOfKey(key)])) as Bounds;
}

export const NO_BOUNDS: Bounds = boundsOf(() => null);

/** Basis points of the chosen window and unit. */
export function openInterestChange(row: HeldRow, { window, unit }: BoundContext): number | null {
  return changeIn(row, unit === 'usd' ? 'dUsd' : 'd', window);
}

/** Whether a row passes every bound that is set. */
export function isWithin(row: HeldRow | null, bounds: Bounds, context: BoundContext): boolean {
  return BOUND_KEYS.every((key) => {
    const limit = bounds[key];
    if (limit === null) return true;
    const { valueOf, isMost }: Bound = BOUNDS[key];
    const value = row && valueOf(row, context);
    return value !== null && (isMost ? value <= limit : value >= limit);
  });
}
