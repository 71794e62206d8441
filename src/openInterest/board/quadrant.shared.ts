import { HOUR_MS } from '../../kit/clock.ts';

/** What price and open interest together suggest. It is an inference, not order flow. */
export const QUADRANTS = [
  'new_longs',
  'new_shorts',
  'building',
  'shorts_closing',
  'longs_closing',
  'unwinding',
  'mixed',
] as const;
export type Quadrant = (typeof QUADRANTS)[number];

/** Below these, in basis points of an hour, a change is noise. */
const OI_DEAD_BAND = 50;
const PRICE_DEAD_BAND = 20;

/**
 * From the change of contracts and of the price over one window, in basis points. Noise grows with the square root of the
 * time, and the dead bands with it: 14 and 6 in 5 minutes, 245 and 98 in a day.
 */
export function quadrantOfChanges(changes: {
  oi: number;
  price: number;
  windowMs: number;
  /** The symbol's own dead bands over the window, where they are known. */
  bands?: { oi: number; price: number };
}): Quadrant {
  const { oi, price, windowMs } = changes;
  const scale = Math.sqrt(windowMs / HOUR_MS);
  const bands = changes.bands ?? { oi: OI_DEAD_BAND * scale, price: PRICE_DEAD_BAND * scale };
  if (Math.abs(oi) < bands.oi) return 'mixed';
  if (Math.abs(price) < bands.price) return oi > 0 ? 'building' : 'unwinding';
  if (oi > 0) return price > 0 ? 'new_longs' : 'new_shorts';
  return price > 0 ? 'shorts_closing' : 'longs_closing';
}
