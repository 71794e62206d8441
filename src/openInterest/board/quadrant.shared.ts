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

/** From the change of contracts and of the price over one window; `bands`: below these a change is noise. All in basis points. */
export function quadrantOfChanges({
  oi,
  price,
  bands,
}: {
  oi: number;
  price: number;
  bands: { oi: number; price: number };
}): Quadrant {
  if (Math.abs(oi) < bands.oi) return 'mixed';
  if (Math.abs(price) < bands.price) return oi > 0 ? 'building' : 'unwinding';
  if (oi > 0) return price > 0 ? 'new_longs' : 'new_shorts';
  return price > 0 ? 'shorts_closing' : 'longs_closing';
}
