import { z } from 'zod';

/** Open interest of the market in the last 24 hours, by half hours. */
export const DayTotal = z.object({
  /** Start of the first half hour, epoch ms. */
  from: z.number(),
  everySec: z.number(),
  /** Symbols that the sums are of: those with a value in every half hour that has a sum. */
  symbols: z.number(),
  /** The last value of each half hour in USD; `null`: too little is known of it. */
  usd: z.array(z.number().nullable()),
});
export type DayTotal = z.infer<typeof DayTotal>;
