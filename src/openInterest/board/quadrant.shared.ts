/** What price and open interest together suggest. It is an inference, not order flow. */
export const QUADRANTS = ['new_longs', 'new_shorts', 'shorts_closing', 'longs_closing', 'mixed'] as const;
export type Quadrant = (typeof QUADRANTS)[number];

/** Below these, in basis points, short windows show noise. */
const OI_DEAD_BAND = 50;
const PRICE_DEAD_BAND = 20;

/** From the change of contracts and of the price over one window, in basis points. */
export function quadrantOfChanges(oi: number, price: number): Quadrant {
  if (Math.abs(oi) < OI_DEAD_BAND || Math.abs(price) < PRICE_DEAD_BAND) return 'mixed';
  if (oi > 0) return price > 0 ? 'new_longs' : 'new_shorts';
  return price > 0 ? 'shorts_closing' : 'longs_closing';
}
